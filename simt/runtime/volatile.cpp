#include "block.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"
#include "simt/warp.hpp"

namespace simt {

void volatile_access(const void* address, bool write, const void* instruction) {
  constexpr unsigned patience = 64;  // looks at global memory before the others run
  static thread_local unsigned looks = 0;
  Thread* self = current;
  if (!self) return;
  Worker& worker = *resident(*self).worker;
  if (worker.on_stack(address)) return;
  if (write) worker.poll_rounds = worker.idle_rounds = 0;  // somebody makes progress
  // Who looks again where it has just looked waits, and the warp does not wait for it.
  const bool waits = !write && self->looked_at == address;
  self->looked_at = write ? nullptr : address;
  if (!waits) {
    self->in_step = instruction;
    yield();
    self->in_step = nullptr;
  } else if (shared_region.contains(address) || ++looks % patience == 0) {
    yield();
  }
}

ThreadSet next_polling(ResidentBlock& block) {
  constexpr unsigned patience = 100000;  // turns of a loop that the others wait for
  ThreadSet next = block.polling;
  for (unsigned w = 0; w * lanes_per_warp < block.size; ++w) {
    const void* earliest = nullptr;
    std::uint32_t in_step = 0, first = 0;
    detail::for_each_lane(next.warp(w), [&](unsigned lane) {
      const void* at = block.threads[w * lanes_per_warp + lane].in_step;
      if (!at) return;
      in_step |= 1u << lane;
      if (!earliest || at < earliest) earliest = at, first = 0;
      if (at == earliest) first |= 1u << lane;
    });
    unsigned& turns = block.warps[w].turns;
    if (first == in_step || ++turns == patience) {
      turns = 0;
      continue;
    }
    next.words[w / 2] &= ~(std::uint64_t{in_step & ~first} << (w % 2 * 32));
  }
  return next;
}

}  // namespace simt
