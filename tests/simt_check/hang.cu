// Threads that never end: with an argument they poll for what nobody does, without one they compute for ever.
#include <cuda_runtime.h>

#include <cstdio>

__global__ void computes(unsigned* out) {
  unsigned n = threadIdx.x + 1;
  if (threadIdx.x == 5)
    while (n != 0) n = n * 3 | 1;
  out[threadIdx.x] = n;
  __syncthreads();
  out[threadIdx.x] += 1;
}

__global__ void polls(unsigned* flag) {
  if (threadIdx.x < 16)
    while (atomicAdd(flag, 0u) == 0) {
    }
}

int main(int argc, char**) {
  unsigned* x = nullptr;
  cudaMalloc(&x, 32 * sizeof(unsigned));
  cudaMemset(x, 0, 32 * sizeof(unsigned));
  if (argc > 1)
    polls<<<1, 32>>>(x);
  else
    computes<<<1, 32>>>(x);
  std::printf("%s\n", cudaGetErrorName(cudaDeviceSynchronize()));
  cudaFree(x);
}
