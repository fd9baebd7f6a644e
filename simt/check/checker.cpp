// The observer that the executor talks to, and what it keeps between calls.
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>

#include "../runtime/memory.hpp"
#include "../runtime/state.hpp"
#include "access.hpp"
#include "block_state.hpp"
#include "copies.hpp"
#include "explain.hpp"
#include "faults.hpp"
#include "findings.hpp"
#include "guesses.hpp"
#include "outside.hpp"
#include "owners.hpp"
#include "simt/lasting.hpp"
#include "source.hpp"
#include "streams.hpp"

extern char _end;  // the linker's: the end of the program's data

namespace simt::checking {

namespace {

std::uint32_t launch_first_segment = 1;
bool launch_runs = false;

std::mutex mutex;  // guards the rest
[[gnu::init_priority(before_program)]] Lasting<std::map<std::uintptr_t, std::size_t>> all_allocations;
[[gnu::init_priority(before_program)]] Lasting<std::vector<LaunchCounts>> all_counts;
auto& allocations = all_allocations.object;
auto& counted = all_counts.object;

std::uintptr_t number(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

void open_shadows() {
  open_shadow(Space::device, device_region);
  open_shadow(Space::managed, managed_region);
  open_shadow(Space::shared, shared_region);
}

// Words of global memory that the launch touched: those whose last access is its own.
std::uint64_t distinct_bytes() {
  std::uint64_t words = 0;
  for (const auto& [begin, bytes] : allocations) {
    const Shadow* shadow = shadow_of(begin);
    if (!shadow) continue;
    for (std::uintptr_t page = begin & ~(Shadow::page - 1); page < begin + bytes; page += Shadow::page) {
      if (!shadow->touched_at(page)) continue;
      const std::uintptr_t from = std::max(page, begin), to = std::min(page + Shadow::page, begin + bytes);
      for_cells(*shadow, from, to - from, [&](Cell& cell, unsigned) {
        words += cell.writer.segment >= launch_first_segment || cell.reader.segment >= launch_first_segment ||
                 cell.touched;
        cell.touched = 0;
      });
      // Pages of neighbours are scanned for them too, so the mark stays until all are done.
    }
  }
  for (const auto& [begin, bytes] : allocations)
    if (const Shadow* shadow = shadow_of(begin))
      for (std::uintptr_t page = begin & ~(Shadow::page - 1); page < begin + bytes; page += Shadow::page)
        shadow->touched_at(page) = 0;
  return words * 4;
}

class Checker final : public Observer {
 public:
  void allocated(void* p, std::size_t bytes, Memory kind, Site) override {
    note_allocation(number(p), bytes, kind);
    if (kind == Memory::pinned) return;
    open_shadows();
    make_accessible(number(p), bytes, kind == Memory::managed);  // managed memory: the host writes it unseen
    std::lock_guard lock(mutex);
    allocations[number(p)] = bytes;
  }
  void freed(void* p, Site) override {
    note_release(number(p));
    std::lock_guard lock(mutex);
    const auto found = allocations.find(number(p));
    if (found == allocations.end()) return;
    make_inaccessible(found->first, found->second, true);
    allocations.erase(found);
  }

  void free_refused(const void* p) override { note_refused_release(number(p)); }

  void freed_in_stream(const void* p, std::size_t bytes) override {
    checking::freed_in_stream(number(p), bytes);
  }
  void made(const void* object, const char* what, const char* given_back_by) override {
    checking::note_made(object, what, given_back_by);
  }
  void given_back(const void* object) override { checking::note_given_back(object); }

  void runtime_reads(const void* p, std::size_t bytes, Site site) override {
    runtime_accesses(number(p), bytes, Action::load, site, launch_runs);
  }
  void runtime_writes(void* p, std::size_t bytes, Site site) override {
    runtime_accesses(number(p), bytes, Action::store, site, launch_runs);
  }

  void copy_refused(const void* p, std::size_t bytes, bool written) override {
    const Action action = written ? Action::store : Action::load;
    const Shadow* shadow = shadow_of(number(p));
    if (!shadow) return explain_past_pinned(action, number(p), bytes, calling_code());
    const Cell* outside = nullptr;
    for_cells(*shadow, number(p), bytes, [&](Cell& cell, unsigned mask) {
      if (!outside && (cell.accessible & mask) != mask) outside = &cell;
    });
    if (outside) explain_out_of_bounds(*outside, action, number(p), bytes, calling_code());
  }

  void operation_queued(Operation& op) override { checking::operation_queued(op); }
  void operation_begins(const Operation& op) override {
    learn_variables();
    checking::operation_begins(op);
  }
  void host_memory_in_flight(const void* p, std::size_t bytes, bool written) override {
    checking::host_memory_in_flight(number(p), bytes, written);
  }

  void launch_begins(const Launch& launch) override {
    name_operation(launch.site.kernel);
    open_shadows();
    host_heap.end = number(sbrk(0));
    order_segments();
    launch_first_segment = first_segment;
    launch_runs = true;
    hold_findings();
  }

  void launch_ends(const Launch& launch) override {
    launch_runs = false;
    for_block_states([](BlockState& state) {
      if (state.block) report_unwritten(state);  // it was left in the middle
      state.unwritten.clear();
      for (const auto& [file, line] : std::exchange(state.barriers, {}))
        note_barrier(place_of(to_code(Site{file, line})));
    });
    settle_findings();
    LaunchCounts result;
    result.kernel = launch.site.kernel;
    result.launched = {launch.site.file, launch.site.line};
    result.grid = {launch.config.grid.x, launch.config.grid.y, launch.config.grid.z};
    result.block = {launch.config.block.x, launch.config.block.y, launch.config.block.z};
    std::unordered_map<Code, Counts> by_code;
    std::unordered_map<std::uintptr_t, std::uint64_t> atomics_at;
    for_block_states([&](BlockState& state) {
      for (const auto& [code, counts] : state.log.lines) by_code[code] += counts;
      for (const auto& [code, flight] : state.log.flights)
        by_code[code].bytes_in_flight = std::max(by_code[code].bytes_in_flight, flight.most);
      for (const auto& [address, times] : state.log.atomics_at) atomics_at[address] += times;
      result.total += state.log.other;
      state.log.lines.clear();
      state.log.flights.clear();
      state.log.atomics_at.clear();
      state.log.other = {};
    });
    if (!counting) return;
    std::map<Place, Counts> by_line;
    const std::uint64_t in_flight = result.total.bytes_in_flight;
    for (const auto& [code, counts] : by_code) {
      Counts& line = by_line[place_of(code)];
      const std::uint64_t together = line.bytes_in_flight + counts.bytes_in_flight;
      result.total += counts;
      line += counts;
      line.bytes_in_flight = together;
    }
    result.total.bytes_in_flight = in_flight;
    for (const auto& [address, times] : atomics_at)
      result.total.atomics_at_one_address = std::max(result.total.atomics_at_one_address, times);
    for (const auto& [place, counts] : by_line) result.lines.push_back({place, counts});
    std::lock_guard lock(mutex);
    result.total.distinct_bytes = distinct_bytes();
    counted.push_back(std::move(result));
  }

  void block_begins(const Block& block) override {
    BlockState& state = state_of(block);
    const uint3 i = block.index;
    if (state.block) state.log.discard();  // the last block was abandoned
    state.block = &block;
    state.linear = i.x + gridDim.x * (i.y + gridDim.y * i.z);
    state.segment = next_segment(state.linear);
    state.acquired = false;
    state.epoch.fill(0);
    state.seen.reset();
    state.proxy_fences.reset();
    state.latest_proxy_fence = 0;
    state.objects.clear();
    state.fenced.clear();
    state.fences.fill(0);
    for (const auto& [begin, bytes] : state.placed) {
      make_inaccessible(begin, bytes, false);
      forget_shared(begin);
    }
    state.placed.clear();
  }
  void block_ends(const Block& block) override {
    report_guesses(state_of(block));
    report_unwritten(state_of(block));
    state_of(block).log.flush(block.size);
    state_of(block).log.block_ends();
    state_of(block).store.made();
    state_of(block).block = nullptr;
  }

  void shared_placed(const Block& block, const SharedSite* site, void* p, std::size_t bytes) override {
    state_of(block).placed.emplace_back(number(p), bytes);
    make_accessible(number(p), bytes, false);
    note_shared(number(p), bytes, site);
  }

  void barrier_opens(const Block& block, Site site) override {
    BlockState& state = state_of(block);
    report_guesses(state);
    report_unwritten(state);
    state.barriers.emplace(site.file, site.line);
    state.log.flush(block.size);
    ++state.log.other.barriers;
    state.fences.fill(0);
    state.segment = next_segment(state.linear);
  }

  void warp_meets(const Block& block, const char* operation) override {
    BlockState& state = state_of(block);
    const unsigned warp = current->warp(), first = warp * lanes_per_warp;
    ++state.epoch[warp];
    state.log.other.shuffles += std::string_view(operation) != "__syncwarp";
    if (!state.seen) return;
    WarpEpochs all = (*state.seen)[first];
    for (unsigned lane = 1; lane < lanes_per_warp; ++lane) merge(all, (*state.seen)[first + lane]);
    std::fill_n(state.seen->begin() + first, lanes_per_warp, all);
  }

  // What the thread's warp did before has an epoch below the one that begins here.
  void released(const void* object) override {
    if (!current) return;
    BlockState& state = state_of(*current->block);
    WarpEpochs& known = state.objects[object];
    if (state.seen) merge(known, (*state.seen)[current->linear]);
    known[current->warp()] = ++state.epoch[current->warp()];
  }
  void acquired(const void* object) override {
    if (current) acquire(state_of(*current->block), object);
  }
  void mbarrier_initialised(void* word, std::size_t bytes, Site site) override {
    checking::access_by_copy(number(word), bytes, Action::store, to_code(site), true);
  }
  void mbarrier_used(const void* word, Site site) override {
    checking::mbarrier_used(number(word), to_code(site));
  }
  void grid_barrier_opens(const Launch&) override {
    order_segments();
    for_block_states([](BlockState& state) {
      if (!state.block) return;
      report_unwritten(state);
      state.log.flush(state.block->size);
      state.segment = next_segment(state.linear);
    });
  }

  void proxy_fenced() override { checking::proxy_fenced(); }
  void copy_issued(void* to, const void* from, std::size_t bytes, std::size_t source_bytes, bool bulk,
                   Site site) override {
    checking::copy_issued(number(to), number(from), bytes, source_bytes, bulk, to_code(site));
  }
  void copy_landed(void* to, const void* from, std::size_t bytes, const Thread* owner) override {
    checking::copy_landed(number(to), number(from), bytes, owner);
  }
  void bulk_read_issued(const void* from, std::size_t bytes, Site site) override {
    checking::read_by_bulk_copy(number(from), bytes, to_code(site));
  }
  void bulk_write_issued(void* to, std::size_t bytes, bool atomically, Site site) override {
    checking::bulk_write_issued(number(to), bytes, atomically, to_code(site));
  }
  void bulk_write_landed(void* to, std::size_t bytes, bool atomically, Site site) override {
    checking::bulk_write_landed(number(to), bytes, atomically, to_code(site));
  }

  void defect(const char* kind, const char* message, const char* cause, Site site, Site other) override {
    Finding f;
    f.kind = kind;
    f.message = message;
    f.cause = cause;
    f.place = place_of(to_code(site));
    f.other = place_of(to_code(other));
    if (const Thread* thread = current) {
      const LoggedAccess* latest = state_of(*thread->block).log.latest(thread->linear);
      if (!site.line && latest) f.place = place_of(latest->code);
      f.kernel = thread->block->launch->site.kernel;
      f.block = {thread->block->index.x, thread->block->index.y, thread->block->index.z};
      f.thread = {thread->index.x, thread->index.y, thread->index.z};
    }
    found(std::move(f));
  }

  const char* kernel_name(const void* function) override { return function_name(function); }
  std::string where(const Thread& thread) override {
    const LoggedAccess* latest = state_of(*thread.block).log.latest(thread.linear);
    if (!latest) return "";
    const Place place = place_of(latest->code);
    const Lines loop = Source::of(place.file).loop_around(place.line, place.line);
    return text_of(place) + (loop.first && loop.first != place.line
                                 ? ", in the loop at line " + std::to_string(loop.first)
                                 : "");
  }
  std::string where(const void* instruction) override {
    const Place place = place_of(to_code(static_cast<const char*>(instruction) + 1));
    return place.line ? text_of(place) : "";
  }

  void fault(const char* message, const void* instruction) override { checking::fault(message, instruction); }
  void divided_by_zero(const void* instruction) override { checking::divided_by_zero(instruction); }
  void host_faulted(const char* message, const char* cause, const void* instruction) override {
    checking::host_faulted(message, cause, instruction);
  }

 private:
  // The variables that came into being since the last call.
  static void learn_variables() {
    static std::size_t known = 0;
    const auto& all = device_variables();
    if (known == all.size()) return;
    std::lock_guard lock(mutex);
    open_shadow(Space::variables, executable_data);
    const Shadow& shadow = shadows[static_cast<int>(Space::variables)];
    const std::vector<const DeviceVariable*> fresh(all.begin() + static_cast<std::ptrdiff_t>(known),
                                                   all.end());
    known = all.size();
    for (const DeviceVariable* v : fresh) {
      if (!executable_data.contains(v->address)) continue;  // read-only, or of a shared library
      make_accessible(number(v->address), v->bytes, true);
      const bool constant = v->space == std::string_view("constant");
      if (constant)
        for_cells(shadow, number(v->address), v->bytes, [](Cell& cell, unsigned) { cell.special = 1; });
      note_variable(*v);
      if (!constant) allocations[number(v->address)] = v->bytes;  // whose words count as traffic
    }
    // What lies right behind one and belongs to no object of the program is out of bounds.
    constexpr std::uintptr_t reach = 64;
    for (const DeviceVariable* v : fresh) {
      const std::uintptr_t end = (number(v->address) + v->bytes + 3) / 4 * 4;
      for (std::uintptr_t word = end; word < end + reach && shadow.contains(word); word += 4)
        if (Cell& cell = shadow.at(word); !cell.accessible && !in_object(word)) cell.special = 1;
    }
  }
};

}  // namespace

void start() {
  if (observer) return;
  counting = std::getenv("SIMT_COUNTS") != nullptr;
  find_executable();
  // All of the host's memory in one place, where a kernel's access to it is recognised.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  host_heap.begin = number(&_end) / 4096 * 4096;  // the heap begins some pages behind the program's data
  host_heap.begin += 4096;
  host_stack = stack_of_thread();
  observer = new Checker;
  catch_faults();
}

}  // namespace simt::checking

namespace simt {
void report_equal_stores(bool wanted) { checking::equal_stores_race = wanted; }
void count_launches(bool wanted) {
  std::lock_guard lock(checking::mutex);
  if (wanted && !checking::counting) checking::distinct_bytes();  // forgets what was touched until now
  checking::counting = wanted;
}
std::vector<LaunchCounts> take_counts() {
  std::lock_guard lock(checking::mutex);
  return std::exchange(checking::counted, {});
}
}  // namespace simt
