#pragma once
// A resident block, the launch it belongs to, and the worker (one OS thread) that runs it.
#include <driver_types.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "simt/control.hpp"
#include "simt/launch.hpp"
#include "simt/sync.hpp"
#include "simt/thread.hpp"
#include "stacks.hpp"

namespace simt {

/// A set of a block's threads, one bit each.
struct ThreadSet {
  std::array<std::uint64_t, max_threads / 64> words{};

  bool empty() const {
    std::uint64_t any = 0;
    for (std::uint64_t w : words) any |= w;
    return any == 0;
  }
  bool has(unsigned i) const { return words[i / 64] >> (i % 64) & 1; }
  void add(unsigned i) { words[i / 64] |= std::uint64_t{1} << (i % 64); }
  void remove(unsigned i) { words[i / 64] &= ~(std::uint64_t{1} << (i % 64)); }
  void add(const ThreadSet& other) {
    for (std::size_t w = 0; w < words.size(); ++w) words[w] |= other.words[w];
  }
  std::uint32_t warp(unsigned w) const { return std::uint32_t(words[w / 2] >> (w % 2 * 32)); }
  static ThreadSet first(unsigned count);
};

/// Lanes of a warp that wait for one another in one instruction.
struct Meeting {
  unsigned mask, arrived;
  const char* operation;
  void (*execute)(unsigned, void* const*);
};

struct Warp {
  unsigned meetings = 0;  // in use
  unsigned turns = 0;     // in which some lanes waited for others to get as far as they are
  std::array<Meeting, lanes_per_warp> meeting;
  std::array<void*, lanes_per_warp> operands;
};

struct Barrier {
  unsigned arrived = 0, expected = 0;  // expected 0: every thread that has not exited
  unsigned predicates = 0, result = 0;
  ThreadSet waiting;
  const char* operation = "";
  Site site;
  bool divergent = false;
};

struct Worker;
struct Async;

struct SharedSlot {
  std::uint64_t serial = 0;  // of the block that placed it
  void* object = nullptr;
};

struct ResidentBlock : Block {
  Worker* worker = nullptr;
  dim3 shape{0, 0, 0};
  std::uint64_t position = 0;  // in the order in which the launch's blocks begin
  bool active = false;         // has threads that have not exited
  bool parked_any = false;     // some thread has parked: the sets below are in use
  unsigned started = 0;        // before that: threads started
  unsigned alive_count = 0;
  unsigned converging = 0;  // threads that wait for the lanes their __activemask finds
  unsigned at_grid_barrier = 0;
  ThreadSet alive, ready, unstarted, polling;
  ThreadSet polled;  // those whose latest atomic, or load of a volatile, let others run
  std::array<Barrier, 16> barriers;
  std::array<Barrier, max_threads / 64> tile_barriers;  // of tiles of several warps
  std::array<Warp, max_warps> warps;
  std::vector<Thread> threads;
  std::vector<SharedSlot> shared_slots;
  std::uint64_t shared_serial = 0;  // the block the next two are about
  std::size_t shared_used = 0, shared_end = 0;
  std::uint64_t dynamic_serial = 0;  // the block whose dynamic shared memory has been poisoned
  std::unique_ptr<Async, void (*)(Async*)> async;
  std::string output;  // of printf

  ResidentBlock();
  ~ResidentBlock();
  ResidentBlock(const ResidentBlock&) = delete;
};

/// A launch while it runs.
struct Launch {
  LaunchSite site;
  Config config;
  std::shared_ptr<const Kernel> kernel;
  Schedule schedule;
  std::uint64_t block_count;
  std::uint64_t stride = 1, shift = 0;  // the random order of the blocks
  std::atomic<std::uint64_t> next_block{0};
  std::atomic<cudaError_t> error{cudaSuccess};
  std::uint64_t number = 0;                                              // of launches so far
  std::mutex mutex;                                                      // of the next two
  std::map<std::uint64_t, std::string> output;                           // of printf, by block
  std::map<std::uint64_t, std::vector<std::function<void()>>> children;  // launches by its threads, by block

  Launch(const LaunchSite& site, const Config& config, std::shared_ptr<const Kernel> kernel)
      : site(site),
        config(config),
        kernel(std::move(kernel)),
        block_count(std::uint64_t(config.grid.x) * config.grid.y * config.grid.z) {}

