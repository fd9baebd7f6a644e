// What the executor costs: a barrier, a shuffle, a thread that does next to nothing, a launch.
#include <benchmark/benchmark.h>
#include <cuda_runtime.h>

#include <thread>
#include <vector>

#include "simt/control.hpp"

namespace {

constexpr int rounds = 1000;

__global__ void barriers(int* out) {
  for (int i = 0; i < rounds; ++i) __syncthreads();
  out[threadIdx.x] = 1;
}

__global__ void shuffles(int* out) {
  int v = threadIdx.x;
  for (int i = 0; i < rounds; ++i) v += __shfl_xor_sync(0xffffffffu, v, 1);
  out[threadIdx.x] = v;
}

__global__ void saxpy(int n, float a, const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}

[[gnu::noinline]] void saxpy_loop(int n, float a, const float* x, float* y) {
  for (int i = 0; i < n; ++i) y[i] = a * x[i] + y[i];
}

__global__ void silu(int n, const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] / (1.0f + expf(-x[i]));
}

[[gnu::noinline]] void silu_loop(int n, const float* x, float* y) {
  for (int i = 0; i < n; ++i) y[i] = x[i] / (1.0f + expf(-x[i]));
}

__global__ void tiled_gemm(int n, const float* a, const float* b, float* c) {
  __shared__ float as[16][16], bs[16][16];
  int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
  float sum = 0;
  for (int t = 0; t < n; t += 16) {
    as[threadIdx.y][threadIdx.x] = a[row * n + t + threadIdx.x];
    bs[threadIdx.y][threadIdx.x] = b[(t + threadIdx.y) * n + column];
    __syncthreads();
    for (int k = 0; k < 16; ++k) sum += as[threadIdx.y][k] * bs[k][threadIdx.x];
    __syncthreads();
  }
  c[row * n + column] = sum;
}

struct Device {
  float *x, *y;
  explicit Device(int n) {
    cudaMalloc(&x, n * sizeof(float));
    cudaMalloc(&y, n * sizeof(float));
    std::vector<float> ones(n, 1.0f);
    cudaMemcpy(x, ones.data(), n * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(y, ones.data(), n * sizeof(float), cudaMemcpyHostToDevice);
    simt::set_workers(1);  // times are per core
  }
  ~Device() {
    simt::set_workers(0);
    cudaFree(x);
    cudaFree(y);
  }
};

/// Shows the time of one of `count` like things.
void each(benchmark::State& state, double count) {
  state.counters["each"] =
      benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void thread_barrier(benchmark::State& state) {
  Device device(1024);
  for (auto _ : state) barriers<<<1, int(state.range(0))>>>(reinterpret_cast<int*>(device.x));
  each(state, double(rounds) * double(state.range(0)));
}
BENCHMARK(thread_barrier)->RangeMultiplier(2)->Range(32, 1024);

void thread_barrier_on_every_core(benchmark::State& state) {
  Device device(1024);
  simt::set_workers(0);
  const unsigned blocks = 4 * std::thread::hardware_concurrency();
  for (auto _ : state) barriers<<<blocks, int(state.range(0))>>>(reinterpret_cast<int*>(device.x));
  each(state, double(rounds) * double(state.range(0)) * blocks);
}
BENCHMARK(thread_barrier_on_every_core)->Arg(64)->Arg(256)->Arg(1024)->UseRealTime();

void thread_shuffle(benchmark::State& state) {
  Device device(1024);
  for (auto _ : state) shuffles<<<1, int(state.range(0))>>>(reinterpret_cast<int*>(device.x));
  each(state, double(rounds) * double(state.range(0)));
}
BENCHMARK(thread_shuffle)->Arg(32)->Arg(256);

void saxpy_as_kernel(benchmark::State& state) {
  int n = int(state.range(0));
  Device device(n);
  for (auto _ : state) saxpy<<<(n + 255) / 256, 256>>>(n, 1e-3f, device.x, device.y);
  each(state, n);
}
BENCHMARK(saxpy_as_kernel)->Arg(1 << 12)->Arg(1 << 20)->Arg(1 << 24);

void saxpy_as_loop(benchmark::State& state) {
  int n = int(state.range(0));
  Device device(n);
  for (auto _ : state) saxpy_loop(n, 1e-3f, device.x, device.y);
  each(state, n);
}
BENCHMARK(saxpy_as_loop)->Arg(1 << 12)->Arg(1 << 20)->Arg(1 << 24);

void silu_as_kernel(benchmark::State& state) {
  int n = int(state.range(0));
  Device device(n);
  for (auto _ : state) silu<<<(n + 255) / 256, 256>>>(n, device.x, device.y);
  each(state, n);
}
BENCHMARK(silu_as_kernel)->Arg(1 << 20);

void silu_as_loop(benchmark::State& state) {
  int n = int(state.range(0));
  Device device(n);
  for (auto _ : state) silu_loop(n, device.x, device.y);
  each(state, n);
}
BENCHMARK(silu_as_loop)->Arg(1 << 20);

void gemm(benchmark::State& state) {
  int n = int(state.range(0));
  Device device(3 * n * n);
  for (auto _ : state)
    tiled_gemm<<<dim3(n / 16, n / 16), dim3(16, 16)>>>(n, device.x, device.x + n * n, device.y);
  each(state, double(n) * n * (n / 16 * 36 + 1));  // access
}
BENCHMARK(gemm)->Arg(256)->Unit(benchmark::kMillisecond);

void launch(benchmark::State& state) {
  Device device(32);
  for (auto _ : state) saxpy<<<1, 1>>>(1, 1.0f, device.x, device.y);
}
BENCHMARK(launch);

}  // namespace

BENCHMARK_MAIN();
