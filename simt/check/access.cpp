#include "access.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "../runtime/memory.hpp"
#include "block_state.hpp"
#include "explain.hpp"
#include "guesses.hpp"
#include "outside.hpp"
#include "owners.hpp"
#include "races.hpp"
#include "simt/runtime.hpp"
#include "streams.hpp"

namespace simt::checking {
namespace {

thread_local const void* latest_window = nullptr;
thread_local BlockState* latest_state = nullptr;

BlockState& running_state(const Thread& thread) {
  if (thread.block->shared_base != latest_window) [[unlikely]] {
    latest_window = thread.block->shared_base;
    latest_state = &state_of(*thread.block);
  }
  return *latest_state;
}

// Whether these bytes of a cell hold what memory does before anybody writes it. The compiler does not tell of
// the store of a structure that a function returns: what it left tells.
bool still_poisoned(std::uintptr_t address, unsigned mask) {
  std::uint32_t poison = 0;
  for (unsigned i = 0; i < 4; ++i) poison |= (mask >> i & 1) * 0xFFu << 8 * i;
  return (cell_at(address) & poison) == poison;
}

// What a finding tells of the access.
struct Asked {
  Action action;
  bool is_shared;
  std::uintptr_t address;
  unsigned bytes;
  Code code;
};

// Waits until the stores that other workers have under way to this address are made: what memory then holds
// is what they stored. A block may come to nothing for long that the checker hears of: it is waited for once.
void let_stores_land(std::uintptr_t address, const BlockState& own) {
  std::atomic_thread_fence(std::memory_order_acquire);
  for_block_states([&](BlockState& other) {
    if (other.worker == own.worker) return;
    constexpr std::chrono::milliseconds patience(50);
    for (const auto start = std::chrono::steady_clock::now(); other.store.at(address);) {
      if (std::chrono::steady_clock::now() - start > patience) return other.store.made();
      std::this_thread::yield();
    }
  });
}

// What another thread wrote, `w`, and nothing orders before this access: a race, unless what follows shows
// that it was a guess.
[[gnu::cold, gnu::noinline]] void unordered_after_write(const Cell& cell, Access w, BlockState& state,
                                                        const Thread& thread, const Asked& now) {
  const auto [action, is_shared, address, bytes, code] = now;
  if (w.strong && action == Action::load)
    state.guesses.push_back({thread.linear, address, bytes, code, w, cell.writer_code});
  else if (action == Action::store && !equal_stores_race && (is_shared || !unordered(w.segment)) &&
           !state.unwritten.count(address / 4)) {  // what an atomic makes of poison is no value to agree on
    if (w.segment != state.segment) let_stores_land(address, state);
    state.guesses.push_back(
        {thread.linear, address, bytes, code, w, cell.writer_code, true, cell_at(address)});
  } else {
    if (action != Action::load) state.unwritten.erase(address / 4);
    explain_race(w, cell.writer_code, Action::store, action, state, address, bytes, code);
  }
}

// The access reads bytes, these, that nobody is known to have written.
[[gnu::cold, gnu::noinline]] void unwritten_before_read(unsigned unknown, BlockState& state,
                                                        const Thread& thread, const Asked& now) {
  if (!still_poisoned(now.address, unknown)) return;
  if (now.is_shared)
    state.unwritten.try_emplace(now.address / 4, Unwritten{thread.linear, now.bytes, now.code});
  else
    explain_uninitialised(now.address, now.bytes, now.code);
}

// In line, with what an access is as constants, and without calls on the way that nearly all take.
[[gnu::always_inline]] inline void check_cell(Cell& cell, unsigned mask, Action action, bool strong,
                                              bool whole, BlockState& state, const Thread& thread,
                                              const Shadow& shadow, std::uintptr_t address, unsigned bytes,
                                              Code code) {
  if ((mask & ~cell.accessible) | cell.landing | cell.leaving) [[unlikely]] {
    if (mask & ~cell.accessible) return explain_out_of_bounds(cell, action, address, bytes, code);
    if (cell.landing || action != Action::load) explain_in_flight(cell, action, address, bytes, code);
  }
  const bool is_shared = &shadow == &shadows[static_cast<int>(Space::shared)];
  Access w = seen(cell.writer);
  if (w.segment && (w.bytes & mask) && !(w.strong && strong) &&
      !(w.segment == state.segment && w.thread == thread.linear) &&
      !ordered(w, state, thread, is_shared, false)) [[unlikely]]
    unordered_after_write(cell, w, state, thread, {action, is_shared, address, bytes, code});
  // Warps in step add up what lies past the part that counts too: a volatile read in shared memory is none.
  const bool in_step = is_shared && strong && action == Action::load;
  if (action != Action::store && (w.flags & mask) != mask && whole && !in_step) [[unlikely]] {
    unwritten_before_read(mask & ~w.flags, state, thread, {action, is_shared, address, bytes, code});
    w.flags |= mask;
    record(cell.writer, w);
  }
  if (action == Action::load) {
    if (Access r = seen(cell.reader); r.segment == state.segment && r.thread == thread.linear) {
      const std::uint32_t epoch = state.epoch[thread.warp()] & 0x1fff;
      if (r.epoch != epoch) r.flags &= ~many_lanes;
      if (mask & ~r.bytes && r.flags) r.flags = 0, r.bytes = 0;  // others have not read these
      r.epoch = epoch;
      r.bytes |= mask;
      record(cell.reader, r);
      cell.reader_code = code;
    } else {
      note_read(cell, state, thread, mask, strong, code);
    }
    return;
  }
  if (reads_race(cell, state, thread, mask, strong, is_shared) &&
      !(action == Action::atomic && known_guess(cell.reader_code))) [[unlikely]] {
    state.unwritten.erase(address / 4);
    explain_race(cell.reader, cell.reader_code, Action::load, action, state, address, bytes, code);
  }
  const std::uint32_t epoch = state.epoch[thread.warp()] & 0x1fff;
  const bool continues = w.segment == state.segment && w.thread == thread.linear && w.epoch == epoch;
  w.bytes = continues ? w.bytes | mask : mask;
  w.segment = state.segment;
  w.thread = thread.linear;
  w.epoch = epoch;
  w.strong = strong;
  w.flags |= mask;
  state.store.begins(address / 4 * 4, 4);  // before others find it in the cell
  record(cell.writer, w);
  cell.writer_code = code;
  record(cell.reader, {});
}

// Within a block: a thread that executed a fence releases what it did before to whoever then finds its atomic
// or volatile store, as locks do.
void order_by_atomics(BlockState& state, const Thread& thread, const void* address, Action action) {
  if (action != Action::load)
    if (const auto fenced = state.fenced.find(thread.linear); fenced != state.fenced.end())
      merge(state.objects[address], fenced->second);
  if (action != Action::store && state.objects.count(address)) acquire(state, address);
}

}  // namespace

bool equal_stores_race = std::getenv("SIMT_STRICT") != nullptr;

Region host_heap, host_stack;

// Of what a kernel has no business with, the part that can be told from the executor's own memory at no cost.
static bool in_host_memory(std::uintptr_t address) {
  return address - host_heap.begin < host_heap.end - host_heap.begin ||
         address - host_stack.begin < host_stack.end - host_stack.begin;
}

// A lock in memory that is not watched (the heap of kernels, a static member) orders all the same.
static void order_unwatched(const Thread& thread, const void* address, Action action) {
  BlockState& state = running_state(thread);
  if (!state.fenced.empty()) order_by_atomics(state, thread, address, action);
  if (action != Action::store) state.acquired = true;
}

// What malloc and new give in kernels has no cells: only where it begins and ends is known.
static void check_kernel_heap(const char* p, std::size_t bytes, Action action, const void* return_address) {
  for (const char* byte : {p, p + bytes - 1}) {
    const KernelHeap found = look_at_kernel_heap(byte);
    if (found != KernelHeap::given)
      return explain_kernel_heap(found == KernelHeap::freed, action, bytes, to_code(return_address));
  }
}

template <unsigned bytes, Action action>
void access(const void* pointer, const void* return_address, bool strong) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  const Shadow* shadow = shadow_of(address);
  const Thread* thread = current;
  if (!thread) [[unlikely]]
    return host_accesses(address, bytes, action, shadow, return_address);
  if (!shadow) {
    if (in_host_memory(address)) [[unlikely]]
      explain_host_pointer(action, address, bytes, to_code(return_address));
    if (kernel_heap.contains(pointer)) [[unlikely]]
      check_kernel_heap(static_cast<const char*>(pointer), bytes, action, return_address);
    if (strong && !resident(*thread).worker->on_stack(pointer)) [[unlikely]]
      order_unwatched(*thread, pointer, action);
    return;
  }
  const Code code = to_code(return_address);
  bool constant = false;
  if (shadow == &shadows[static_cast<int>(Space::variables)]) [[unlikely]] {
    const Cell& cell = shadow->at(address);  // of all else in the data segment, nothing is known
    if (!cell.accessible && !(cell.special && in_users_code(code))) {
      if (strong) order_unwatched(*thread, pointer, action);
      return;
    }
    constant = cell.special;
  }
  BlockState& state = running_state(*thread);
  state.store.made();
  if (!state.guesses.empty()) [[unlikely]]
    settle_guesses(state, *thread, action, address);
  if (action == Action::atomic) note_guess(state.log.latest(thread->linear), address);
  if (strong && !state.fenced.empty()) order_by_atomics(state, *thread, pointer, action);
  if (shadow != &shadows[static_cast<int>(Space::shared)]) shadow->touched_at(address) = true;
  if (bytes > 1 && address % bytes != 0) [[unlikely]] {
    explain_misaligned(action, address, bytes, code);
    resident(*thread).worker->abandon(
        cudaErrorMisalignedAddress);  // as a GPU does; the host's wide moves fault too
  }
  if constexpr (bytes < 4) {
    const unsigned mask = (((1u << bytes) - 1) << (address & 3)) & 15;
    check_cell(shadow->at(address), mask, action, strong, true, state, *thread, *shadow, address, bytes,
               code);
  } else {
    for (unsigned i = 0; i < bytes; i += 4)
      check_cell(shadow->at(address + i), 15, action, strong, true, state, *thread, *shadow, address + i,
                 bytes, code);
  }
  if (strong && action != Action::store) state.acquired = true;
  if (constant) return;  // another path through the memory system
  const LoggedAccess logged{address, code, bytes, action,
                            shadow == &shadows[static_cast<int>(Space::shared)]};
  if (strong) [[unlikely]] {  // a loop that polls is logged once
    ThreadSet& polled = resident(*thread).polled;
    const LoggedAccess* latest = state.log.latest(thread->linear);
    if (latest && *latest == logged && polled.has(thread->linear)) return;
    polled.remove(thread->linear);
  }
  state.log.add(thread->linear, logged);
}

