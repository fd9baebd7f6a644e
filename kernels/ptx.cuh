// The PTX that CUDA C++ has no name for, one instruction a function. Section numbers are those of NVIDIA's
// PTX ISA manual under "Data Movement and Conversion" and "Parallel Synchronization: mbarrier".
#pragma once

#include <cuda.h>

#include <cstdint>

namespace ptx {

// Whether this compilation may contain Hopper's instructions. A kernel that needs them starts with
// `if constexpr (!ptx::kHopper) return;`, and its launcher asks for compute capability 9.0.
#ifdef __CUDA_ARCH__
constexpr bool kHopper = __CUDA_ARCH__ >= 900;
#else
constexpr bool kHopper = true;
#endif

// The 32-bit address in shared memory that PTX wants.
__device__ inline std::uint32_t shared(const void* p) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(p));
}

// --- cp.async: copies from global to shared memory that a thread starts and does not wait for ---

// Copies `bytes` (0 or 4) and fills up to 4 with zeros. Both addresses 4-byte aligned; `from` is not read
// when bytes is 0. Through L1.
__device__ inline void cp_async_4(float* to, const float* from, int bytes) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(shared(to)), "l"(from), "r"(bytes)
               : "memory");
}

// Copies `bytes` (0 to 16) and fills up to 16 with zeros. Both addresses 16-byte aligned. Past L1.
__device__ inline void cp_async_16(float* to, const float* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared(to)), "l"(from), "r"(bytes)
               : "memory");
}

// Closes this thread's group of copies started since the last commit; a group may be empty.
__device__ inline void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until at most kPending of this thread's newest groups are unfinished. Other threads' copies need a
// barrier besides.
template <int kPending>
__device__ inline void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

// --- mbarrier: a barrier in shared memory that also counts bytes (sm_90) ---

// A phase of `bar` ends when `arrivals` threads have arrived and all expected bytes have landed. One thread
// initialises it, then fences, then the block synchronises.
__device__ inline void mbarrier_init(std::uint64_t* bar, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared(bar)), "r"(arrivals) : "memory");
}

// Makes initialised barriers visible to the copy engine.
__device__ inline void fence_mbarrier_init() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ inline void mbarrier_arrive(std::uint64_t* bar) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared(bar)) : "memory");
}

// Arrives, and lets the phase also wait for `bytes` more bytes.
__device__ inline void mbarrier_arrive_expect(std::uint64_t* bar, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared(bar)), "r"(bytes)
               : "memory");
}

// Whether the phase with this parity (0 for the first, then alternating) has ended; may wait a while.
__device__ inline bool mbarrier_try_wait(std::uint64_t* bar, int parity) {
  std::uint32_t done;
  asm volatile(
      "{\n"
      ".reg .pred p;\n"
      "mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n"
      "selp.u32 %0, 1, 0, p;\n"
      "}"
      : "=r"(done)
      : "r"(shared(bar)), "r"(parity)
      : "memory");
  return done != 0;
}

__device__ inline void mbarrier_wait(std::uint64_t* bar, int parity) {
  while (!mbarrier_try_wait(bar, parity)) {
  }
}

// --- TMA: the copy engine moves whole tiles (sm_90) ---

// Starts the copy of the box at (x, y) of a two-dimensional tensor map to `to` (128-byte aligned), x counting
// along contiguous elements. Elements outside the tensor arrive as zeros; all bytes of the box count towards
// `bar`. One thread does this for the block.
__device__ inline void tma_load_2d(void* to, const CUtensorMap* map, int x, int y, std::uint64_t* bar) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], "
      "[%2];" ::"r"(shared(to)),
      "l"(map), "r"(shared(bar)), "r"(x), "r"(y)
      : "memory");
}

// --- Registers moved between the warpgroups of a block (sm_90a) ---

// Gives up, or asks for, registers: afterwards each thread of this warpgroup has kCount, a multiple of 8. All
// four warps must execute it.
template <int kCount>
__device__ inline void fewer_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kCount));
}
template <int kCount>
__device__ inline void more_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kCount));
}

}  // namespace ptx
