#include "races.hpp"

namespace simt::checking {

bool ordered_by_epochs(Access earlier, const BlockState& state, const Thread& thread, bool is_shared,
                       bool by_many_blocks) {
  if (earlier.segment == state.segment) {
    if (earlier.thread == thread.linear) return true;
    const unsigned warp = earlier.thread / lanes_per_warp;
    if (warp == thread.warp() && earlier.epoch != (state.epoch[warp] & 0x1fff)) return true;
    if (!state.seen) return false;
    // The epoch in full: the latest one with these low bits.
    const std::uint32_t now = state.epoch[warp], full = now - ((now - std::uint32_t(earlier.epoch)) & 0x1fff);
    return (*state.seen)[thread.linear][warp] > full;
  }
  if (is_shared) return true;           // a barrier lies between
  if (earlier.segment < first_segment)  // another launch, or before a grid-wide barrier
    return earlier.segment < oldest_unordered || !unordered(earlier.segment);
  const std::uint32_t other = block_of_segment(earlier.segment);
  if (other == state.linear && !by_many_blocks) return true;
  return state.acquired && (by_many_blocks || published(other, earlier.segment));
}

}  // namespace simt::checking