template void access<1, Action::load>(const void*, const void*, bool);
template void access<2, Action::load>(const void*, const void*, bool);
template void access<4, Action::load>(const void*, const void*, bool);
template void access<8, Action::load>(const void*, const void*, bool);
template void access<16, Action::load>(const void*, const void*, bool);
template void access<1, Action::store>(const void*, const void*, bool);
template void access<2, Action::store>(const void*, const void*, bool);
template void access<4, Action::store>(const void*, const void*, bool);
template void access<8, Action::store>(const void*, const void*, bool);
template void access<16, Action::store>(const void*, const void*, bool);
template void access<1, Action::atomic>(const void*, const void*, bool);
template void access<2, Action::atomic>(const void*, const void*, bool);
template void access<4, Action::atomic>(const void*, const void*, bool);
template void access<8, Action::atomic>(const void*, const void*, bool);
template void access<16, Action::atomic>(const void*, const void*, bool);

void check_block_scope(const void* pointer, unsigned bytes, const void* return_address) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  const Shadow* shadow = shadow_of(address);
  if (!current || !shadow || shadow == &shadows[static_cast<int>(Space::shared)]) return;
  const BlockState& state = running_state(*current);
  const Cell& cell = shadow->at(address);
  const Access w = seen(cell.writer);
  if (w.strong && w.segment >= first_segment && block_of_segment(w.segment) != state.linear &&
      !ordered(w, state, *current, false, false))
    explain_block_scope(w, cell.writer_code, address, bytes, to_code(return_address));
}

