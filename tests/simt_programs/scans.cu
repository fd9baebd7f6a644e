// Prefix sums: work-efficient in a block, and over all blocks in one pass, each waiting for the one before
// it.
#include <stdio.h>

#include <vector>

#define THREADS 64

__global__ void block_scan(const float* in, float* out) {
  extern __shared__ float temp[];
  const int t = threadIdx.x, n = 2 * blockDim.x;
  temp[2 * t] = in[2 * t], temp[2 * t + 1] = in[2 * t + 1];
  int offset = 1;
  for (int d = n / 2; d > 0; d /= 2, offset *= 2) {
    __syncthreads();
    if (t < d) temp[offset * (2 * t + 2) - 1] += temp[offset * (2 * t + 1) - 1];
  }
  if (t == 0) temp[n - 1] = 0;
  for (int d = 1; d < n; d *= 2) {
    offset /= 2;
    __syncthreads();
    if (t < d) {
      float& left = temp[offset * (2 * t + 1) - 1];
      float& right = temp[offset * (2 * t + 2) - 1];
      const float sum = left + right;
      left = right;
      right = sum;
    }
  }
  __syncthreads();
  out[2 * t] = temp[2 * t], out[2 * t + 1] = temp[2 * t + 1];
}

__device__ unsigned int tickets = 0;

__global__ void chained_scan(const float* in, float* out, volatile float* sums, unsigned* ready, int n) {
  __shared__ float s[2][THREADS];
  __shared__ unsigned block;
  __shared__ float before;
  if (threadIdx.x == 0) block = atomicAdd(&tickets, 1u);
  __syncthreads();
  const int i = block * THREADS + threadIdx.x;
  int from = 0;
  s[0][threadIdx.x] = i < n ? in[i] : 0.f;
  for (int d = 1; d < THREADS; d *= 2, from ^= 1) {
    __syncthreads();
    s[!from][threadIdx.x] = s[from][threadIdx.x] + (threadIdx.x >= d ? s[from][threadIdx.x - d] : 0.f);
  }
  if (threadIdx.x == THREADS - 1) {
    if (block > 0)
      while (atomicAdd(&ready[block - 1], 0u) == 0u) {
      }
    before = block > 0 ? sums[block - 1] : 0.f;
    sums[block] = before + s[from][threadIdx.x];
    __threadfence();
    atomicExch(&ready[block], 1u);
  }
  __syncthreads();
  if (i < n) out[i] = s[from][threadIdx.x] + before;
}

int main() {
  const int n = 1000, blocks = (n + THREADS - 1) / THREADS;
  std::vector<float> x(n), y(n);
  for (int i = 0; i < n; ++i) x[i] = i % 9;
  float *in, *out, *sums;
  unsigned* ready;
  cudaMalloc(&in, n * sizeof(float));
  cudaMalloc(&out, n * sizeof(float));
  cudaMalloc(&sums, blocks * sizeof(float));
  cudaMalloc(&ready, blocks * sizeof(unsigned));
  cudaMemset(ready, 0, blocks * sizeof(unsigned));
  cudaMemcpy(in, x.data(), n * sizeof(float), cudaMemcpyHostToDevice);

  block_scan<<<1, 128, 256 * sizeof(float)>>>(in, out);
  cudaMemcpy(y.data(), out, 256 * sizeof(float), cudaMemcpyDeviceToHost);
  float sum = 0;
  int wrong = 0;
  for (int i = 0; i < 256; sum += x[i++]) wrong += y[i] != sum;

  chained_scan<<<blocks, THREADS>>>(in, out, sums, ready, n);
  cudaMemcpy(y.data(), out, n * sizeof(float), cudaMemcpyDeviceToHost);
  sum = 0;
  for (int i = 0; i < n; ++i) wrong += y[i] != (sum += x[i]);
  cudaFree(in), cudaFree(out), cudaFree(sums), cudaFree(ready);
  printf("%d wrong\n", wrong);
  return wrong || cudaDeviceSynchronize() != cudaSuccess;
}
