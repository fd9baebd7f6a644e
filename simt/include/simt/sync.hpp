#pragma once
#include <driver_types.h>

#include "simt/thread.hpp"

namespace simt {

/// Waits at a block barrier until `count` threads arrived (0: every thread that has not exited).
/// Returns the number of those whose predicate was non-zero.
unsigned block_barrier(unsigned barrier, unsigned count, bool predicate, const char* operation, Site site);

/// bar.arrive: counts, and does not wait.
void block_barrier_arrive(unsigned barrier, unsigned count, const char* operation, Site site);

/// The same for a tile of several warps: each `size` consecutive threads of the block are one.
unsigned tile_barrier(unsigned size, bool predicate, Site site);
/// Shows the tile `operand` and waits for what the others show; both stay until its next barrier.
void show_in_tile(unsigned size, void* operand, Site site);
const void* operand_in_tile(unsigned size, unsigned rank);

/// Waits for every thread of a cooperative launch.
void grid_barrier(Site site);
bool in_cooperative_launch();

/// Lets others run: what a spin loop must do in every turn.
void yield();

/// A thread reads or writes volatile memory. In shared memory the lanes of a warp do so in step, as programs
/// written before __syncwarp() expect; elsewhere a loop that reads lets others run now and then.
/// `instruction`: of those that stand at different ones the earliest goes first, so that lanes that left a
/// loop wait for the rest, as a compiler for GPUs would have it.
void volatile_access(const void* address, bool write, const void* instruction);

/// Prints what went wrong with the thread's place and ends the launch with `error`.
[[noreturn]] void fail(cudaError_t error, const char* what, Site site);

}  // namespace simt

inline void __syncthreads(simt::Site site = simt::Site::here()) {
  simt::block_barrier(0, 0, false, "__syncthreads", site);
}
inline int __syncthreads_count(int predicate, simt::Site site = simt::Site::here()) {
  return int(simt::block_barrier(0, 0, predicate != 0, "__syncthreads_count", site));
}
inline int __syncthreads_or(int predicate, simt::Site site = simt::Site::here()) {
  return simt::block_barrier(0, 0, predicate != 0, "__syncthreads_or", site) != 0;
}
inline int __syncthreads_and(int predicate, simt::Site site = simt::Site::here()) {
  return simt::block_barrier(0, 0, predicate == 0, "__syncthreads_and", site) == 0;
}
inline void __barrier_sync(unsigned barrier, simt::Site site = simt::Site::here()) {
  simt::block_barrier(barrier, 0, false, "__barrier_sync", site);
}
inline void __barrier_sync_count(unsigned barrier, unsigned count, simt::Site site = simt::Site::here()) {
  simt::block_barrier(barrier, count, false, "__barrier_sync_count", site);
}
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __nanosleep(unsigned) { simt::yield(); }
[[noreturn]] inline void __brkpt(simt::Site site = simt::Site::here()) {
  simt::fail(cudaErrorLaunchFailure, "__brkpt() was executed, and no debugger listens", site);
}
[[noreturn]] inline void __trap(simt::Site site = simt::Site::here()) {
  simt::fail(cudaErrorLaunchFailure, "__trap() was executed", site);
}

// Programmatic dependent launch: a stream's kernels run one after the other, so a dependent one finds
// everything done.
inline void cudaTriggerProgrammaticLaunchCompletion() {}
inline void cudaGridDependencySynchronize() {}
