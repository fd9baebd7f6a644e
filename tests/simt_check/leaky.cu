// Never frees its memory, and returns 0 of itself: the checker's reports and exit status are what is tested.
#include <cuda_runtime.h>

__global__ void fill(float* x) { x[threadIdx.x] = 1; }

int main() {
  float* x;
  cudaMalloc(&x, 123 * sizeof(float));
  fill<<<1, 123>>>(x);
  cudaDeviceSynchronize();
  return 0;
}
