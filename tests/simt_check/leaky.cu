// Gives nothing back, and returns 0 of itself, 3 with an argument; with two it leaves quickly: the reports
// and the status are tested.
#include <cuda_runtime.h>

#include <cstdlib>

__global__ void fill(float* x) { x[threadIdx.x] = 1; }

int main(int argc, char**) {
  float *x, *y;
  cudaMalloc(&y, 4 * sizeof(float)), cudaMalloc(&x, 123 * sizeof(float));
  cudaFree(y);
  fill<<<1, 123>>>(x);
  cudaDeviceSynchronize();
  cudaEvent_t few;
  cudaEventCreate(&few);  // goes with the process
  for (int i = 0; i < 64; ++i) {
    cudaStream_t stream;
    cudaStreamCreate(&stream);
    cudaEvent_t event;
    cudaEventCreate(&event);
    cudaGraph_t graph;
    cudaGraphCreate(&graph, 0);
    cudaGraphExec_t exec;
    cudaGraphInstantiate(&exec, graph, 0);
  }
  cudaMallocHost(&y, sizeof(float));
  for (int i = 0; i < 2; ++i) {  // one mistake each, and no leak besides
    cudaMalloc(&x, 4 * sizeof(float));
    i == 0 ? cudaFree(x + 1) : cudaFreeHost(x);
    if (cudaGetLastError() != cudaErrorInvalidValue) return 4;
  }
  if (argc > 2) {
    cudaFree(y);
    std::quick_exit(0);
  }
  return argc > 1 ? 3 : 0;
}
