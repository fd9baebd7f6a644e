#include <cstdio>

#include "shared.hpp"

static __global__ void kernel(float* x, int n) {
  const int i = threadIdx.x;
  if (i < n) x[i] = scaled(x[i]) + functions[1](x[i]) + functions[0](1);
}

int main() {
  const int n = 100;
  const Parameters given = {2, 5};
  float x[n], *memory;
  int counted = 0;
  for (int i = 0; i < n; ++i) x[i] = i;
  cudaMalloc(&memory, sizeof x);
  cudaMemcpy(memory, x, sizeof x, cudaMemcpyHostToDevice);
  cudaMemcpyToSymbol(parameters, &given, sizeof given);
  cudaMemcpyToSymbol(calls, &counted, sizeof counted);
  kernel<<<1, 128>>>(memory, n);
  shift(memory, n, nullptr);
  cudaMemcpy(x, memory, sizeof x, cudaMemcpyDeviceToHost);
  cudaMemcpyFromSymbol(&counted, calls, sizeof counted);
  cudaFree(memory);
  for (int i = 0; i < n; ++i)
    if (x[i] != 2 * i * i + i * i * i + 2 + 5) return std::printf("%d: %g\n", i, x[i]), 1;
  return counted == 2 * n ? 0 : 1;
}
