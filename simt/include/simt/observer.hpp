// What the executor tells a checker. The executor calls these through `observer` where it is not null; a plain
// build never sets it. Calls that name a thread come from that thread's fiber; the others from its OS thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simt {

struct LaunchSite;  // kernel name, file, line
struct SharedSite;  // variable name, file, line

enum class Copy { HostToDevice, DeviceToHost, DeviceToDevice, HostToHost };
enum class Memory { Device, Managed, Pinned };

// The running thread, as the checker's access callbacks see it: they run at every load and store, so this is
// plain data that the executor keeps up to date. Null in host code.
struct ThreadView {
  std::uint32_t thread;         // linear index in its block
  std::uint32_t block;          // linear index in its grid
  std::uint32_t block_epoch;    // grows at every block-wide barrier that this thread passed
  std::uint32_t warp_epoch;     // grows at every __syncwarp, shuffle or vote that this thread passed
  void* block_check;            // the checker's own, per block: set by it in block_begin
  void* thread_check;           // the checker's own, per thread
};
inline thread_local ThreadView* current_view = nullptr;

struct Observer {
  virtual ~Observer() = default;

  // Memory. `where` is the caller's return address (of cudaMalloc …): the place to name in reports.
  virtual void allocated(void* p, std::size_t bytes, Memory, const void* where) = 0;
  virtual void freed(void* p, const void* where) = 0;
  // The runtime itself (cudaMemcpy, cudaMemset) reads or writes: checks bounds, marks written.
  virtual void host_read(const void* p, std::size_t bytes, const void* where) = 0;
  virtual void host_write(void* p, std::size_t bytes, const void* where) = 0;

  // A kernel. Blocks of a launch run on several OS threads; one block stays on one.
  virtual void launch_begin(std::uint64_t launch, const LaunchSite&, const unsigned grid[3],
                            const unsigned block[3]) = 0;
  virtual void launch_end(std::uint64_t launch) = 0;
  // The block's arena is [shared, shared + bytes); nothing in it is allocated or written yet.
  virtual void block_begin(std::uint64_t launch, unsigned block, ThreadView* threads, unsigned count,
                           void* shared, std::size_t bytes) = 0;
  virtual void block_end(std::uint64_t launch, unsigned block) = 0;
  virtual void shared_allocated(const SharedSite*, void* p, std::size_t bytes) = 0;  // null site: dynamic
  // Every thread that is left has arrived at a block-wide barrier (before any of them goes on).
  virtual void barrier_complete(unsigned block) = 0;
  virtual void warp_collective(const char* name, unsigned lanes) = 0;  // shuffle, vote, …: once per warp

  // Asynchronous copies. The executor delivers; the checker poisons in between.
  virtual void async_issued(void* to, const void* from, std::size_t bytes) = 0;
  virtual void async_landed(void* to, const void* from, std::size_t bytes) = 0;

  // A defect that the executor sees itself: divergent barrier, bad mask, deadlock, unlooked-at CUDA error.
  virtual void defect(const char* kind, const char* message, const char* cause, const void* where) = 0;
};
inline Observer* observer = nullptr;

}  // namespace simt
