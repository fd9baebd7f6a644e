// memcpy, memmove and memset, in kernels and on the host: each is an access to all of its range.
#include <cstring>

#include "bug.hpp"

namespace {

template <bool right>
__global__ void cleared_by_one(int* out, const int* x, unsigned one) {
  __shared__ int bins[64];
  if (threadIdx.x == one) std::memset(bins, 0, sizeof bins);
  if constexpr (right) __syncthreads();
  atomicAdd(&bins[threadIdx.x ^ x[threadIdx.x]], 1);
  __syncthreads();
  out[threadIdx.x] = bins[threadIdx.x];
}
BUG(memset_by_one_thread_without_a_barrier, "race") {
  Device<int> out(64), x(64, 5);
  right ? cleared_by_one<true><<<1, 64>>>(out, x, 0) : cleared_by_one<false><<<1, 64>>>(out, x, 0);
}
// Perhaps the last one to run: poison and one are the zero that it stores.
BUG(memset_by_the_last_thread_without_a_barrier, "race") {
  Device<int> out(64), x(64, 5);
  right ? cleared_by_one<true><<<1, 64>>>(out, x, 63) : cleared_by_one<false><<<1, 64>>>(out, x, 63);
}

__global__ void copies_rows(float* out, const float* x, int width, int rows) {
  if (int(threadIdx.x) < rows)
    memcpy(out + threadIdx.x * width, x + threadIdx.x * width, width * sizeof(float));
}
BUG(row_copied_past_the_end, "out-of-bounds") {
  Device<float> out(5 * 7), x(5 * 7, 1);
  copies_rows<<<1, 32>>>(out, x, 7, right ? 5 : 6);
}
BUG(row_copied_that_nobody_wrote, "uninitialised") {
  Device<float> out(5 * 7), x(5 * 7);
  if (right) cudaMemset(x, 0, 5 * 7 * sizeof(float));
  copies_rows<<<1, 32>>>(out, x, 7, 5);
}

template <bool right>
__global__ void shifts(float* x) {
  if constexpr (right) {
    if (threadIdx.x == 0) memmove(x, x + 1, 63 * sizeof(float));
  } else if (threadIdx.x < 63) {
    memmove(x + threadIdx.x, x + threadIdx.x + 1, 3);
  }
}
BUG(every_thread_moves_one_element, "race") {
  Device<float> x(64, 1);
  right ? shifts<true><<<1, 64>>>(x) : shifts<false><<<1, 64>>>(x);
}

BUG(host_clears_device_memory, "host-access") {
  Device<float> x(32);
  right ? static_cast<void>(cudaMemset(x, 0, 32 * sizeof(float)))
        : static_cast<void>(std::memset(x, 0, 32 * sizeof(float)));
}
BUG(host_copies_from_device_memory, "host-access") {
  Device<float> x(32, 1);
  float host[32];
  right ? static_cast<void>(cudaMemcpy(host, x, sizeof host, cudaMemcpyDeviceToHost))
        : static_cast<void>(memcpy(host, x, sizeof host));
}
BUG(host_copies_what_is_still_on_its_way, "async") {
  Device<float> x(32, 1);
  float *pinned, host[32];
  cudaMallocHost(&pinned, sizeof host);
  cudaMemcpyAsync(pinned, x, sizeof host, cudaMemcpyDeviceToHost);
  if (right) cudaStreamSynchronize(nullptr);
  memcpy(host, pinned, sizeof host);
  cudaFreeHost(pinned);
}

__global__ void ones(float* x) { x[threadIdx.x] = 1; }
BUG(host_copies_managed_memory_before_the_kernel_ends, "async") {
  float *x, host[32];
  cudaMallocManaged(&x, sizeof host);
  ones<<<1, 32>>>(x);
  if (right) cudaDeviceSynchronize();
  memcpy(host, x, sizeof host);
  cudaDeviceSynchronize();
  cudaFree(x);
}

}  // namespace
