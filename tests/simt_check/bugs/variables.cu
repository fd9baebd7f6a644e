// Variables of namespace scope: __device__, __constant__ and __managed__.
#include "bug.hpp"

namespace {

__device__ int counter;
__device__ float table[48];
__constant__ float weights[5];
__device__ __managed__ int answer;

template <bool right>
__global__ void count_all() {
  if constexpr (right)
    atomicAdd(&counter, 1);
  else
    ++counter;
}
BUG(global_counter_without_atomics, "race") {
  const int zero = 0;
  cudaMemcpyToSymbol(counter, &zero, sizeof zero);
  right ? count_all<true><<<2, 64>>>() : count_all<false><<<2, 64>>>();
}

template <bool right>
__global__ void turn(float* out) {
  table[threadIdx.x] = threadIdx.x;
  if constexpr (right) __syncthreads();
  out[threadIdx.x] = table[47 - threadIdx.x];
}
BUG(exchange_through_a_device_array, "race") {
  Device<float> out(48);
  right ? turn<true><<<1, 48>>>(out) : turn<false><<<1, 48>>>(out);
}

BUG(host_reads_a_device_variable, "host-access") {
  count_all<true><<<1, 32>>>();
  int host = 0;
  if (right)
    cudaMemcpyFromSymbol(&host, counter, sizeof host);
  else
    host = counter;
  [[maybe_unused]] volatile int kept = host;
}

BUG(symbol_too_small_for_the_copy, "out-of-bounds") {
  const float host[49] = {};
  cudaMemcpyToSymbol(table, host, (right ? 48 : 49) * sizeof(float));
}

__global__ void set_answer() { answer = 42; }
BUG(managed_variable_read_too_early, "async") {
  set_answer<<<1, 1>>>();
  if (right) cudaDeviceSynchronize();
  [[maybe_unused]] volatile int host = answer;
  cudaDeviceSynchronize();
}

__global__ void filter(const float* x, float* out, int taps) {
  float sum = 0;
  for (int i = 0; i < taps; ++i) sum += weights[i] * x[threadIdx.x + i];
  out[threadIdx.x] = sum;
}
BUG(constant_array_too_short, "out-of-bounds") {
  const float host[5] = {1, 2, 3, 2, 1};
  cudaMemcpyToSymbol(weights, host, sizeof host);
  Device<float> x(64, 1), out(32);
  filter<<<1, 32>>>(x, out, right ? 5 : 7);
}

BUG(status_that_a_statement_drops, "unread-error") {
  float* x = nullptr;
  cudaMalloc(&x, right ? 64 : std::size_t{1} << 50);
  cudaFree(x);
}
BUG(copy_in_the_wrong_direction, "unread-error") {
  Device<float> x(16);
  float host[16] = {};
  cudaMemcpy(x, host, sizeof host, right ? cudaMemcpyHostToDevice : static_cast<cudaMemcpyKind>(7));
}
BUG(status_that_is_read, "unread-error") {
  float* x = nullptr;
  if (right && cudaMalloc(&x, std::size_t{1} << 50) != cudaSuccess) x = nullptr;
  if (!right) cudaMalloc(&x, std::size_t{1} << 50);
  cudaFree(x);
}

}  // namespace
