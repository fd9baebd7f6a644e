// Bulk copies: proxy fences, phases of mbarriers and their parity.
#include "bulk.hpp"

namespace {

enum class Fence { none, writer, copier, too_early };

template <Fence fence, bool synced = true>
__global__ void store_tile(float* out) {
  __shared__ alignas(128) float tile[64];
  if (fence == Fence::too_early) {
    fence_proxy();
    __syncthreads();
  }
  tile[threadIdx.x] = threadIdx.x;
  if (fence == Fence::writer) fence_proxy();
  if (synced) __syncthreads();
  if (threadIdx.x == 0) {
    if (fence == Fence::copier) fence_proxy();
    store(out, tile, sizeof tile);
    wait_for_stores();
  }
}
BUG(bulk_store_without_proxy_fence, "proxy") {
  Device<float> out(64);
  right ? store_tile<Fence::writer><<<1, 64>>>(out) : store_tile<Fence::none><<<1, 64>>>(out);
}
BUG(bulk_store_of_what_others_still_write, "race") {
  Device<float> out(64);
  right ? store_tile<Fence::writer><<<1, 64>>>(out) : store_tile<Fence::writer, false><<<1, 64>>>(out);
}
BUG(proxy_fence_before_the_stores, "proxy") {
  Device<float> out(64);
  right ? store_tile<Fence::copier><<<1, 64>>>(out) : store_tile<Fence::too_early><<<1, 64>>>(out);
}

template <bool right>
__global__ void load_over(const float* x, float* out) {
  __shared__ alignas(128) float tile[64];
  __shared__ alignas(8) std::uint64_t full;
  tile[threadIdx.x] = 0;
  if (threadIdx.x == 0) init(&full, 1);
  if constexpr (right) fence_proxy();
  __syncthreads();
  if (threadIdx.x == 0) {
    expect(&full, sizeof tile);
    load(tile, x, sizeof tile, &full);
  }
  wait(&full, 0);
  out[threadIdx.x] = tile[threadIdx.x];
}
BUG(bulk_load_over_ordinary_stores, "proxy") {
  Device<float> x(64, 1), out(64);
  right ? load_over<true><<<1, 64>>>(x, out) : load_over<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void tiles(const float* x, float* out, int count) {
  __shared__ alignas(128) float tile[64];
  __shared__ alignas(8) std::uint64_t full;
  if (threadIdx.x == 0) init(&full, 1);
  __syncthreads();
  float sum = 0;
  for (int t = 0; t < count; ++t) {
    if (threadIdx.x == 0) {
      expect(&full, sizeof tile);
      load(tile, x + 64 * t, sizeof tile, &full);
    }
    wait(&full, right ? t % 2 : 0);
    sum += tile[63 - threadIdx.x];
    __syncthreads();
  }
  out[threadIdx.x] = sum;
  if constexpr (!right) wait(&full, (count - 1) % 2);
}
BUG(parity_that_is_never_flipped, "async") {
  Device<float> x(256, 1), out(64);
  right ? tiles<true><<<1, 64>>>(x, out, 4) : tiles<false><<<1, 64>>>(x, out, 4);
}

// A stage's parity flips each time it is used, that is every other tile.
template <bool right>
__global__ void stages(const float* x, float* out, int count) {
  __shared__ alignas(128) float stage[2][64];
  __shared__ alignas(8) std::uint64_t full[2];
  if (threadIdx.x == 0) init(&full[0], 1), init(&full[1], 1);
  __syncthreads();
  float sum = 0;
  for (int t = 0; t < count; ++t) {
    if (threadIdx.x == 0) {
      expect(&full[t % 2], sizeof stage[0]);
      load(stage[t % 2], x + 64 * t, sizeof stage[0], &full[t % 2]);
    }
    wait(&full[t % 2], right ? t / 2 % 2 : t % 2);
    sum += stage[t % 2][63 - threadIdx.x];
    __syncthreads();
  }
  out[threadIdx.x] = sum;
}
BUG(parity_of_the_tile_instead_of_the_stage, "async") {
  Device<float> x(256, 1), out(64);
  right ? stages<true><<<1, 64>>>(x, out, 4) : stages<false><<<1, 64>>>(x, out, 4);
}

template <bool right>
__global__ void refill(const float* x, float* out) {
  __shared__ alignas(128) float tile[64];
  __shared__ alignas(8) std::uint64_t full;
  if (threadIdx.x == 0) init(&full, 1);
  __syncthreads();
  for (int t = 0; t < 2; ++t) {
    if (threadIdx.x == 0) {
      expect(&full, sizeof tile);
      load(tile, x + 64 * t, sizeof tile, &full);
    }
    wait(&full, t);
    out[64 * t + threadIdx.x] = tile[63 - threadIdx.x];
    if constexpr (right) __syncthreads();
  }
}
BUG(bulk_load_refills_while_others_read, "race") {
  Device<float> x(128, 1), out(128);
  right ? refill<true><<<1, 64>>>(x, out) : refill<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void store_and_reuse(float* out) {
  __shared__ alignas(128) float tile[64];
  for (int t = 0; t < 2; ++t) {
    tile[threadIdx.x] = threadIdx.x + t;
    fence_proxy();
    __syncthreads();
    if (threadIdx.x == 0) {
      store(out + 64 * t, tile, sizeof tile);
      if constexpr (right) wait_for_stores();
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) wait_for_stores();
}
BUG(tile_reused_before_its_bulk_store_is_read, "async") {
  Device<float> out(128);
  right ? store_and_reuse<true><<<1, 64>>>(out) : store_and_reuse<false><<<1, 64>>>(out);
}

// A producer waits for a slot to be empty from its second round on.
template <bool right>
__global__ void rounds(const float* x, float* out) {
  __shared__ alignas(128) float tile[32];
  __shared__ alignas(8) std::uint64_t full, empty;
  if (threadIdx.x == 0) init(&full, 1), init(&empty, 32);
  __syncthreads();
  for (int round = 0; round < 3; ++round) {
    if (threadIdx.x == 0) {
      if (!right || round > 0) wait(&empty, (round - 1) % 2);
      expect(&full, sizeof tile);
      load(tile, x + 32 * round, sizeof tile, &full);
    }
    wait(&full, round % 2);
    out[32 * round + threadIdx.x] = tile[threadIdx.x];
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(&empty)) : "memory");
  }
}
BUG(mbarrier_parity_below_the_first, "async") {
  Device<float> x(96, 1), out(96);
  right ? rounds<true><<<1, 32>>>(x, out) : rounds<false><<<1, 32>>>(x, out);
}

enum class Wait { done, read };

// A result is read back by another thread, once the copy into it is done.
template <Wait how>
__global__ void read_back(float* out, float* sum) {
  __shared__ alignas(128) float tile[64];
  tile[threadIdx.x] = threadIdx.x;
  fence_proxy();
  __syncthreads();
  if (threadIdx.x == 0) {
    store(out, tile, sizeof tile);
    if (how == Wait::done)
      asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
    else
      wait_for_stores();
  }
  __syncthreads();
  sum[threadIdx.x] = out[63 - threadIdx.x];
}
BUG(bulk_store_of_which_only_the_source_is_waited_for, "async") {
  Device<float> out(64), sum(64);
  right ? read_back<Wait::done><<<1, 64>>>(out, sum) : read_back<Wait::read><<<1, 64>>>(out, sum);
}

template <bool right>
__global__ void passed_on(float* x, int* flag, float* out) {
  __shared__ alignas(128) float tile[32];
  if (blockIdx.x == 0) {
    tile[threadIdx.x] = threadIdx.x;
    fence_proxy();
    __syncthreads();
    if (threadIdx.x > 0) return;
    store(x, tile, sizeof tile);
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
    if constexpr (right)
      asm volatile("st.release.gpu.global.s32 [%0], 1;" ::"l"(flag) : "memory");
    else
      asm volatile("st.relaxed.gpu.global.s32 [%0], 1;" ::"l"(flag) : "memory");
  } else {
    int seen = 0;
    while (!seen) asm volatile("ld.acquire.gpu.global.s32 %0, [%1];" : "=r"(seen) : "l"(flag) : "memory");
    out[threadIdx.x] = x[threadIdx.x];
  }
}
BUG(bulk_store_passed_on_without_release, "race") {
  Device<float> x(32), out(32);
  Device<int> flag(1, 0);
  right ? passed_on<true><<<2, 32>>>(x, flag, out) : passed_on<false><<<2, 32>>>(x, flag, out);
}

// Every block's tile is added; the sums are the next kernel's to read.
template <bool right>
__global__ void add_up(float* sums, float* out) {
  __shared__ alignas(128) float tile[32];
  tile[threadIdx.x] = 1;
  fence_proxy();
  __syncthreads();
  if (threadIdx.x == 0) {
    asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.f32 [%0], [%1], %2;" ::"l"(sums),
                 "r"(shared_address(tile)), "r"(unsigned(sizeof tile))
                 : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
  }
  __syncthreads();
  if constexpr (!right) out[blockIdx.x * 32 + threadIdx.x] = sums[threadIdx.x];
}
BUG(bulk_reduction_read_while_other_blocks_add, "race") {
  Device<float> sums(32, 0), out(64);
  right ? add_up<true><<<2, 32>>>(sums, out) : add_up<false><<<2, 32>>>(sums, out);
}

// What another block has written, or left out, is loaded in bulk.
template <bool released>
__global__ void fetched(float* x, int* flag, float* out, int from) {
  __shared__ alignas(128) float tile[32];
  __shared__ alignas(8) std::uint64_t full;
  if (blockIdx.x == 0) {
    x[threadIdx.x] = threadIdx.x;
    __syncthreads();
    if (threadIdx.x > 0) return;
    if constexpr (released)
      asm volatile("st.release.gpu.global.s32 [%0], 1;" ::"l"(flag) : "memory");
    else
      asm volatile("st.relaxed.gpu.global.s32 [%0], 1;" ::"l"(flag) : "memory");
    return;
  }
  if (threadIdx.x == 0) init(&full, 1);
  __syncthreads();
  if (threadIdx.x == 0) {
    int seen = 0;
    while (!seen) asm volatile("ld.acquire.gpu.global.s32 %0, [%1];" : "=r"(seen) : "l"(flag) : "memory");
    asm volatile("fence.proxy.async.global;" ::: "memory");
    expect(&full, sizeof tile);
    load(tile, x + from, sizeof tile, &full);
  }
  wait(&full, 0);
  out[threadIdx.x] = tile[threadIdx.x];
}
BUG(bulk_load_of_what_was_not_released, "race") {
  Device<float> x(32), out(32);
  Device<int> flag(1, 0);
  right ? fetched<true><<<2, 32>>>(x, flag, out, 0) : fetched<false><<<2, 32>>>(x, flag, out, 0);
}
BUG(bulk_load_past_the_end, "out-of-bounds") {
  Device<float> x(32), out(32);
  Device<int> flag(1, 0);
  fetched<true><<<2, 32>>>(x, flag, out, right ? 0 : 4);
}

}  // namespace
