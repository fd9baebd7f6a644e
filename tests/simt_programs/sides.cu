// What the host and the device see of __CUDA_ARCH__: functions for both that are not the same on both.
#include <thrust/device_vector.h>
#include <thrust/transform.h>

#include <cstdio>
#include <stdexcept>

#ifdef __CUDA_ARCH__
#define WHERE "device"
#else
#define WHERE "host"
#endif

__host__ __device__ int side() {
#ifdef __CUDA_ARCH__
  return __CUDA_ARCH__ + static_cast<int>(threadIdx.x);
#else
  return 1;
#endif
}

__host__ __device__ bool named(const char* name) { return name[0] == WHERE[0]; }

struct Positive {
  int value;
  __host__ __device__ explicit Positive(int v) : value{v} {
#ifndef __CUDA_ARCH__
    if (v < 0) throw std::invalid_argument("not positive");
#endif
  }
};

template <class T>
__host__ __device__ T popcount(T v) {
#if defined(__CUDA_ARCH__)
  return __popc(v);
#else
  return __builtin_popcount(v);
#endif
}

constexpr __host__ __device__ int next(int n) {
#ifdef __CUDA_ARCH__
  return n + 2;
#else
  return n + 1;
#endif
}

struct Next {
  __host__ __device__ int operator()(int n) const { return next(n); }
};

__device__ int for_the_device() {
#ifdef __CUDA_ARCH__
  return __CUDA_ARCH__;
#else
  return 0;
#endif
}

__global__ void ask(int* out) {
  out[0] = side();
  out[1] = named("device");
  out[2] = Positive(-1).value;
  out[3] = popcount(7);
  out[4] = next(3);
  out[5] = for_the_device();
}

int main() {
  int* out;
  cudaMallocManaged(&out, 6 * sizeof(int));
  ask<<<1, 1>>>(out);
  if (cudaDeviceSynchronize() != cudaSuccess) return 1;
  bool right = out[0] >= 300 && out[1] && out[2] == -1 && out[3] == 3 && out[4] == 5 && out[5] >= 300;
  constexpr int compiled = next(3);  // the compiler is a host
  int n = 3;
  right = right && compiled == 4 && side() == 1 && named("host") && popcount(7) == 3 && next(n) == 4;
  int line = 0;
  try {
    Positive(-1);
  } catch (const std::invalid_argument&) {
    line = __LINE__;  // the lines are still the file's
  }
  right = right && line == 84 && Positive(1).value == 1;
  thrust::device_vector<int> numbers(10, n);  // Thrust calls for the device, whoever does it
  thrust::transform(numbers.begin(), numbers.end(), numbers.begin(), Next());
  right = right && numbers[9] == 5 && next(n) == 4;
  std::printf("%s\n", right ? "right" : "wrong");
  cudaFree(out);
  return right ? 0 : 1;
}
