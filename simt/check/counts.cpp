#include "counts.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace simt::checking {
namespace {

constexpr unsigned sector = 32;  // bytes
constexpr unsigned banks = 32;   // of 4 bytes

// The lanes' 4-byte words, each once, ascending.
struct Words {
  std::array<std::uintptr_t, lanes_per_warp * 4> word;
  unsigned count = 0;

  Words(const std::uintptr_t* addresses, unsigned lanes, unsigned bytes) {
    for (unsigned lane = 0; lane < lanes; ++lane)
      for (std::uintptr_t w = addresses[lane] / 4; w <= (addresses[lane] + bytes - 1) / 4; ++w)
        if (count < word.size()) word[count++] = w;
    if (!std::is_sorted(word.begin(), word.begin() + count)) std::sort(word.begin(), word.begin() + count);
    count = static_cast<unsigned>(std::unique(word.begin(), word.begin() + count) - word.begin());
  }
  unsigned sectors() const {
    unsigned n = 0;
    for (unsigned i = 0; i < count; ++i) n += i == 0 || word[i] / (sector / 4) != word[i - 1] / (sector / 4);
    return n;
  }
  // A bank delivers one word at a time, to any number of lanes.
  unsigned wavefronts() const {
    std::array<unsigned, banks> words_of{};
    for (unsigned i = 0; i < count; ++i) ++words_of[word[i] % banks];
    return *std::max_element(words_of.begin(), words_of.end());
  }
};

}  // namespace

bool counting = false;

void Log::keep(unsigned thread) { threads_[thread].push_back(latest_[thread]); }

void Log::flush(unsigned size) {
  std::fill_n(latest_.begin(), size, LoggedAccess{});
  if (!counting) return;
  for (unsigned first = 0; first < size; first += lanes_per_warp) {
    count_warp(&threads_[first], std::min(lanes_per_warp, size - first));
    for (auto& [code, flight] : flights) flight.interval += std::exchange(flight.warp, 0);
  }
  std::uint64_t all = 0;
  for (auto& [code, flight] : flights) {
    const std::uint64_t interval = std::exchange(flight.interval, 0);
    if (flight.landing) continue;  // its loads are the copies
    flight.most = std::max(flight.most, interval);
    all += interval;
  }
  in_flight_ = std::max(in_flight_, all);
  for (unsigned thread = 0; thread < size; ++thread) threads_[thread].clear();
}

void Log::lands(std::size_t at, std::size_t bytes, Code code) {
  if (!counting) return;
  landed_.resize(shared_window / 4);
  for (std::size_t word = at / 4; word < (at + bytes + 3) / 4; ++word)
    if (!landed_[word]) landed_[word] = true, flights[code].landing += 4;
}

void Log::block_ends() {
  std::uint64_t landing = 0;
  for (auto& [code, flight] : flights) {
    flight.most = std::max(flight.most, flight.landing);
    landing += std::exchange(flight.landing, 0);
  }
  if (landing) landed_.assign(landed_.size(), false);
  other.bytes_in_flight = std::max(other.bytes_in_flight, landing + std::exchange(in_flight_, 0));
}

void Log::discard() {
  std::fill(latest_.begin(), latest_.end(), LoggedAccess{});
  for (auto& log : threads_) log.clear();
  block_ends();
}

// As long as the lanes that have something left do the same, position by position, that is one request each:
// the same grouping as by (instruction, how often the lane executed it), without the search.
void Log::count_warp(const std::vector<LoggedAccess>* lanes, unsigned count) {
  std::size_t longest = 0;
  unsigned leader = 0;
  for (unsigned lane = 0; lane < count; ++lane)
    if (lanes[lane].size() > longest) longest = lanes[lane].size(), leader = lane;
  std::array<std::uintptr_t, lanes_per_warp> addresses;
  for (std::size_t i = 0; i < longest; ++i) {
    const LoggedAccess& first = lanes[leader][i];
    unsigned active = 0;
    bool same = true;
    for (unsigned lane = 0; lane < count; ++lane) {
      if (i >= lanes[lane].size()) continue;
      const LoggedAccess& a = lanes[lane][i];
      same = same && a.code == first.code && a.bytes == first.bytes && a.action == first.action &&
             a.shared == first.shared;
      addresses[active++] = a.address;
    }
    if (!same) return count_divergent(lanes, count, i);
    count_request(first, addresses.data(), active, count);
  }
}