  /// The index of the n-th block to run.
  uint3 block_index(std::uint64_t n) const;
};

/// Runs blocks on one OS thread; fibers never leave it. One block is resident at a time, unless the launch is
/// cooperative or a block waits in a loop for another one.
struct Worker {
  Launch* launch = nullptr;
  Stacks stacks;
  void* main_context = nullptr;
  std::vector<std::unique_ptr<ResidentBlock>> blocks;
  unsigned resident = 0;  // of them in use by this launch
  std::uint64_t serial = 0, random = 1;
  std::vector<std::uint16_t> order;  // of starting a block's threads; empty when forward
  Thread* starting = nullptr;        // what the next fresh fiber begins with
  void* running_stack = nullptr;     // of the running fiber
  unsigned poll_rounds = 0;          // turns in which nobody did anything but poll
  unsigned idle_rounds = 0;  // … or meet at barriers in between, as a loop may that polls for its block
  std::chrono::steady_clock::time_point polling_since, idle_since;
  std::uint64_t polling_with = 0;  // the launch's blocks begun by then

  void run(Launch& launch);

  /// Whether the address is a local variable's of the running thread.
  bool on_stack(const void* address) const {
    return static_cast<std::size_t>(static_cast<const char*>(running_stack) -
                                    static_cast<const char*>(address)) < Stacks::size;
  }

  // Called on fibers.
  Thread* finished(Thread* thread);
  void settle(ResidentBlock& block);
  void park(Thread* self, bool own_warp_first);
  [[noreturn]] void abandon(cudaError_t error);
  [[noreturn]] void deadlock(const char* what, Thread* culprit = nullptr);

  std::uint64_t next_random();

 private:
  void fit(ResidentBlock& block);
  Thread* begin_block(ResidentBlock& block);  // null when the launch has no block left
  bool admit();
  Thread* pick(ResidentBlock& block, unsigned after, bool own_warp_first);
  Thread* pick_anywhere(ResidentBlock& block, unsigned after, bool own_warp_first);
  Thread* pick_elsewhere(const ResidentBlock& block);
  bool idle();
  bool poll_again();
  void switch_to(Thread* next, Thread* self);
};

/// Makes shared_region, once: before the workers of the first launch, who would do it at the same time.
void reserve_shared_memory();
Worker& this_worker();
inline ResidentBlock& resident(const Thread& thread) { return static_cast<ResidentBlock&>(*thread.block); }

/// `self`'s block, kept in sets from now on, for `self` may park.
inline ResidentBlock& about_to_park(Thread* self, const char* operation, const Site& site) {
  if (!self) fail(cudaErrorLaunchFailure, operation, site);
  ResidentBlock& block = resident(*self);
  if (!block.parked_any) block.worker->settle(block);
  return block;
}
/// The stacks of a large block do not fit the first cache: that after `next`'s comes while `next` runs.
inline void prefetch_after(const ResidentBlock& block, const Thread* next) {
  if (block.size <= 64 || next->linear + 1 >= block.size) return;
  const char* after = static_cast<const char*>(next[1].context);
  __builtin_prefetch(after, 1);
  __builtin_prefetch(after + 64, 1);
}
/// Parks until somebody makes `self` ready; says meanwhile where it is.
void park_at(ResidentBlock& block, Thread* self, Wait wait, const char* operation, const Site& site);

/// Of the polling threads those that look again now: of a warp in step through volatile memory, the ones
/// behind.
ThreadSet next_polling(ResidentBlock& block);
/// Opens the barriers and meetings that wait for nobody else any more.
void after_exit(ResidentBlock& block, unsigned warp);
void delete_async(Async* async);
/// Lanes that asked which of them are active: answers, if no other lane of their warp can run.
bool answer_active_lanes(ResidentBlock& block);
/// The block cannot run: lets one asynchronous copy land. False when none is in flight.
bool deliver_async(ResidentBlock& block);
/// The thread exits: its own copies, which nobody waited for, land.
void finish_copies(Thread& thread);
/// The block has ended: bulk copies that nobody waited for are dropped.
void finish_block_copies(ResidentBlock& block);
/// What an mbarrier lacks, for a report.
std::string describe_mbarrier(const ResidentBlock& block, unsigned address);

/// The block's index, flattened.
std::uint64_t block_number(const Block& block);
/// printf's text: from a block to its launch, and from there to stdout.
void collect_output(ResidentBlock& block);
void print_output(Launch& launch);
/// Turns this OS thread's memory faults in simulated threads into errors of the launch.
void catch_faults();
/// How long threads may poll for what nobody does.
std::chrono::seconds hang_limit();
/// While it lives, a thread of this OS thread's launch that runs on and on without meeting another is
/// noticed.
class Watchdog {
 public:
  Watchdog();
  ~Watchdog();
};
/// From the handler of SIGFPE: gives an integer division the result that a GPU gives, and goes on behind it.
enum class Trap { by_zero, overflow, other };
Trap divide_as_gpu(void* context);
/// From a signal's handler: goes on with `function` on a stack of its own, in place of what was interrupted.
void go_on_with(void (*function)(), void* context);

void enter(Thread& thread);

}  // namespace simt
