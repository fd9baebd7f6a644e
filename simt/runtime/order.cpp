// Which thread runs next, by the launch's schedule.
#include "block.hpp"

namespace simt {
namespace {

/// First member at or after `from`, cyclically; -1 if the set is empty.
int next_member(const ThreadSet& set, unsigned from, unsigned words) {
  unsigned w = from / 64;
  std::uint64_t bits = set.words[w] & (~std::uint64_t{0} << (from % 64));
  for (unsigned turn = 0; turn <= words; ++turn) {
    if (bits) return int(w * 64 + unsigned(__builtin_ctzll(bits)));
    if (++w >= words) w = 0;
    bits = set.words[w];
  }
  return -1;
}

/// Last member at or before `from`, cyclically; -1 if the set is empty.
int previous_member(const ThreadSet& set, unsigned from, unsigned words) {
  unsigned w = from / 64;
  std::uint64_t bits = set.words[w] & (~std::uint64_t{0} >> (63 - from % 64));
  for (unsigned turn = 0; turn <= words; ++turn) {
    if (bits) return int(w * 64 + 63 - unsigned(__builtin_clzll(bits)));
    w = w == 0 ? words - 1 : w - 1;
    bits = set.words[w];
  }
  return -1;
}

}  // namespace

/// The thread that runs next. Lanes of a warp that wait for one another are kept together, because their
/// stacks are then still in the cache.
[[gnu::always_inline]] inline Thread* Worker::pick(ResidentBlock& block, unsigned after,
                                                   bool own_warp_first) {
  if (!block.active) return nullptr;
  unsigned words = (block.size + 63) / 64;
  int next = -1;
  switch (launch->schedule.order) {
    case Order::forward:
      if (own_warp_first)
        if (std::uint32_t lanes = block.ready.warp(after / 32)) {
          std::uint32_t later = lanes & (~std::uint32_t{0} << (after % 32));
          next = int(after / 32 * 32 + unsigned(__builtin_ctz(later ? later : lanes)));
          break;
        }
      next = next_member(block.ready, after + 1 == words * 64 ? 0 : after + 1, words);
      break;
    case Order::reverse:
      next = previous_member(block.ready, after == 0 ? words * 64 - 1 : after - 1, words);
      break;
    case Order::random: next = next_member(block.ready, unsigned(next_random() % block.size), words); break;
  }
  return next < 0 ? nullptr : &block.threads[unsigned(next)];
}

/// As pick(), in the other resident blocks too; null when nobody can run.
Thread* Worker::pick_anywhere(ResidentBlock& block, unsigned after, bool own_warp_first) {
  if (Thread* next = pick(block, after, own_warp_first)) [[likely]]
    return next;
  return resident == 1 ? nullptr : pick_elsewhere(block);
}

Thread* Worker::pick_elsewhere(const ResidentBlock& block) {
  unsigned own = 0;
  while (blocks[own].get() != &block) ++own;
  for (unsigned i = 1; i < resident; ++i) {
    ResidentBlock& other = *blocks[(own + i) % resident];
    if (!other.active) continue;
    if (Thread* next = pick(other, other.size - 1, false)) return next;
  }
  return nullptr;
}

}  // namespace simt
