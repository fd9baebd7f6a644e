// What the two files of this program have of each other: device functions, variables and a table of
// functions, as relocatable device code has them.
#pragma once

struct Parameters {
  float scale;
  int offset;
};
using Function = float (*)(float);

extern __constant__ Parameters parameters;
extern __device__ int calls;
extern __device__ Function functions[2];
__device__ float scaled(float x);
template <class T>
__host__ __device__ T square(T x) {
  return x * x;
}
void shift(float* x, int n, cudaStream_t stream);
