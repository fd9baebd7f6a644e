#include "copies.hpp"

#include "access.hpp"
#include "block_state.hpp"
#include "explain.hpp"

namespace simt::checking {
namespace {

const Shadow& shared() { return shadows[static_cast<int>(Space::shared)]; }

// A bulk copy needs a fence between it and the ordinary stores before it. It may be the writer's, the copying
// thread's, or anybody's after the barrier that orders the two.
void check_proxy(std::uintptr_t to, std::uintptr_t from, std::size_t bytes, Code code) {
  const BlockState& state = state_of(*current->block);
  const auto fence_of = [&](unsigned thread) {
    return state.proxy_fences ? (*state.proxy_fences)[thread] : 0;
  };
  for (const std::uintptr_t address : {to, from}) {
    if (!shared().contains(address)) continue;
    const Cell* unfenced = nullptr;
    for_cells(shared(), address, bytes, [&](Cell& cell, unsigned) {
      const Access& w = cell.writer;
      if (unfenced || !w.segment || w.segment < state.latest_proxy_fence) return;
      if (fence_of(w.thread) < w.segment && fence_of(current->linear) < w.segment) unfenced = &cell;
    });
    if (unfenced) explain_proxy(unfenced->writer_code, address == to, address, bytes, code);
  }
}

// Only of shared memory: in global memory many blocks may copy from the same place.
void set_leaving(std::uintptr_t address, std::size_t bytes, bool leaving) {
  if (shared().contains(address))
    for_cells(shared(), address, bytes, [&](Cell& cell, unsigned) { cell.leaving = leaving; });
}

void set_landing(std::uintptr_t address, std::size_t bytes) {
  if (const Shadow* shadow = shadow_of(address))
    for_cells(*shadow, address, bytes, [](Cell& cell, unsigned) { cell.landing = 1; });
}

}  // namespace

void proxy_fenced() {
  BlockState& state = state_of(*current->block);
  if (!state.proxy_fences) state.proxy_fences = std::make_unique<std::array<std::uint32_t, max_threads>>();
  (*state.proxy_fences)[current->linear] = state.latest_proxy_fence = state.segment;
}

void copy_issued(std::uintptr_t to, std::uintptr_t from, std::size_t bytes, std::size_t source_bytes,
                 bool bulk, Code code) {
  if (current) {
    Counts& counts = state_of(*current->block).log.other;
    counts.async_bytes += bytes;
    if (bulk) counts.bulk_bytes += bytes;
    if (shared().contains(to))
      state_of(*current->block)
          .log.lands(to - reinterpret_cast<std::uintptr_t>(current->block->shared_base), bytes, code);
  }
  if (bulk) {
    check_proxy(to, from, bytes, code);
    if (shared().contains(from)) access_by_copy(from, bytes, Action::load, code, bulk, false);
  } else if (source_bytes > 0) {
    access_by_copy(from, source_bytes, Action::load, code, bulk);
  }
  access_by_copy(to, bytes, Action::store, code, bulk);
  set_leaving(from, bytes, true);
  set_landing(to, bytes);
}

void copy_landed(std::uintptr_t to, std::uintptr_t from, std::size_t bytes, const Thread* owner) {
  set_leaving(from, bytes, false);
  const Shadow* shadow = shadow_of(to);
  if (!shadow) return;
  Access writer;
  if (owner) {
    const BlockState& state = state_of(*owner->block);
    writer.segment = state.segment;
    writer.thread = owner->linear;
    writer.epoch = state.epoch[owner->warp()] & 0x1fff;
  }
  for_cells(*shadow, to, bytes, [&](Cell& cell, unsigned mask) {
    cell.landing = 0;
    cell.touched = 1;
    const unsigned written = cell.writer.flags | mask;
    cell.writer = writer;
    cell.writer.bytes = owner ? mask : 0;
    cell.writer.flags = written;
    cell.reader = {};
  });
}

void bulk_write_issued(std::uintptr_t to, std::size_t bytes, bool atomically, Code code) {
  access_by_copy(to, bytes, atomically ? Action::atomic : Action::store, code, true);
  if (!atomically) set_landing(to, bytes);
}

// Of a reduction nobody can tell when it happened: it is one when it is issued, and one when it must be done.
void bulk_write_landed(std::uintptr_t to, std::size_t bytes, bool atomically, Code code) {
  if (atomically)
    access_by_copy(to, bytes, Action::atomic, code, true);
  else
    copy_landed(to, 0, bytes, current);
}

}  // namespace simt::checking
