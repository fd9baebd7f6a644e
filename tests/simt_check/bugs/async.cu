// Asynchronous copies, mbarriers and barriers in branches.
#include <cstdint>

#include "bug.hpp"

namespace {

__device__ unsigned shared_address(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}
__device__ void copy16(void* to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from) : "memory");
}
template <int newest>
__device__ void wait_group() {
  asm volatile("cp.async.wait_group %0;" ::"n"(newest) : "memory");
}
__device__ void wait_all() { asm volatile("cp.async.wait_all;" ::: "memory"); }
__device__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <bool right>
__global__ void read_own(const float4* x, float4* out) {
  __shared__ float4 tile[32];
  copy16(&tile[threadIdx.x], x + threadIdx.x);
  commit();
  if constexpr (right) wait_group<0>();
  out[threadIdx.x] = tile[threadIdx.x];
  wait_group<0>();
}
BUG(cp_async_read_before_wait, "async", 1) {
  Device<float4> x(32, float4{}), out(32);
  right ? read_own<true><<<1, 32>>>(x, out) : read_own<false><<<1, 32>>>(x, out);
}

template <bool right>
__global__ void read_others(const float4* x, float4* out) {
  __shared__ float4 tile[64];
  copy16(&tile[threadIdx.x], x + threadIdx.x);
  commit();
  wait_group<0>();
  if constexpr (right) __syncthreads();
  out[threadIdx.x] = tile[63 - threadIdx.x];
}
BUG(cp_async_wait_without_barrier, "race", 1) {
  Device<float4> x(64, float4{}), out(64);
  right ? read_others<true><<<1, 64>>>(x, out) : read_others<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void pipeline(const float4* x, float4* out) {
  __shared__ float4 stage[2][32];
  copy16(&stage[0][threadIdx.x], x + threadIdx.x);
  commit();
  copy16(&stage[1][threadIdx.x], x + 32 + threadIdx.x);
  commit();
  wait_group<right ? 1 : 2>();
  __syncthreads();
  out[threadIdx.x] = stage[0][31 - threadIdx.x];
  wait_group<0>();
  __syncthreads();
  out[32 + threadIdx.x] = stage[1][31 - threadIdx.x];
}
BUG(cp_async_wait_one_group_too_few, "async", 1) {
  Device<float4> x(64, float4{}), out(64);
  right ? pipeline<true><<<1, 32>>>(x, out) : pipeline<false><<<1, 32>>>(x, out);
}

template <bool right>
__global__ void stages(const float4* x, float4* out) {
  __shared__ float4 stage[2][64];
  copy16(&stage[0][threadIdx.x], x + threadIdx.x);
  commit();
  for (int t = 0; t < 4; ++t) {
    if (t + 1 < 4) copy16(&stage[(t + 1) % 2][threadIdx.x], x + 64 * (t + 1) + threadIdx.x);
    commit();
    wait_group<right ? 1 : 2>();
    __syncthreads();
    out[64 * t + threadIdx.x] = stage[t % 2][63 - threadIdx.x];
    out[64 * t + threadIdx.x].x += stage[t % 2][threadIdx.x].x;
    __syncthreads();
  }
}
BUG(cp_async_stages_wait_too_late, "async", 1) {
  Device<float4> x(256, float4{}), out(256);
  right ? stages<true><<<1, 64>>>(x, out) : stages<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void refill(const float4* x, float4* out) {
  __shared__ float4 tile[64];
  for (int t = 0; t < 2; ++t) {
    copy16(&tile[threadIdx.x], x + 64 * t + threadIdx.x);
    commit();
    wait_group<0>();
    __syncthreads();
    out[64 * t + threadIdx.x] = tile[63 - threadIdx.x];
    if constexpr (right) __syncthreads();
  }
}
BUG(cp_async_refills_while_others_read, "race", 1) {
  Device<float4> x(128, float4{}), out(128);
  right ? refill<true><<<1, 64>>>(x, out) : refill<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void double_buffered(const float4* x, float4* out, int tiles) {
  __shared__ float4 stage[2][64];
  copy16(&stage[0][threadIdx.x], x + threadIdx.x);
  commit();
  for (int t = 0; t < tiles; ++t) {
    if (t + 1 < tiles) copy16(&stage[(t + 1) % 2][threadIdx.x], x + 64 * (t + 1) + threadIdx.x);
    commit();
    wait_group<right ? 1 : 2>();
    __syncthreads();
    out[64 * t + threadIdx.x] = stage[t % 2][63 - threadIdx.x];
    __syncthreads();
  }
}
BUG(double_buffer_waits_for_one_group_too_few, "async", 1) {
  Device<float4> x(256, float4{}), out(256);
  right ? double_buffered<true><<<1, 64>>>(x, out, 4) : double_buffered<false><<<1, 64>>>(x, out, 4);
}

template <bool right>
__global__ void never_waited(const float4* x, float4* out) {
  __shared__ float4 tile[32];
  copy16(&tile[threadIdx.x], x + threadIdx.x);
  commit();
  if constexpr (right) wait_group<0>();
  out[threadIdx.x] = x[threadIdx.x];
}
BUG(exit_with_copies_in_flight, "async", 1) {
  Device<float4> x(32, float4{}), out(32);
  right ? never_waited<true><<<1, 32>>>(x, out) : never_waited<false><<<1, 32>>>(x, out);
}

BUG(cp_async_past_the_end, "out-of-bounds") {
  Device<float4> x(right ? 32 : 31, float4{}), out(32);
  read_own<true><<<1, 32>>>(x, out);
}

template <bool right>
__global__ void zero_filled(const float* x, float4* out, int n) {
  __shared__ float4 tile[32];
  const int left =
      n - 4 * int(threadIdx.x);  // the last copy reads a part of its 16 bytes, those after it nothing
  const int bytes = right ? 4 * max(0, min(4, left)) : 16;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(&tile[threadIdx.x])),
               "l"(x + 4 * threadIdx.x), "r"(bytes)
               : "memory");
  wait_all();
  out[threadIdx.x] = tile[threadIdx.x];
}
__global__ void zero_filled_by_elements(const float* x, float4* out, int n) {
  __shared__ float4 tile[32];
  const int bytes = 4 * max(0, n - 4 * int(threadIdx.x));  // of all that is left: not of this copy
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(&tile[threadIdx.x])),
               "l"(x + 4 * threadIdx.x), "r"(bytes)
               : "memory");
  wait_all();
  out[threadIdx.x] = tile[threadIdx.x];
}
BUG(cp_async_without_zero_fill, "out-of-bounds") {
  Device<float> x(101, 1);
  Device<float4> out(32);
  right ? zero_filled<true><<<1, 32>>>(x, out, 101) : zero_filled<false><<<1, 32>>>(x, out, 101);
}

