// Copies that overlap with work: through a cuda::barrier, a thread's own pipeline, and a block's with two
// stages.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>

#include <cstdio>
#include <cuda/barrier>
#include <cuda/pipeline>

namespace cg = cooperative_groups;

constexpr int threads = 64;

__global__ void by_barrier(const float* in, float* out, int tiles) {
  __shared__ alignas(16) float tile[threads];
  __shared__ cuda::barrier<cuda::thread_scope_block> arrived;
  auto block = cg::this_thread_block();
  if (block.thread_rank() == 0) init(&arrived, block.size());
  block.sync();
  for (int t = 0; t < tiles; ++t) {
    cuda::memcpy_async(block, tile, in + t * threads, sizeof tile, arrived);
    arrived.arrive_and_wait();
    out[t * threads + threadIdx.x] = 2 * tile[threads - 1 - threadIdx.x];
    block.sync();
  }
}

__global__ void by_thread(const float4* in, float4* out, int n) {
  __shared__ float4 buffer[2][threads];
  cuda::pipeline<cuda::thread_scope_thread> pipe = cuda::make_pipeline();
  const int first = threadIdx.x;
  pipe.producer_acquire();
  cuda::memcpy_async(&buffer[0][threadIdx.x], in + first, cuda::aligned_size_t<16>(sizeof(float4)), pipe);
  pipe.producer_commit();
  for (int i = first, stage = 0; i < n; i += threads, stage ^= 1) {
    pipe.producer_acquire();
    if (i + threads < n)
      cuda::memcpy_async(&buffer[!stage][threadIdx.x], in + i + threads, sizeof(float4), pipe);
    pipe.producer_commit();
    pipe.consumer_wait();
    float4 v = buffer[stage][threadIdx.x];
    out[i] = make_float4(v.w, v.z, v.y, v.x);
    pipe.consumer_release();
  }
}

__global__ void by_block(const float* in, float* out, int tiles) {
  constexpr int stages = 2;
  __shared__ alignas(16) float buffer[stages][threads];
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, stages> state;
  auto block = cg::this_thread_block();
  auto pipe = cuda::make_pipeline(block, &state);
  for (int t = 0, next = 0; t < tiles; ++t) {
    for (; next < tiles && next < t + stages; ++next) {
      pipe.producer_acquire();
      cuda::memcpy_async(block, buffer[next % stages], in + next * threads, sizeof buffer[0], pipe);
      pipe.producer_commit();
    }
    pipe.consumer_wait();
    out[t * threads + threadIdx.x] = buffer[t % stages][(threadIdx.x + 1) % threads];
    pipe.consumer_release();
  }
}

// Waits for all but the newest batches while there are more to come, then for one after the other; the copies
// are a group's, as many elements as both sides have.
__global__ void by_prior(const float* in, float* out, int tiles) {
  constexpr int stages = 3;
  __shared__ float buffer[stages][threads];
  auto block = cg::this_thread_block();
  auto pipe = cuda::make_pipeline();
  const auto load = [&](int t) {
    pipe.producer_acquire();
    if (t < tiles)
      cuda::memcpy_async(&buffer[t % stages][threadIdx.x], in + t * threads + threadIdx.x, sizeof(float),
                         pipe);
    pipe.producer_commit();
  };
  for (int t = 0; t < stages - 1; ++t) load(t);
  for (int t = 0; t < tiles; ++t) {
    if (t + 1 < tiles)
      cuda::pipeline_consumer_wait_prior<stages - 2>(pipe);
    else
      pipe.consumer_wait();
    block.sync();
    out[t * threads + threadIdx.x] = buffer[t % stages][threads - 1 - threadIdx.x];
    if (t + stages - 1 < tiles) load(t + stages - 1);
  }
  pipe.consumer_wait();  // nothing is left: returns at once
  block.sync();
  cg::memcpy_async(block, buffer[0], std::size_t{threads}, in, std::size_t{threads} * tiles);
  cg::wait(block);
  out[threadIdx.x] += buffer[0][threadIdx.x];
}

int main() {
  const int tiles = 5, n = tiles * threads;
  float *in, *out;
  cudaMallocManaged(&in, n * sizeof(float));
  cudaMallocManaged(&out, n * sizeof(float));
  for (int i = 0; i < n; ++i) in[i] = i;
  int wrong = 0;
  by_barrier<<<1, threads>>>(in, out, tiles);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;
  for (int i = 0; i < n; ++i) wrong += out[i] != 2 * (i / threads * threads + threads - 1 - i % threads);
  by_thread<<<1, threads>>>(reinterpret_cast<float4*>(in), reinterpret_cast<float4*>(out), n / 4);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;
  for (int i = 0; i < n; ++i) wrong += out[i] != i / 4 * 4 + 3 - i % 4;
  by_block<<<1, threads>>>(in, out, tiles);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;
  for (int i = 0; i < n; ++i) wrong += out[i] != i / threads * threads + (i + 1) % threads;
  by_prior<<<1, threads>>>(in, out, tiles);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;
  for (int i = 0; i < n; ++i) {
    const int reversed = i / threads * threads + threads - 1 - i % threads;
    wrong += out[i] != reversed + (i < threads ? i : 0);
  }
  cudaFree(in);
  cudaFree(out);
  std::printf("%d wrong\n", wrong);
  return wrong != 0;
}