void mbarrier_used(std::uintptr_t address, Code code) {
  const Shadow& shadow = shadows[static_cast<int>(Space::shared)];
  if (!current || !shadow.contains(address)) return;
  const BlockState& state = running_state(*current);
  const Cell& cell = shadow.at(address);
  const Access w = seen(cell.writer);
  if (w.segment && !ordered(w, state, *current, true, false))
    explain_mbarrier(w, cell.writer_code, address, code);
}

void access_range(const void* pointer, std::size_t bytes, Action action, const void* return_address) {
  auto address = reinterpret_cast<std::uintptr_t>(pointer);
  const Shadow* shadow = shadow_of(address);
  if (shadow) bytes = std::min(bytes, shadow->begin + shadow->size - address);
  if (bytes == 0) return;
  if (!current) return host_accesses(address, bytes, action, shadow, return_address);
  if (!shadow && kernel_heap.contains(pointer))
    return check_kernel_heap(static_cast<const char*>(pointer), bytes, action, return_address);
  if (!shadow) return;
  if (shadow == &shadows[static_cast<int>(Space::variables)]) {  // of those, only what is one as a whole
    const Cell& cell = shadow->at(address);
    if (!cell.accessible || cell.special) return;
  }
  const Thread& thread = *current;
  BlockState& state = running_state(thread);
  state.store.made();
  if (!state.guesses.empty()) [[unlikely]]
    settle_guesses(state, thread, action, address);
  const Code code = to_code(return_address);
  if (shadow != &shadows[static_cast<int>(Space::shared)]) shadow->mark_touched(address, bytes);
  // Padding in a struct was never written: only a copy of nothing but unwritten bytes is an uninitialised
  // read.
  bool any_written = false;
  for_cells(*shadow, address, bytes,
            [&](Cell& cell, unsigned mask) { any_written = any_written || (cell.writer.flags & mask); });
  for (const std::uintptr_t end = address + bytes; address < end;) {
    const unsigned piece = address % 4 == 0 && end - address >= 4 ? 4 : 1;
    check_cell(shadow->at(address), piece == 4 ? 15 : 1u << (address & 3), action, false, !any_written, state,
               thread, *shadow, address, piece, code);
    state.log.add(thread.linear, {address, code, static_cast<std::uint8_t>(piece), action,
                                  shadow == &shadows[static_cast<int>(Space::shared)]});
    address += piece;
  }
}