BUG(cp_async_of_more_than_its_size, "async") {
  Device<float> x(128, 1);
  Device<float4> out(32);
  right ? zero_filled<true><<<1, 32>>>(x, out, 128) : zero_filled_by_elements<<<1, 32>>>(x, out, 128);
}

__device__ void wait_parity(unsigned barrier, unsigned parity) {
  asm volatile(
      "{\n.reg .pred done;\nWAIT:\nmbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n@done bra "
      "DONE;\n"
      "bra WAIT;\nDONE:\n}" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

template <bool right>
__global__ void bulk(const float* x, float* out) {
  __shared__ alignas(128) float tile[64];
  __shared__ alignas(8) std::uint64_t full;
  const unsigned barrier = shared_address(&full);
  if (threadIdx.x == 0) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barrier) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], 256;" ::"r"(barrier) : "memory");
    asm volatile(
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], 256, [%2];" ::"r"(
            shared_address(tile)),
        "l"(x), "r"(barrier)
        : "memory");
  }
  if constexpr (right)
    wait_parity(barrier, 0);
  else
    wait_parity(barrier, 1);  // the phase before the first: complete already
  out[threadIdx.x] = tile[threadIdx.x];
  if constexpr (!right) wait_parity(barrier, 0);
}
BUG(mbarrier_waits_for_the_wrong_phase, "async") {
  Device<float> x(64, 1), out(64);
  right ? bulk<true><<<1, 64>>>(x, out) : bulk<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void hand_over(float* out) {
  __shared__ float value[32];
  __shared__ alignas(8) std::uint64_t full;
  const unsigned barrier = shared_address(&full);
  if (threadIdx.x == 0) asm volatile("mbarrier.init.shared::cta.b64 [%0], 32;" ::"r"(barrier) : "memory");
  __syncthreads();
  if (threadIdx.x < 32) {  // producers
    value[threadIdx.x] = threadIdx.x;
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
  } else {  // consumers
    if constexpr (right) wait_parity(barrier, 0);
    out[threadIdx.x - 32] = value[63 - threadIdx.x];
  }
}
BUG(consumer_does_not_wait, "race") {
  Device<float> out(32);
  right ? hand_over<true><<<1, 64>>>(out) : hand_over<false><<<1, 64>>>(out);
}

template <bool right>
__global__ void branched(float* x) {
  __shared__ float tile[64];
  tile[threadIdx.x] = x[threadIdx.x];
  if constexpr (right) {
    __syncthreads();
  } else {
    if (threadIdx.x < 32)
      __syncthreads();
    else
      __syncthreads();
  }
  x[threadIdx.x] = tile[63 - threadIdx.x];
}
BUG(barrier_in_both_branches, "barrier") {
  Device<float> x(64, 1);
  right ? branched<true><<<1, 64>>>(x) : branched<false><<<1, 64>>>(x);
}

template <bool right>
__global__ void shuffled(float* x) {
  x[threadIdx.x] += __shfl_xor_sync(right ? 0xffffffffu : 0x0000ffffu, x[threadIdx.x], 1);
}
BUG(shuffle_outside_its_mask, "mask") {
  Device<float> x(32, 1);
  right ? shuffled<true><<<1, 32>>>(x) : shuffled<false><<<1, 32>>>(x);
}

template <bool right>
__global__ void half_warp(float* x) {
  if (threadIdx.x < 16)
    x[threadIdx.x] += __shfl_down_sync(right ? 0x0000ffffu : 0xffffffffu, x[threadIdx.x], 1);
  else if (!right)
    __syncthreads();
}
BUG(mask_names_lanes_that_never_come, "deadlock") {
  Device<float> x(32, 1);
  right ? half_warp<true><<<1, 32>>>(x) : half_warp<false><<<1, 32>>>(x);
}

template <bool right>
__global__ void waits_for_nobody(float* x) {
  __shared__ alignas(8) std::uint64_t full;
  const unsigned barrier = shared_address(&full);
  if (threadIdx.x == 0)
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(right ? 32 : 33) : "memory");
  __syncthreads();
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
  wait_parity(barrier, 0);
  x[threadIdx.x] = 1;
}
BUG(mbarrier_expects_too_many, "deadlock") {
  Device<float> x(32);
  right ? waits_for_nobody<true><<<1, 32>>>(x) : waits_for_nobody<false><<<1, 32>>>(x);
}

}  // namespace
