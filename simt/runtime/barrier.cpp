// Block barriers and warp-wide meetings.
#include <cstring>

#include "block.hpp"
#include "report.hpp"
#include "simt/sync.hpp"
#include "simt/warp.hpp"

namespace simt {
namespace {

ResidentBlock& blocked(Thread* self, const char* operation, Site site) {
  if (!self) fail(cudaErrorLaunchFailure, operation, site);
  ResidentBlock& block = resident(*self);
  if (!block.parked_any) block.worker->settle(block);
  return block;
}

void wait_at(ResidentBlock& block, Thread* self, Wait wait, const char* operation, Site site) {
  self->wait = wait;
  self->operation = operation;
  self->site = site;
  block.worker->park(self, wait == Wait::warp);
  self->wait = Wait::none;
}

void open(ResidentBlock& block, Barrier& barrier) {
  barrier.result = barrier.predicates;
  barrier.arrived = barrier.predicates = 0;
  block.ready.add(barrier.waiting);
  barrier.waiting = ThreadSet{};
  if (barrier.expected == 0) ++block.epoch;
}

bool same_place(Site a, Site b) {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

/// Counts `arrivals` in; true when the barrier opened.
void arrive(ResidentBlock& block, Barrier& barrier, unsigned count, bool predicate, const char* operation,
            Site site) {
  if (barrier.arrived == 0) {
    barrier.operation = operation;
    barrier.site = site;
    barrier.expected = count;
  } else if (count != barrier.expected) {
    fail(cudaErrorLaunchFailure, "threads give different thread counts for one barrier", site);
  } else if (count == 0 && !same_place(site, barrier.site)) {
    report(block.launch->site,
           std::string(operation) + " in divergent code: other threads of block " + describe(block.index) +
               " wait at line " + std::to_string(barrier.site.line),
           site);
  }
  barrier.predicates += predicate;
  ++barrier.arrived;
  if (barrier.arrived == (count ? count : block.alive_count)) open(block, barrier);
}

void complete(ResidentBlock& block, unsigned w, Meeting& meeting) {
  Warp& warp = block.warps[w];
  Meeting done = meeting;
  meeting = warp.meeting[--warp.meetings];
  ++block.warp_epoch[w];
  block.ready.words[w / 2] |= std::uint64_t{done.arrived} << (w % 2 * 32);
  if (done.execute) done.execute(done.arrived, warp.operands.data());
}

}  // namespace

unsigned block_barrier(unsigned id, unsigned count, bool predicate, const char* operation, Site site) {
  Thread* self = current;
  ResidentBlock& block = blocked(self, operation, site);
  if (id >= block.barriers.size()) fail(cudaErrorLaunchFailure, "there are only 16 barriers", site);
  Barrier& barrier = block.barriers[id];
  barrier.waiting.add(self->linear);
  block.ready.remove(self->linear);
  arrive(block, barrier, count, predicate, operation, site);
  wait_at(block, self, Wait::block_barrier, operation, site);
  return barrier.result;
}

void block_barrier_arrive(unsigned id, unsigned count, const char* operation, Site site) {
  ResidentBlock& block = blocked(current, operation, site);
  if (id >= block.barriers.size()) fail(cudaErrorLaunchFailure, "there are only 16 barriers", site);
  arrive(block, block.barriers[id], count, false, operation, site);
}

void warp_instruction(unsigned mask, void* operands, void (*execute)(unsigned, LaneOperands),
                      const char* operation, Site site) {
  Thread* self = current;
  ResidentBlock& block = blocked(self, operation, site);
  unsigned lane = self->lane(), w = self->warp(), own = 1u << lane;
  if (!(mask & own)) fail(cudaErrorLaunchFailure, "a thread is not in the mask it gives", site);
  Warp& warp = block.warps[w];
  warp.operands[lane] = operands;
  unsigned i = 0;
  while (i < warp.meetings && !(warp.meeting[i].mask == mask && warp.meeting[i].execute == execute &&
                                warp.meeting[i].operation == operation))
    ++i;
  Meeting& meeting = warp.meeting[i];
  if (i == warp.meetings) {
    ++warp.meetings;
    meeting = {mask, 0, operation, execute};
  }
  meeting.arrived |= own;
  if ((mask & block.alive.warp(w)) == meeting.arrived) return complete(block, w, meeting);
  block.ready.remove(self->linear);
  wait_at(block, self, Wait::warp, operation, site);
}

void after_exit(ResidentBlock& block, unsigned w) {
  for (Barrier& barrier : block.barriers)
    if (barrier.arrived && barrier.expected == 0 && barrier.arrived == block.alive_count)
      open(block, barrier);
  Warp& warp = block.warps[w];
  for (unsigned i = 0; i < warp.meetings;) {
    Meeting& meeting = warp.meeting[i];
    if ((meeting.mask & block.alive.warp(w)) == meeting.arrived)
      complete(block, w, meeting);
    else
      ++i;
  }
}

unsigned active_lanes() {
  ResidentBlock& block = blocked(current, "__activemask", {});
  return block.alive.warp(current->warp());
}

}  // namespace simt
