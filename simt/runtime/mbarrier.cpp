// An mbarrier's 64 bits: pending arrivals (20), expected arrivals (20), bytes due + 2^20 (22), parity (1),
// and a top bit that is 0, which tells it from poisoned memory.
#include <string>

#include "async.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"

namespace simt {
namespace {

constexpr std::uint64_t count_mask = 0xFFFFF, bytes_mask = 0x3FFFFF;
constexpr std::int64_t bytes_bias = 1 << 20;

struct Mbarrier {
  std::uint64_t pending, expected;
  std::int64_t bytes;
  bool parity;

  explicit Mbarrier(std::uint64_t word)
      : pending(word & count_mask),
        expected(word >> 20 & count_mask),
        bytes(std::int64_t(word >> 40 & bytes_mask) - bytes_bias),
        parity(word >> 62 & 1) {}
  std::uint64_t word() const {
    return pending | expected << 20 | std::uint64_t(bytes + bytes_bias) << 40 | std::uint64_t(parity) << 62;
  }
};

std::uint64_t& word_at(const ResidentBlock& block, unsigned address, Site site) {
  require(address % 8 == 0, "an mbarrier is misaligned", site);
  if (address + 8 > shared_window) fail(cudaErrorIllegalAddress, "an mbarrier is not in shared memory", site);
  return *reinterpret_cast<std::uint64_t*>(block.shared_base + address);
}

std::uint64_t& valid_word_at(const ResidentBlock& block, unsigned address, Site site) {
  std::uint64_t& word = word_at(block, address, site);
  if (word >> 63)
    fail(cudaErrorLaunchFailure, "an mbarrier is used before its mbarrier.init, or after its inval", site);
  return word;
}

/// Stores the new state; a complete phase begins the next one and wakes its waiters.
void update(ResidentBlock& block, unsigned address, Mbarrier state) {
  bool complete = state.pending == 0 && state.bytes == 0;
  if (complete) {
    state.parity = !state.parity;
    state.pending = state.expected;
  }
  *reinterpret_cast<std::uint64_t*>(block.shared_base + address) = state.word();
  if (!complete) return;
  ThreadSet& waiting = async_of(block).waiting;
  for (unsigned w = 0; w < waiting.words.size(); ++w)
    for (std::uint64_t bits = waiting.words[w]; bits; bits &= bits - 1) {
      unsigned thread = w * 64 + unsigned(__builtin_ctzll(bits));
      if (block.threads[thread].mbarrier != address) continue;
      waiting.remove(thread);
      block.ready.add(thread);
    }
}

ResidentBlock& own_block(Site site) { return about_to_park(current, "mbarrier", site); }

/// Of an operation of the running thread, which must come after the mbarrier's init.
std::uint64_t& used_word_at(const ResidentBlock& block, unsigned address, Site site) {
  std::uint64_t& word = valid_word_at(block, address, site);
  if (observer) observer->mbarrier_used(&word, site);
  return word;
}

}  // namespace

void mbarrier_init(unsigned address, unsigned count, Site site) {
  if (count == 0 || count > count_mask)
    fail(cudaErrorLaunchFailure, "mbarrier.init: the count must be in 1..2^20-1", site);
  Mbarrier state(0);
  state.pending = state.expected = count;
  state.bytes = 0;
  ResidentBlock& block = own_block(site);
  std::uint64_t& word = word_at(block, address, site);
  if (observer) {
    observer->mbarrier_initialised(&word, sizeof word, site);
    const unsigned self = current->linear;
    const auto [known, fresh] = async_of(block).mbarriers.try_emplace(address, self, false);
    if (!fresh && known->second.thread != self)
      observer->defect("async", "mbarrier.init of an mbarrier that another thread has initialised",
                       "one thread initialises it for all, or mbarrier.inval is missing", site);
    known->second = {self, false};
  }
  word = state.word();
}

void mbarrier_invalidate(unsigned address, Site site) {
  ResidentBlock& block = own_block(site);
  valid_word_at(block, address, site) = ~std::uint64_t{0};
  async_of(block).mbarriers.erase(address);
}

void mbarrier_expect_bytes(unsigned address, unsigned bytes, Site site) {
  ResidentBlock& block = own_block(site);
  Mbarrier state(used_word_at(block, address, site));
  state.bytes += bytes;
  if (state.bytes >= bytes_bias)
    fail(cudaErrorLaunchFailure, "mbarrier: more than 2^20-1 bytes are due", site);
  update(block, address, state);
}

void mbarrier_complete_bytes(ResidentBlock& block, unsigned address, unsigned bytes, Site site) {
  Mbarrier state(valid_word_at(block, address, site));
  state.bytes -= bytes;
  if (state.bytes <= -bytes_bias)
    fail(cudaErrorLaunchFailure, "mbarrier: copies brought more bytes than were ever expected", site);
  update(block, address, state);
}

void mbarrier_complete_bytes(unsigned address, unsigned bytes, Site site) {
  mbarrier_complete_bytes(own_block(site), address, bytes, site);
}

std::uint64_t mbarrier_arrive(ResidentBlock& block, unsigned address, unsigned count, Site site, bool drop) {
  std::uint64_t before = valid_word_at(block, address, site);
  Mbarrier state(before);
  if (count == 0 || count > state.pending)
    fail(cudaErrorLaunchFailure, "mbarrier: more arrivals in a phase than its count", site);
  state.pending -= count;
  if (drop) state.expected -= count;
  update(block, address, state);
  return before;
}

std::uint64_t mbarrier_arrive(unsigned address, unsigned count, Site site, bool drop) {
  ResidentBlock& block = own_block(site);
  used_word_at(block, address, site);
  if (observer) observer->released(block.shared_base + address);
  return mbarrier_arrive(block, address, count, site, drop);
}

void mbarrier_promise_arrival(unsigned address, bool counted, Site site) {
  std::uint64_t& word = used_word_at(resident(*current), address, site);
  if (!counted) ++word;  // one more is due in this phase
}

void mbarrier_keep_open(unsigned address, unsigned count, Site site) {
  const Mbarrier state(valid_word_at(own_block(site), address, site));
  if (count >= state.pending && state.bytes == 0)
    fail(cudaErrorLaunchFailure, "mbarrier.arrive.noComplete completes the mbarrier's phase", site);
}

bool mbarrier_wait(unsigned address, unsigned parity, bool patient, Site site) {
  ResidentBlock& block = own_block(site);
  Thread* self = current;
  if (parity > 1 && observer)
    observer->defect("async", "an mbarrier's phase has parity 0 or 1, and no other",
                     "the number of a round where its parity is meant, or the round before the first", site);
  if (Mbarrier(used_word_at(block, address, site)).parity == (parity & 1)) {  // that phase is not complete
    if (!patient) {
      yield();
      return false;
    }
    if (!self->failed_spuriously) {  // a program that does not ask again is wrong; nothing lands for this
                                     // alone
      self->failed_spuriously = true;
      block.worker->park(self, false);
      return false;
    }
    self->mbarrier = address;
    async_of(block).waiting.add(self->linear);
    block.ready.remove(self->linear);
    park_at(block, self, Wait::mbarrier, "mbarrier.try_wait", site);
  }
  self->failed_spuriously = false;
  if (observer) observer->acquired(block.shared_base + address);
  return true;
}

std::string describe_mbarrier(const ResidentBlock& block, unsigned address) {
  Mbarrier state(*reinterpret_cast<const std::uint64_t*>(block.shared_base + address));
  return std::to_string(state.pending) + " of " + std::to_string(state.expected) + " arrivals and " +
         std::to_string(state.bytes) + " bytes are still due in its phase of parity " +
         std::to_string(state.parity);
}

}  // namespace simt
