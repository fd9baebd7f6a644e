// Threads that never end: they compute for ever or, as the argument says, poll for what nobody does, each for
// itself or all of a block together.
#include <cuda_runtime.h>

#include <cstdio>
#include <string_view>

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
    while (true) {
      if (atomicAdd(flag, 0u) != 0) break;
    }
}

__global__ void polls_together(const volatile unsigned* flag) {
  while (__syncthreads_and(threadIdx.x || *flag == 0)) {
  }
}

int main(int argc, char** argv) {
  unsigned* x = nullptr;
  cudaMalloc(&x, 32 * sizeof(unsigned));
  cudaMemset(x, 0, 32 * sizeof(unsigned));
  const std::string_view how = argc > 1 ? argv[1] : "compute";
  if (how == "poll")
    polls<<<1, 32>>>(x);
  else if (how == "together")
    polls_together<<<1, 32>>>(x);
  else
    computes<<<1, 32>>>(x);
  std::printf("%s\n", cudaGetErrorName(cudaDeviceSynchronize()));
  cudaFree(x);
}
