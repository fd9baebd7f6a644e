// What the executor tells a checker. The executor calls these through `observer` where it is not null; a
// plain build never sets it. Everything else the checker reads from simt::current (thread.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "simt/launch.hpp"
#include "simt/shared.hpp"
#include "simt/thread.hpp"

namespace simt {

// Address ranges reserved once, so that an access is classified by two comparisons. All of cudaMalloc's
// memory lies in one, all managed memory in another, the shared-memory arenas of all resident blocks in a
// third.
struct Region {
  std::uintptr_t begin = 0, end = 0;
  bool contains(const void* p) const { return reinterpret_cast<std::uintptr_t>(p) - begin < end - begin; }
};
extern constinit Region device_region, managed_region, shared_region;

enum class Memory { device, managed, pinned };

struct Operation;  // runtime/operation.hpp

struct Observer {
  virtual ~Observer() = default;

  // Memory of the program: cudaMalloc and its kind. The allocator leaves at least 256 bytes between
  // allocations.
  virtual void allocated(void* p, std::size_t bytes, Memory, Site) = 0;
  virtual void freed(void* p, Site) = 0;
  // A call fails that was to free the allocation which begins there.
  virtual void free_refused(const void* p) = 0;
  // A stream frees memory: whatever other streams do with it must come before.
  virtual void freed_in_stream(const void* p, std::size_t bytes) = 0;
  // What else a program makes and is to give back: "a stream", by "cudaStreamDestroy".
  virtual void made(const void* object, const char* what, const char* given_back_by) = 0;
  virtual void given_back(const void* object) = 0;
  // The runtime itself (cudaMemcpy, cudaMemset, a bulk copy) reads or writes device or shared memory.
  virtual void runtime_reads(const void* p, std::size_t bytes, Site) = 0;
  virtual void runtime_writes(void* p, std::size_t bytes, Site) = 0;
  // The host asks for a copy or fill that does not fit this memory, and that is not done.
  virtual void copy_refused(const void* p, std::size_t bytes, bool written) = 0;

  // Work of a stream, when the program asks for it and when it is done; its clock says what comes before it.
  virtual void operation_queued(Operation&) = 0;
  virtual void operation_begins(const Operation&) = 0;
  // The operation queued last will read or write this memory of the host.
  virtual void host_memory_in_flight(const void* p, std::size_t bytes, bool written) = 0;

  // From the OS thread that runs the block. Launch::number tells launches apart.
  virtual void launch_begins(const Launch&) = 0;
  virtual void launch_ends(const Launch&) = 0;
  virtual void block_begins(const Block&) = 0;  // shared memory is all "not allocated"
  virtual void block_ends(const Block&) = 0;
  virtual void shared_placed(const Block&, const SharedSite*, void* p,
                             std::size_t bytes) = 0;  // null: dynamic
  // __syncthreads and its kind, before the first goes on
  virtual void barrier_opens(const Block&, Site) = 0;
  virtual void warp_meets(const Block&, const char* operation) = 0;  // a shuffle, vote, … : once per warp

  // Order between threads other than by the above. The running thread releases what it did so far to whoever
  // acquires `object` later: mbarrier arrive and (successful) wait, a named barrier's arrival and leaving.
  virtual void released(const void* object) = 0;
  virtual void acquired(const void* object) = 0;
  // The running thread is about to initialise an mbarrier, or to use it, which comes after that.
  virtual void mbarrier_initialised(void* word, std::size_t bytes, Site) = 0;
  virtual void mbarrier_used(const void* word, Site) = 0;
  // Every thread of the launch has arrived at a grid-wide barrier, before the first goes on.
  virtual void grid_barrier_opens(const Launch&) = 0;

  // The running thread executed fence.proxy.async: what ordinary accesses wrote before, bulk copies see.
  virtual void proxy_fenced() = 0;

  // Asynchronous copies into shared or global memory, by the issuing thread and then when they land. The
  // write is `owner`'s (cp.async: the thread that waited for it), or nobody's (bulk copies: ordered by their
  // mbarrier). `source_bytes` of the `bytes` come from `from`; zeros fill the rest.
  virtual void copy_issued(void* to, const void* from, std::size_t bytes, std::size_t source_bytes, bool bulk,
                           Site) = 0;
  virtual void copy_landed(void* to, const void* from, std::size_t bytes, const Thread* owner) = 0;
  // What a bulk copy of the running thread is going to read of global memory.
  virtual void bulk_read_issued(const void* from, std::size_t bytes, Site) = 0;
  // What one writes there, when it is issued and when it has landed.
  // `atomically`: it is a reduction.
  virtual void bulk_write_issued(void* to, std::size_t bytes, bool atomically, Site) = 0;
  virtual void bulk_write_landed(void* to, std::size_t bytes, bool atomically, Site) = 0;

  // A defect that the executor sees itself: divergent barrier, bad mask, deadlock. `kind` and `other` as in
  // Finding.
  virtual void defect(const char* kind, const char* message, const char* cause, Site, Site other = {}) = 0;
  // The name of the kernel at an address, as far as the program's symbols tell it; it stays.
  virtual const char* kernel_name(const void* function) = 0;
  // Where the thread last touched memory, or a code address lies, as "x.cu:12"; empty where that is not
  // known.
  virtual std::string where(const Thread&) = 0;
  virtual std::string where(const void* instruction) = 0;
  // The running thread faulted at a code address; its launch ends.
  virtual void fault(const char* message, const void* instruction) = 0;
  // The running thread divided an integer by zero at a code address, and goes on.
  virtual void divided_by_zero(const void* instruction) = 0;
  // From the handler of a signal that is about to end the program. No message: it gives up by itself.
  virtual void host_faulted(const char* message, const char* cause, const void* instruction) = 0;
};
inline Observer* observer = nullptr;

}  // namespace simt
