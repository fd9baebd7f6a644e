#include "shared.hpp"

__constant__ Parameters parameters;
__device__ int calls;
__device__ float scaled(float x) {
  atomicAdd(&calls, 1);
  return square(x) * parameters.scale;
}
static __device__ float cubed(float x) { return square(x) * x; }
__device__ Function functions[2] = {scaled, cubed};

static __global__ void kernel(float* x, int n) {
  __shared__ float tile[64];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) tile[threadIdx.x] = x[i];
  __syncthreads();
  if (i < n) x[i] = tile[threadIdx.x] + parameters.offset;
}
void shift(float* x, int n, cudaStream_t stream) { kernel<<<(n + 63) / 64, 64, 0, stream>>>(x, n); }
