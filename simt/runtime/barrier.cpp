// Block barriers and warp-wide meetings.
#include <cstring>

#include "block.hpp"
#include "context.hpp"
#include "report.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"
#include "simt/warp.hpp"

namespace simt {
namespace {

/// Of Worker::park() the case that nearly every wait is: in the forward order, the thread after `self` can go
/// on from where it parked. In line, and with its address known before the sets are looked at, so that the
/// processor need not wait for them. False if it is another thread's turn.
[[gnu::always_inline]] inline bool hand_over(ResidentBlock& block, Thread* self, bool own_warp_first) {
  Worker& worker = *block.worker;
  const unsigned after = self->linear + 1;
  if (!worker.order.empty() || after >= block.size || !block.ready.has(after) || block.unstarted.has(after) ||
      (own_warp_first && after % lanes_per_warp == 0))
    return false;
  Thread* next = self + 1;
  self->stack = worker.running_stack;
  worker.running_stack = next->stack;
  current = next;
  threadIdx = next->index;
  prefetch_after(block, next);
  switch_context(&self->context, next->context);
  return true;
}

}  // namespace

/// park_at(), in line.
[[gnu::always_inline]] inline void park_here(ResidentBlock& block, Thread* self, Wait wait,
                                             const char* operation, const Site& site) {
  self->wait = wait;
  self->operation = operation;
  self->site.file = site.file;  // not as a whole: a wide load of two narrow stores waits for both (2 ns)
  self->site.line = site.line;
  block.worker->poll_rounds = 0;
  if (!hand_over(block, self, wait == Wait::warp)) block.worker->park(self, wait == Wait::warp);
  self->wait = Wait::none;
}
void park_at(ResidentBlock& block, Thread* self, Wait wait, const char* operation, const Site& site) {
  park_here(block, self, wait, operation, site);
}

namespace {

void open(ResidentBlock& block, Barrier& barrier) {
  barrier.result = barrier.predicates;
  barrier.arrived = barrier.predicates = 0;
  block.ready.add(barrier.waiting);
  barrier.waiting = ThreadSet{};
  if (barrier.expected == 0) ++block.epoch;
  if (!observer) return;
  if (barrier.expected == 0 && block.alive_count < block.size)
    observer->defect(
        "barrier", "a barrier of the whole block, from which some of its threads have returned",
        "an early return, as in if (i >= n) return, before a __syncthreads(), or one in a branch "
        "that not all threads take",
        barrier.site);
  observer->barrier_opens(block, barrier.site);
}

bool same_place(const Site& a, const Site& b) {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

/// A thread came to a barrier at which others wait in another way.
[[gnu::cold, gnu::noinline]] void check_agreement(ResidentBlock& block, const Barrier& barrier,
                                                  unsigned count, const char* operation, const Site& site) {
  if (count != barrier.expected)
    fail(cudaErrorLaunchFailure, "threads give different thread counts for one barrier", site);
  if (count != 0 || same_place(site, barrier.site)) return;
  if (observer)
    return observer->defect("barrier", "threads of a block meet in different barriers",
                            "a __syncthreads() in a branch that not all threads take", site, barrier.site);
  report(block.launch->site,
         std::string(operation) + " in divergent code: other threads of block " + describe(block.index) +
             " wait at line " + std::to_string(barrier.site.line),
         site);
}

/// Counts one thread in, and opens the barrier after the last.
inline void arrive(ResidentBlock& block, Barrier& barrier, unsigned count, bool predicate,
                   const char* operation, const Site& site) {
  if (barrier.arrived == 0) {
    barrier.operation = operation;
    barrier.site.file = site.file;
    barrier.site.line = site.line;
    barrier.expected = count;
  } else if (count != barrier.expected || site.line != barrier.site.line || site.file != barrier.site.file)
      [[unlikely]] {
    check_agreement(block, barrier, count, operation, site);
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
  if (observer) observer->warp_meets(block, done.operation);
  block.ready.words[w / 2] |= std::uint64_t{done.arrived} << (w % 2 * 32);
  if (done.execute) done.execute(done.arrived, warp.operands.data());
}

}  // namespace

namespace {
[[gnu::always_inline]] inline unsigned meet(ResidentBlock& block, Thread* self, Barrier& barrier,
                                            unsigned count, bool predicate, const char* operation,
                                            const Site& site) {
  if (observer && count) observer->released(&barrier);
  barrier.waiting.add(self->linear);
  block.ready.remove(self->linear);
  arrive(block, barrier, count, predicate, operation, site);
  park_here(block, self, Wait::block_barrier, operation, site);
  if (observer && count) observer->acquired(&barrier);
  return barrier.result;
}
}  // namespace

unsigned block_barrier(unsigned id, unsigned count, bool predicate, const char* operation, Site site) {
  Thread* self = current;
  ResidentBlock& block = about_to_park(self, operation, site);
  if (id >= block.barriers.size()) fail(cudaErrorLaunchFailure, "there are only 16 barriers", site);
  return meet(block, self, block.barriers[id], count, predicate, operation, site);
}

unsigned tile_barrier(unsigned size, bool predicate, Site site) {
  Thread* self = current;
  ResidentBlock& block = about_to_park(self, "tile.sync", site);
  return meet(block, self, block.tile_barriers[self->linear / size], size, predicate, "tile.sync", site);
}
namespace {
void*& operand_of(ResidentBlock& block, unsigned thread) {
  return block.warps[thread / lanes_per_warp].operands[thread % lanes_per_warp];
}
}  // namespace
void show_in_tile(unsigned size, void* operand, Site site) {
  operand_of(resident(*current), current->linear) = operand;
  tile_barrier(size, false, site);
}
const void* operand_in_tile(unsigned size, unsigned rank) {
  return operand_of(resident(*current), current->linear / size * size + rank);
}

void block_barrier_arrive(unsigned id, unsigned count, const char* operation, Site site) {
  ResidentBlock& block = about_to_park(current, operation, site);
  if (id >= block.barriers.size()) fail(cudaErrorLaunchFailure, "there are only 16 barriers", site);
  if (observer) observer->released(&block.barriers[id]);
  arrive(block, block.barriers[id], count, false, operation, site);
}

void warp_instruction(unsigned mask, void* operands, void (*execute)(unsigned, LaneOperands),
                      const char* operation, Site site) {
  Thread* self = current;
  ResidentBlock& block = about_to_park(self, operation, site);
  unsigned lane = self->lane(), w = self->warp(), own = 1u << lane;
  if (!(mask & own))
    fail(cudaErrorLaunchFailure, "a thread takes part in a warp-wide operation whose mask leaves it out",
         site, "mask", "a mask computed for other lanes, or a branch that lanes outside the mask take too");
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
  park_here(block, self, Wait::warp, operation, site);
}

void detail::read_from_absent_lane(unsigned source, const char* operation, Site site) {
  const unsigned thread = current->warp() * lanes_per_warp + source;
  if (!observer || thread >= current->block->size) return;
  observer->defect(
      "shuffle",
      (std::string(operation) + " reads from lane " + std::to_string(source) +
       ", which has returned from the kernel: what it gets is undefined")
          .c_str(),
      "an early return, as in if (i >= n) return, before a shuffle whose mask names all lanes, or a "
      "shuffle in a branch",
      site);
}
void detail::wrong_width(const char* operation, Site site) {
  if (observer)
    observer->defect(
        "shuffle", (std::string(operation) + " with a width that is no power of two up to 32").c_str(),
        "the width is the number of lanes that exchange among themselves, not of those that have data", site);
}

bool in_cooperative_launch() { return current && current->block->launch->config.cooperative; }

namespace {
/// Opens the grid barrier once every thread that has not exited waits in it.
void open_grid_barrier(Worker& worker) {
  unsigned alive = 0, waiting = 0;
  for (unsigned i = 0; i < worker.resident; ++i) {
    const ResidentBlock& block = *worker.blocks[i];
    if (!block.active) continue;
    alive += block.alive_count;
    waiting += block.at_grid_barrier;
  }
  if (waiting == 0 || waiting < alive) return;
  worker.idle_rounds = 0;
  if (observer) observer->grid_barrier_opens(*worker.launch);
  for (unsigned i = 0; i < worker.resident; ++i) {
    ResidentBlock& block = *worker.blocks[i];
    if (!block.active) continue;
    block.at_grid_barrier = 0;
    block.ready = block.alive;
    ++block.epoch;
  }
}
}  // namespace

void grid_barrier(Site site) {
  Thread* self = current;
  ResidentBlock& block = about_to_park(self, "grid sync", site);
  if (!in_cooperative_launch())
    fail(cudaErrorLaunchFailure, "grid.sync() in a launch that is not cooperative", site);
  block.ready.remove(self->linear);
  ++block.at_grid_barrier;
  if (block.at_grid_barrier == block.alive_count) open_grid_barrier(*block.worker);
  park_at(block, self, Wait::grid_barrier, "grid.sync", site);
}

void after_exit(ResidentBlock& block, unsigned w) {
  if (block.at_grid_barrier || block.alive_count == 0) open_grid_barrier(*block.worker);
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

/// Lanes that asked at the same place are active together: as many as can get there.
unsigned active_lanes(Site site) {
  Thread* self = current;
  ResidentBlock& block = about_to_park(self, "__activemask", site);
  unsigned answer = 0;
  block.warps[self->warp()].operands[self->lane()] = &answer;
  block.ready.remove(self->linear);
  ++block.converging;
  park_at(block, self, Wait::converging, "__activemask", site);
  return answer;
}

bool answer_active_lanes(ResidentBlock& block) {
  if (block.converging == 0) return false;
  for (unsigned w = 0; w * lanes_per_warp < block.size; ++w) {
    unsigned mask = 0;
    Site site;
    detail::for_each_lane(block.alive.warp(w), [&](unsigned lane) {
      const Thread& thread = block.threads[w * lanes_per_warp + lane];
      if (thread.wait != Wait::converging || block.ready.has(thread.linear)) return;
      if (mask == 0) site = thread.site;
      if (same_place(site, thread.site)) mask |= 1u << lane;
    });
    detail::for_each_lane(mask, [&](unsigned lane) {
      *static_cast<unsigned*>(block.warps[w].operands[lane]) = mask;
      block.ready.add(w * lanes_per_warp + lane);
      --block.converging;
    });
  }
  return true;
}

}  // namespace simt
