// Never frees its memory, and returns 0 of itself: the checker's report and exit status are what is tested.
#include <cuda_runtime.h>

int main() {
  float* x;
  cudaMalloc(&x, 123 * sizeof(float));
  cudaMemset(x, 0, 123 * sizeof(float));
  cudaDeviceSynchronize();
  return 0;
}
