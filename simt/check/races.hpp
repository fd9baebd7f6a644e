// What is ordered before what, for two accesses to the same cell. In line, into every kind of access: nearly
// all take the short way, on which there is no call.
#pragma once

#include <algorithm>

#include "block_state.hpp"
#include "shadow.hpp"
#include "streams.hpp"

namespace simt::checking {

// The long way of ordered(): an access of the running launch, or one that nothing need order.
bool ordered_by_epochs(Access earlier, const BlockState& state, const Thread& thread, bool is_shared,
                       bool by_many_blocks);

// Whether the earlier access happened before what the thread does now.
[[gnu::always_inline]] inline bool ordered(Access earlier, const BlockState& state, const Thread& thread,
                                           bool is_shared, bool by_many_blocks) {
  const bool before = is_shared ? earlier.segment != state.segment
                                : earlier.segment < std::min(first_segment, oldest_unordered);
  return before || ordered_by_epochs(earlier, state, thread, is_shared, by_many_blocks);
}

// Lets the reader's record, another thread's, stand for this read too.
[[gnu::always_inline]] inline void note_read(Cell& cell, const BlockState& state, const Thread& thread,
                                             unsigned mask, bool strong, Code code) {
  Access r = seen(cell.reader);
  if ((r.bytes & mask) && unordered_access(r)) return;
  const std::uint32_t epoch = state.epoch[thread.warp()] & 0x1fff;
  if (r.segment != state.segment) {
    const bool others =
        r.segment >= first_segment && r.segment && block_of_segment(r.segment) != state.linear;
    const bool spread =
        (r.bytes & mask) && (others || (r.segment >= first_segment && (r.flags & many_blocks)));
    r.flags = spread ? std::uint32_t{many_blocks} : 0;
    r.bytes = spread ? r.bytes & mask : mask;
  } else if (!(r.bytes & mask)) {  // other bytes of the cell: the last access only
    r.flags = 0;
    r.bytes = mask;
  } else {
    if (r.thread / lanes_per_warp != thread.warp())
      r.flags |= many_warps;
    else if (r.epoch == epoch)
      r.flags |= many_lanes;
    else
      r.flags &= ~many_lanes;  // the lanes met since: the earlier ones are ordered before this one
    r.bytes &= mask;           // what all of them read
  }
  r.segment = state.segment;
  r.thread = thread.linear;
  r.epoch = epoch;
  r.strong = strong;
  record(cell.reader, r);
  cell.reader_code = code;
}

[[gnu::always_inline]] inline bool reads_race(const Cell& cell, const BlockState& state, const Thread& thread,
                                              unsigned mask, bool strong, bool is_shared) {
  const Access r = seen(cell.reader);
  if (!r.segment || !(r.bytes & mask) || (r.strong && strong)) return false;
  if (r.segment == state.segment && !state.seen) {
    if (r.flags & many_warps) return true;
    if ((r.flags & many_lanes) && r.epoch == (state.epoch[thread.warp()] & 0x1fff)) return true;
  }
  if (r.segment == state.segment && r.thread == thread.linear) return false;
  return !ordered(r, state, thread, is_shared, r.flags & many_blocks);
}

}  // namespace simt::checking
