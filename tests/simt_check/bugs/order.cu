// PTX memory order: a release that is missing, too narrow, or not there for the other side.
#include "bug.hpp"

namespace {

enum class Store { release, relaxed, of_the_block, weak };

template <Store kind>
__device__ void raise(int* flag) {
  if constexpr (kind == Store::release)
    asm volatile("st.release.gpu.global.s32 [%0], 1;" ::"l"(flag) : "memory");
  else if constexpr (kind == Store::relaxed)
    asm volatile("st.relaxed.gpu.global.s32 [%0], 1;" ::"l"(flag) : "memory");
  else if constexpr (kind == Store::of_the_block)
    asm volatile("st.release.cta.global.s32 [%0], 1;" ::"l"(flag) : "memory");
  else
    asm volatile("fence.acq_rel.gpu; st.global.s32 [%0], 1;" ::"l"(flag) : "memory");
}
__device__ void wait_for(const int* flag) {
  int seen = 0;
  while (!seen) asm volatile("ld.global.acquire.gpu.s32 %0, [%1];" : "=r"(seen) : "l"(flag) : "memory");
}

// From one block to the next, or from one warp to the other.
template <Store kind, bool blocks>
__global__ void handed_over(int* flag, int* data, int* out) {
  const unsigned who = blocks ? blockIdx.x : threadIdx.x / 32;
  if (threadIdx.x % 32 != 0) return;
  if (who == 0) {
    *data = 5;
    raise<kind>(flag);
  } else {
    wait_for(flag);
    *out = *data;
  }
}
template <Store kind, bool blocks = true>
void hand_over() {
  Device<int> flag(1, 0), data(1), out(1);
  handed_over<kind, blocks><<<blocks ? 2 : 1, blocks ? 32 : 64>>>(flag, data, out);
}
BUG(flag_without_release, "race") { right ? hand_over<Store::release>() : hand_over<Store::relaxed>(); }
BUG(flag_of_weak_stores, "race") { right ? hand_over<Store::release>() : hand_over<Store::weak>(); }
BUG(release_to_the_block_for_another, "race") {
  right ? hand_over<Store::release>() : hand_over<Store::of_the_block>();
}
BUG(flag_within_a_block_without_release, "race") {
  right ? hand_over<Store::of_the_block, false>() : hand_over<Store::relaxed, false>();
}

template <bool right>
__global__ void locked(int* mutex, int* count) {
  int before;
  do asm volatile("atom.acquire.gpu.cas.b32 %0, [%1], 0, 1;" : "=r"(before) : "l"(mutex) : "memory");
  while (before != 0);
  *count += 1;
  if constexpr (right)
    asm volatile("st.release.gpu.b32 [%0], 0;" ::"l"(mutex) : "memory");
  else
    asm volatile("st.relaxed.gpu.b32 [%0], 0;" ::"l"(mutex) : "memory");
}
BUG(lock_without_release, "race") {
  Device<int> mutex(1, 0), count(1, 0);
  right ? locked<true><<<4, 1>>>(mutex, count) : locked<false><<<4, 1>>>(mutex, count);
}

template <bool right>
__global__ void arrived(unsigned* count, int* parts, int* out) {
  parts[blockIdx.x] = blockIdx.x;
  if (blockIdx.x > 0) {
    if constexpr (right)
      asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(count) : "memory");
    else
      asm volatile("red.relaxed.gpu.global.add.u32 [%0], 1;" ::"l"(count) : "memory");
    return;
  }
  unsigned n = 0;
  while (n + 1 < gridDim.x) asm volatile("ld.acquire.gpu.u32 %0, [%1];" : "=r"(n) : "l"(count) : "memory");
  for (unsigned b = 0; b < gridDim.x; ++b) *out += parts[b];
}
BUG(arrival_without_release, "race") {
  Device<unsigned> count(1, 0);
  Device<int> parts(4), out(1, 0);
  right ? arrived<true><<<4, 1>>>(count, parts, out) : arrived<false><<<4, 1>>>(count, parts, out);
}

template <bool right>
__global__ void built_in(int* flag, int* data, int* out) {
  if (blockIdx.x == 0) {
    *data = 5;
    __nv_atomic_store_n(flag, 1, right ? __NV_ATOMIC_RELEASE : __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_DEVICE);
  } else {
    while (!__nv_atomic_load_n(flag, __NV_ATOMIC_ACQUIRE, __NV_THREAD_SCOPE_DEVICE)) {
    }
    *out = *data;
  }
}
BUG(built_in_store_without_release, "race") {
  Device<int> flag(1, 0), data(1), out(1);
  right ? built_in<true><<<2, 1>>>(flag, data, out) : built_in<false><<<2, 1>>>(flag, data, out);
}

}  // namespace