void Log::count_divergent(const std::vector<LoggedAccess>* lanes, unsigned count, std::size_t from) {
  struct Item {
    Code code;
    std::uint32_t occurrence;
    std::uint8_t bytes;
    Action action;
    bool shared;
    std::uint8_t lane;
    std::uintptr_t address;
    auto group() const { return std::tuple(code, occurrence, bytes, action, shared); }
  };
  std::vector<Item> items;
  std::unordered_map<Code, std::uint32_t> occurrences;
  for (unsigned lane = 0; lane < count; ++lane) {
    occurrences.clear();
    for (std::size_t i = from; i < lanes[lane].size(); ++i) {
      const LoggedAccess& a = lanes[lane][i];
      items.push_back({a.code, occurrences[a.code]++, a.bytes, a.action, a.shared,
                       static_cast<std::uint8_t>(lane), a.address});
    }
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::tuple_cat(a.group(), std::tuple(a.lane)) < std::tuple_cat(b.group(), std::tuple(b.lane));
  });
  std::array<std::uintptr_t, lanes_per_warp> addresses;
  for (std::size_t i = 0; i < items.size();) {
    const Item& first = items[i];
    unsigned active = 0;
    for (; i < items.size() && items[i].group() == first.group(); ++i) addresses[active++] = items[i].address;
    count_request({first.address, first.code, first.bytes, first.action, first.shared}, addresses.data(),
                  active, count);
  }
}

void Log::count_request(const LoggedAccess& first, const std::uintptr_t* addresses, unsigned count,
                        unsigned lanes) {
  Counts& c = lines[first.code];
  if (first.action == Action::atomic) {
    std::array<std::uintptr_t, lanes_per_warp> sorted;
    std::copy_n(addresses, count, sorted.begin());
    std::sort(sorted.begin(), sorted.begin() + count);
    unsigned turns = 0, run = 0;
    for (unsigned i = 0; i < count; ++i) {
      run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
      turns = std::max(turns, run);
      if (!first.shared) ++atomics_at[sorted[i]];
    }
    c.atomics += count;
    ++c.atomic_requests;
    c.atomic_turns += turns;
    return;
  }
  c.divergent_requests += count < lanes;
  const bool load = first.action == Action::load;
  const std::uint64_t bytes = std::uint64_t{first.bytes} * count;
  if (first.shared) {
    // 64-bit accesses go by half warps, 128-bit ones by quarters.
    const unsigned step = first.bytes <= 4 ? lanes_per_warp : lanes_per_warp * 4 / first.bytes;
    unsigned wavefronts = 0, ideal = 0;
    for (unsigned i = 0; i < count; i += step) {
      const Words words(addresses + i, std::min(step, count - i), first.bytes);
      wavefronts += words.wavefronts();
      ideal += (words.count + banks - 1) / banks;
    }
    (load ? c.shared_load_requests : c.shared_store_requests) += 1;
    (load ? c.shared_load_wavefronts : c.shared_store_wavefronts) += wavefronts;
    (load ? c.shared_load_ideal_wavefronts : c.shared_store_ideal_wavefronts) += ideal;
    c.shared_bytes += bytes;
  } else {
    const Words words(addresses, count, first.bytes);
    const unsigned ideal = first.bytes < 4 ? static_cast<unsigned>((bytes + sector - 1) / sector)
                                           : (words.count * 4 + sector - 1) / sector;
    (load ? c.global_load_requests : c.global_store_requests) += 1;
    (load ? c.global_load_sectors : c.global_store_sectors) += words.sectors();
    (load ? c.global_load_ideal_sectors : c.global_store_ideal_sectors) += std::min(ideal, words.sectors());
    (load ? c.global_load_bytes : c.global_store_bytes) += bytes;
    if (load) {
      Flight& flight = flights[first.code];
      flight.warp = std::max(flight.warp, bytes);
    }
  }
}

Counts& operator+=(Counts& to, const Counts& from) {
  // Counts is nothing but 64-bit counters.
  static_assert(sizeof(Counts) % sizeof(std::uint64_t) == 0);
  auto a = std::bit_cast<std::array<std::uint64_t, sizeof(Counts) / 8>>(to);
  const auto b = std::bit_cast<std::array<std::uint64_t, sizeof(Counts) / 8>>(from);
  const std::uint64_t in_flight = std::max(to.bytes_in_flight, from.bytes_in_flight);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  to = std::bit_cast<Counts>(a);
  to.bytes_in_flight = in_flight;
  return to;
}

}  // namespace simt::checking
