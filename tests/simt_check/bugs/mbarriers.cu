// The life of an mbarrier: its initialisation, and who may see it.
#include "bulk.hpp"

namespace {

template <bool right>
__global__ void uninitialised_barrier(const float* x, float* out) {
  __shared__ alignas(128) float tile[32];
  __shared__ alignas(8) std::uint64_t full;
  if (right && threadIdx.x == 0) init(&full, 1);
  __syncthreads();
  if (threadIdx.x == 0) {
    expect(&full, sizeof tile);
    load(tile, x, sizeof tile, &full);
  }
  wait(&full, 0);
  out[threadIdx.x] = tile[threadIdx.x];
}
BUG(mbarrier_without_init, "fault") {
  Device<float> x(32, 1), out(32);
  right ? uninitialised_barrier<true><<<1, 32>>>(x, out) : uninitialised_barrier<false><<<1, 32>>>(x, out);
}

template <bool right>
__global__ void copies_arrive(const float* x, float* out) {
  __shared__ float tile[32];
  __shared__ alignas(8) std::uint64_t full;
  if (right && threadIdx.x == 0) init(&full, 32);
  __syncthreads();
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared_address(&tile[threadIdx.x])),
               "l"(x + threadIdx.x)
               : "memory");
  asm volatile("cp.async.mbarrier.arrive.shared.b64 [%0];" ::"r"(shared_address(&full)) : "memory");
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(&full)) : "memory");
  wait(&full, 0);
  out[threadIdx.x] = tile[31 - threadIdx.x];
}
BUG(copies_arrive_at_no_mbarrier, "fault", 1) {
  Device<float> x(32, 1), out(32);
  right ? copies_arrive<true><<<1, 32>>>(x, out) : copies_arrive<false><<<1, 32>>>(x, out);
}

// The flag makes sure that the mbarrier is initialised when it is used, on this machine.
template <bool right>
__global__ void shown_by_a_flag() {
  __shared__ alignas(8) std::uint64_t full;
  __shared__ volatile int ready;
  ready = 0;
  __syncthreads();
  if (threadIdx.x == 0) {
    init(&full, 32);
    if (right) __threadfence_block();
    ready = 1;
  }
  if (threadIdx.x >= 32) {
    while (!ready) {
    }
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(&full)) : "memory");
    wait(&full, 0);
  }
}
BUG(mbarrier_init_without_barrier, "race", 1) {
  right ? shown_by_a_flag<true><<<1, 64>>>() : shown_by_a_flag<false><<<1, 64>>>();
}

enum class Init { right, unfenced, by_all, too_many };

template <Init how>
__global__ void load_one(const float* x, float* out) {
  __shared__ alignas(128) float tile[32];
  __shared__ alignas(8) std::uint64_t full[1];
  if (how == Init::unfenced && threadIdx.x == 0) init_unseen(full, 1);
  if (how != Init::unfenced && (threadIdx.x == 0 || how == Init::by_all)) init(full, 1);
  if (how == Init::too_many && threadIdx.x == 0) init(full + 1, 1);
  __syncthreads();
  if (threadIdx.x == 0) {
    expect(full, sizeof tile);
    load(tile, x, sizeof tile, full);
  }
  wait(full, 0);
  out[threadIdx.x] = tile[threadIdx.x];
}
BUG(mbarrier_init_without_fence, "proxy") {
  Device<float> x(32, 1), out(32);
  right ? load_one<Init::right><<<1, 32>>>(x, out) : load_one<Init::unfenced><<<1, 32>>>(x, out);
}
BUG(mbarrier_init_by_every_thread, "async") {
  Device<float> x(32, 1), out(32);
  right ? load_one<Init::right><<<1, 32>>>(x, out) : load_one<Init::by_all><<<1, 32>>>(x, out);
}
BUG(mbarrier_init_past_the_last, "out-of-bounds") {
  Device<float> x(32, 1), out(32);
  right ? load_one<Init::right><<<1, 32>>>(x, out) : load_one<Init::too_many><<<1, 32>>>(x, out);
}

}  // namespace
