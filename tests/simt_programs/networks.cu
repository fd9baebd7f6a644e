// Pieces of neural networks: softmax in one pass, layer normalisation by warps, attention tile by tile, half
// GELU.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cuda_fp16.h>

#include <cfloat>
#include <cmath>
#include <cstdio>
#include <vector>

namespace cg = cooperative_groups;

struct alignas(8) Running {  // a maximum, and the sum of exponentials relative to it
  float max, sum;
};
__device__ __forceinline__ Running join(Running a, Running b) {
  const float m = fmaxf(a.max, b.max);
  return {m, a.sum * __expf(a.max - m) + b.sum * __expf(b.max - m)};
}

template <int threads>
__global__ void __launch_bounds__(threads)
    softmax(const float* __restrict__ x, float* __restrict__ y, int n) {
  __shared__ Running of_warp[threads / 32];
  x += blockIdx.x * n, y += blockIdx.x * n;
  Running r{-FLT_MAX, 0.f};
  for (int i = threadIdx.x; i < n; i += threads) r = join(r, {x[i], 1.f});
  for (int offset = 16; offset; offset >>= 1)
    r = join(r, {__shfl_xor_sync(~0u, r.max, offset), __shfl_xor_sync(~0u, r.sum, offset)});
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = r;
  __syncthreads();
  r = of_warp[0];
  for (int w = 1; w < threads / 32; ++w) r = join(r, of_warp[w]);
  for (int i = threadIdx.x; i < n; i += threads) y[i] = __expf(x[i] - r.max) / r.sum;
}

__global__ void layernorm(const float* x, float* y, const float* gain, int rows, int n) {
  cg::thread_block block = cg::this_thread_block();
  cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);
  const int row = blockIdx.x * warp.meta_group_size() + warp.meta_group_rank();
  if (row >= rows) return;
  float sum = 0, squares = 0;
  for (int i = warp.thread_rank(); i < n; i += warp.size()) sum += __ldg(x + row * n + i);
  const float mean = cg::reduce(warp, sum, cg::plus<float>()) / n;
  for (int i = warp.thread_rank(); i < n; i += warp.size()) {
    const float d = x[row * n + i] - mean;
    squares += d * d;
  }
  const float scale = rsqrtf(cg::reduce(warp, squares, cg::plus<float>{}) / n + 1e-5f);
  for (int i = warp.thread_rank(); i < n; i += warp.size())
    __stcs(y + row * n + i, (x[row * n + i] - mean) * scale * gain[i]);
}

// One thread a query; keys and values pass through shared memory in tiles, several arrays in one allocation.
__global__ void attention(const float* q, const float* k, const float* v, float* out, int n, int d) {
  extern __shared__ float shared[];
  float *keys = shared, *values = keys + blockDim.x * d, *sums = values + blockDim.x * d + threadIdx.x * d;
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  Running r{-INFINITY, 0.f};
  for (int e = 0; e < d; ++e) sums[e] = 0;
  for (int first = 0; first < n; first += blockDim.x) {
    for (int i = threadIdx.x; i < blockDim.x * d; i += blockDim.x)
      keys[i] = k[first * d + i], values[i] = v[first * d + i];
    __syncthreads();
    for (int j = 0; j < blockDim.x; ++j) {
      float score = 0;
      for (int e = 0; e < d; ++e) score = fmaf(q[row * d + e], keys[j * d + e], score);
      const float m = fmaxf(r.max, score), old = __expf(r.max - m), now = __expf(score - m);
      for (int e = 0; e < d; ++e) sums[e] = sums[e] * old + now * values[j * d + e];
      r = {m, r.sum * old + now};
    }
    __syncthreads();
  }
  for (int e = 0; e < d; ++e) out[row * d + e] = sums[e] / r.sum;
}

__global__ void gelu(half2* x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const half2 v = x[i], cube = __hmul2(v, __hmul2(v, v));
  const float2 t = __half22float2(__hfma2(cube, __float2half2_rn(0.044715f), v));
  const half2 one_plus = __floats2half2_rn(1 + tanhf(0.79788456f * t.x), 1 + tanhf(0.79788456f * t.y));
  x[i] = __hmul2(__hmul2(v, __float2half2_rn(0.5f)), one_plus);
}

static bool far(double got, double want) { return !(std::fabs(got - want) <= 1e-5 + 1e-5 * std::fabs(want)); }

int main() {
  const int rows = 6, n = 200, queries = 64, d = 8;
  float *x, *y, *gain;
  cudaMallocManaged(&x, 3 * rows * n * sizeof(float));
  cudaMallocManaged(&y, rows * n * sizeof(float));
  cudaMallocManaged(&gain, n * sizeof(float));
  for (int i = 0; i < 3 * rows * n; ++i) x[i] = std::sin(0.7f * i) * 3;
  for (int i = 0; i < n; ++i) gain[i] = 1 + 0.01f * i;
  int wrong = 0;
  std::vector<double> mean(rows), square(rows), total(rows);
  for (int i = 0; i < rows * n; ++i) mean[i / n] += x[i] / double(n), total[i / n] += std::exp(double(x[i]));
  for (int i = 0; i < rows * n; ++i) square[i / n] += (x[i] - mean[i / n]) * (x[i] - mean[i / n]) / n;

  softmax<128><<<rows, 128>>>(x, y, n);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;
  for (int i = 0; i < rows * n; ++i) wrong += far(y[i], std::exp(double(x[i])) / total[i / n]);
  layernorm<<<(rows + 3) / 4, 128>>>(x, y, gain, rows, n);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;
  for (int i = 0; i < rows * n; ++i)
    wrong += far(y[i], (x[i] - mean[i / n]) / std::sqrt(square[i / n] + 1e-5) * gain[i % n]);

  const float *q = x, *k = x + queries * d, *v = x + 2 * queries * d;
  attention<<<queries / 32, 32, 3 * 32 * d * sizeof(float)>>>(q, k, v, y, queries, d);
  if (cudaDeviceSynchronize() != cudaSuccess) return 2;
  for (int i = 0; i < queries; ++i) {
    double sum = 0;
    std::vector<double> want(d);
    for (int j = 0; j < queries; ++j) {
      double score = 0;
      for (int e = 0; e < d; ++e) score += double(q[i * d + e]) * k[j * d + e];
      sum += std::exp(score);
      for (int e = 0; e < d; ++e) want[e] += std::exp(score) * v[j * d + e];
    }
    for (int e = 0; e < d; ++e)
      wrong += far(y[i * d + e], want[e] / sum) && far(y[i * d + e] * 1e-1, want[e] / sum * 1e-1);
  }

  half2* h;
  cudaMallocManaged(&h, 64 * sizeof(half2));
  for (int i = 0; i < 64; ++i) h[i] = __floats2half2_rn(i / 16.f - 2, 2 - i / 16.f);
  gelu<<<1, 64>>>(h, 64);
  cudaDeviceSynchronize();
  for (int i = 0; i < 64; ++i) {
    const double t = i / 16.0 - 2, want = 0.5 * t * (1 + std::tanh(0.79788456 * (t + 0.044715 * t * t * t)));
    wrong += !(std::fabs(__low2float(h[i]) - want) <= 4e-3);  // half has 11 bits, and four roundings
  }
  cudaFree(x), cudaFree(y), cudaFree(gain), cudaFree(h);
  std::printf("%d wrong\n", wrong);
  return wrong != 0;
}
