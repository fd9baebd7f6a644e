#include <cooperative_groups.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <cstdint>

#include "bench/buffers.hpp"
#include "bench/peaks.hpp"

namespace {

int multiprocessors() {
  int n = 0;
  bench::check(cudaDeviceGetAttribute(&n, cudaDevAttrMultiProcessorCount, 0), "cudaDeviceGetAttribute");
  return n;
}

constexpr int kThreads = 256;
constexpr int kUnroll = 4;  // 16-byte loads in flight a thread: 64 KiB a SM hides HBM's latency

__global__ void copy_kernel(const float4* __restrict__ from, float4* __restrict__ to, std::size_t n) {
  const std::size_t step = std::size_t(gridDim.x) * kThreads;
  std::size_t i = std::size_t(blockIdx.x) * kThreads + threadIdx.x;
  for (; i + (kUnroll - 1) * step < n; i += kUnroll * step) {
    float4 v[kUnroll];
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) v[u] = __ldcs(&from[i + u * step]);
#pragma unroll
    for (int u = 0; u < kUnroll; ++u) __stcs(&to[i + u * step], v[u]);
  }
  for (; i < n; i += step) to[i] = from[i];
}

// Enough independent chains that no multiply-add waits for the one before.
constexpr int kChains = 8, kSteps = 4096;

__global__ void fma_kernel(float* sink, float b, float c) {
  float a[kChains];
#pragma unroll
  for (int i = 0; i < kChains; ++i) a[i] = static_cast<float>(threadIdx.x + i) / 1024;
#pragma unroll 4
  for (int step = 0; step < kSteps; ++step)
#pragma unroll
    for (int i = 0; i < kChains; ++i) a[i] = fmaf(a[i], b, c);
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kChains; ++i) sum += a[i];
  if (sum == -1) *sink = sum;  // never; but the compiler cannot know
}

__global__ void empty_kernel() {}

__global__ void sync_kernel(int times) {
  for (int i = 0; i < times; ++i) cooperative_groups::this_grid().sync();
}

template <class T>
__global__ void fill_kernel(T* data, std::size_t n, float scale) {
  const std::size_t step = std::size_t(gridDim.x) * blockDim.x;
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step) {
    std::uint64_t x = (i + 1) * 0x9E3779B97F4A7C15ull;  // SplitMix64
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    data[i] = T(scale * (static_cast<float>(x >> 40) * 0x1p-23f - 1));
  }
}

}  // namespace

namespace bench::probe {

void copy(cudaStream_t stream, void* to, const void* from, std::size_t bytes) {
  copy_kernel<<<multiprocessors() * 8, kThreads, 0, stream>>>(
      static_cast<const float4*>(from), static_cast<float4*>(to), bytes / sizeof(float4));
}

double fma32(cudaStream_t stream, float* sink) {
  const int blocks = multiprocessors() * 8;  // 2048 threads on each, in whole waves
  fma_kernel<<<blocks, kThreads, 0, stream>>>(sink, 0.9990234375f, 0.00048828125f);
  return 2.0 * kChains * kSteps * blocks * kThreads;
}

void empty(cudaStream_t stream) { empty_kernel<<<1, 1, 0, stream>>>(); }

void grid_sync(cudaStream_t stream, int times) {
  void* arguments[] = {&times};
  check(cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(sync_kernel), dim3(multiprocessors()),
                                    dim3(kThreads), arguments, 0, stream),
        "cudaLaunchCooperativeKernel");
}

void fill_random(cudaStream_t stream, void* data, std::size_t count, cudaDataType type) {
  const int blocks = multiprocessors() * 8;
  const auto fill = [&](auto* typed, float scale) {
    fill_kernel<<<blocks, kThreads, 0, stream>>>(typed, count, scale);
  };
  switch (type) {
    case CUDA_R_64F: return fill(static_cast<double*>(data), 1);
    case CUDA_R_32F: return fill(static_cast<float*>(data), 1);
    case CUDA_R_16F: return fill(static_cast<__half*>(data), 1);
    case CUDA_R_16BF: return fill(static_cast<__nv_bfloat16*>(data), 1);
    case CUDA_R_8F_E4M3: return fill(static_cast<__nv_fp8_e4m3*>(data), 1);
    case CUDA_R_8I: return fill(static_cast<std::int8_t*>(data), 100);
    default: throw DeviceError("fill_random: a type it does not know");
  }
}

}  // namespace bench::probe
