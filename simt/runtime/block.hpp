#pragma once
// A resident block, the launch it belongs to, and the worker (one OS thread) that runs it.
#include <driver_types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "simt/control.hpp"
#include "simt/launch.hpp"
#include "simt/thread.hpp"
#include "stacks.hpp"

namespace simt {

/// A set of a block's threads, one bit each.
struct ThreadSet {
  std::array<std::uint64_t, max_threads / 64> words{};

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
  bool parked_any = false;  // some thread has parked: the sets below are in use
  unsigned started = 0;     // before that: threads started
  unsigned alive_count = 0;
  ThreadSet alive, ready, unstarted;
  std::array<Barrier, 16> barriers;
  std::array<Warp, max_warps> warps;
  std::vector<Thread> threads;
  std::vector<SharedSlot> shared_slots;
  std::uint64_t shared_serial = 0;  // the block the next two are about
  std::size_t shared_used = 0, shared_end = 0;
  std::uint64_t dynamic_serial = 0;  // the block whose dynamic shared memory has been poisoned
  std::unique_ptr<char, void (*)(char*)> arena;
  std::unique_ptr<Async, void (*)(Async*)> async;

  ResidentBlock();
};

/// A launch while it runs.
struct Launch {
  LaunchSite site;
  Config config;
  std::shared_ptr<const Kernel> kernel;
  Schedule schedule;
  std::uint64_t block_count = 0;
  std::uint64_t stride = 1, shift = 0;  // the random order of the blocks
  std::atomic<std::uint64_t> next_block{0};
  std::atomic<cudaError_t> error{cudaSuccess};
  std::uint64_t number = 0;  // of launches so far

  /// The index of the n-th block to run.
  uint3 block_index(std::uint64_t n) const;
};

/// Runs blocks on one OS thread; fibers never leave it.
struct Worker {
  Launch* launch = nullptr;
  Stacks stacks;
  void* main_context = nullptr;
  std::vector<std::unique_ptr<ResidentBlock>> blocks;  // resident; [0] unless the launch is cooperative
  unsigned resident = 0;
  std::uint64_t serial = 0, random = 1;
  std::vector<std::uint16_t> order;  // of starting a block's threads; empty when forward
  Thread* starting = nullptr;        // what the next fresh fiber begins with
  void* running_stack = nullptr;     // of the running fiber

  void run(Launch& launch);

  // Called on fibers.
  Thread* begin_block(ResidentBlock& block);  // null when the launch has no block left
  Thread* finished(Thread* thread);
  void settle(ResidentBlock& block);
  void park(Thread* self, bool own_warp_first);
  Thread* pick(ResidentBlock& block, unsigned after, bool own_warp_first);
  [[noreturn]] void abandon(cudaError_t error);

  std::uint64_t next_random();

 private:
  void fit(ResidentBlock& block);
  void switch_to(Thread* next, Thread* self);
  [[noreturn]] void deadlock(const ResidentBlock& block);
};

Worker& this_worker();
ResidentBlock& resident(const Thread& thread);

/// Opens the barriers and meetings that wait for nobody else any more.
void after_exit(ResidentBlock& block, unsigned warp);
/// Starts async copies of a finished or stuck block; true when some thread became ready.
bool deliver_async(ResidentBlock& block);

void enter(Thread& thread);

}  // namespace simt