void access_by_copy(std::uintptr_t address, std::size_t bytes, Action action, Code code, bool bulk,
                    bool whole) {
  const Shadow* shadow = shadow_of(address);
  if (!shadow || !current || bytes == 0) return;
  BlockState& state = running_state(*current);
  for_cells(*shadow, address, bytes, [&](Cell& cell, unsigned mask) {
    check_cell(cell, mask, action, action == Action::atomic, whole, state, *current, *shadow, address,
               bytes <= 16 ? bytes : 4, code);
  });
  const bool is_shared = shadow == &shadows[static_cast<int>(Space::shared)];
  if (!is_shared) shadow->mark_touched(address, bytes);
  if (!bulk)
    state.log.add(current->linear, {address, code, static_cast<std::uint8_t>(bytes), action, is_shared});
}

void read_by_bulk_copy(std::uintptr_t address, std::size_t bytes, Code code) {
  const Shadow* shadow = shadow_of(address);
  if (!shadow || !current || bytes == 0) return;
  if (shadow == &shadows[static_cast<int>(Space::variables)] && !variable_around(address)) return;
  BlockState& state = running_state(*current);
  for_cells(*shadow, address, bytes, [&](Cell& cell, unsigned mask) {
    cell.touched = 1;
    Cell copy = cell;
    check_cell(copy, mask, Action::load, false, false, state, *current, *shadow, address, 4, code);
  });
  shadow->mark_touched(address, bytes);
}

void fence() {
  if (!current) return;
  publish(running_state(*current));
  fence_block();
}

void fence_block() {
  if (!current) return;
  BlockState& state = running_state(*current);
  WarpEpochs& before = state.fenced[current->linear];
  if (state.seen) merge(before, (*state.seen)[current->linear]);
  // Epochs are kept in 13 bits: of very many fences, the later ones begin none.
  constexpr std::uint32_t fences_with_epochs = 4096;
  std::uint32_t& epoch = state.epoch[current->warp()];
  before[current->warp()] = epoch + 1;
  if (state.fences[current->warp()]++ < fences_with_epochs) ++epoch;
}

}  // namespace simt::checking
