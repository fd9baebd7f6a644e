// Thrust with what its system for CUDA adds: functions that read the device's variables.
#include <thrust/device_vector.h>
#include <thrust/sequence.h>
#include <thrust/transform.h>

#include <cstdio>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

struct Parameters {
  float scale[2], offset;
};
__constant__ Parameters parameters;
__device__ int calls;
struct Affine {
  __device__ float operator()(float x) const {
    atomicAdd(&calls, 1);
    return parameters.scale[1] * x + parameters.offset;
  }
};

__global__ void double_calls() { calls *= 2; }

int main() {
  const int n = 100;
  const Parameters p{{0, 3}, 0.5f};
  const int none = 0;
  REQUIRE(cudaMemcpyToSymbol(parameters, &p, sizeof p) == cudaSuccess);
  REQUIRE(cudaMemcpyToSymbol(calls, &none, sizeof none) == cudaSuccess);
  thrust::device_vector<float> x(n);
  thrust::sequence(x.begin(), x.end());
  thrust::transform(x.begin(), x.end(), x.begin(), Affine());
  double_calls<<<1, 1>>>();
  thrust::transform(x.begin(), x.begin() + 1, x.begin() + 1, Affine());
  int counted = 0;
  REQUIRE(cudaMemcpyFromSymbol(&counted, calls, sizeof counted) == cudaSuccess && counted == 2 * n + 1);
  REQUIRE(x[0] == 0.5f && x[1] == 2.f && x[n - 1] == 3.f * (n - 1) + 0.5f);
  return 0;
}
