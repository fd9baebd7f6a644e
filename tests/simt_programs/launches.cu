// Launching: limits and the errors past them, attributes, occupancy, cooperative grids, printf, clocks.
#include <cooperative_groups.h>

#include <cassert>
#include <cstdio>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }
#define FAILS(error) cudaGetLastError() == (error) && cudaGetLastError() == cudaSuccess

__global__ void square(int* x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] *= x[i];
}
__global__ void much_shared(float* out) {
  extern __shared__ float s[];
  for (int i = threadIdx.x; i < 20000; i += blockDim.x) s[i] = i;
  __syncthreads();
  out[threadIdx.x] = s[19999 - threadIdx.x];
}
__global__ void much_shared_too(float* out) {
  extern __shared__ float s[];
  s[threadIdx.x] = threadIdx.x;
  out[threadIdx.x] = s[threadIdx.x];
}
// What a kernel's body says of it is known before it runs, however a launch finds the function.
template <class T, int threads>
__global__ void __launch_bounds__(threads, 2) reversed(T* x) {
  __shared__ T tile[threads];
  tile[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  x[threadIdx.x] = tile[threads - 1 - threadIdx.x];
}
template <int... sizes>
bool reverse_one_of(int size, int* x) {  // a launch within a fold
  return ((size == sizes && (reversed<int, sizes><<<1, sizes>>>(x), true)) || ...);
}
template <class T>
__launch_bounds__(64) static __global__ void plus(T* x, T) {
  x[threadIdx.x] += 1;
}
__global__ void __launch_bounds__(32) plus(int* x) { x[threadIdx.x] += 1; }
extern "C" __global__ void with_c_linkage(float* x) {
  __shared__ double d[10];
  d[threadIdx.x % 10] = 0;
  if (x) *x = float(d[0]);
}
namespace {
template <class T>
struct Holder {
  static __global__ void kernel(T* x) {
    __shared__ T t[5];
    __shared__ alignas(64) char aligned;
    t[threadIdx.x % 5] = aligned = 0;
    if (x) *x = t[0];
  }
};
}  // namespace
__global__ void relax(float* x, float* y, int n, int rounds) {
  auto grid = cooperative_groups::this_grid();
  for (int round = 0; round < rounds; ++round) {
    for (int i = grid.thread_rank(); i < n; i += grid.size())
      y[i] = 0.5f * x[i] + 0.25f * (x[(i + 1) % n] + x[(i + n - 1) % n]);
    grid.sync();
    float* swap = x;
    x = y, y = swap;
  }
}
__global__ void talk(long long* ticks) {
  const long long start = clock64();
  if (threadIdx.x == 0) {
    const int taken = printf("block %d of %d: %s %.*f %%\n", blockIdx.x, gridDim.x, "hello", 2, 1.5);
    assert(taken == 5);  // arguments, not characters
  }
  ticks[blockIdx.x * blockDim.x + threadIdx.x] = clock64() - start;
}
__global__ void spin(clock_t* cycles, clock_t least) {  // clock() counts cycles, as clock64() does
  const clock_t start = clock();
  while (clock() - start < least) {
  }
  *cycles = clock() - start;
}

template <class T, int threads>
__global__ void __launch_bounds__(threads) never_named_by_a_launch(T* x) {
  __shared__ T all[threads];
  all[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  x[threadIdx.x] = all[threads - 1 - threadIdx.x];
}

int known_before_they_run() {
  int* x;
  float* f;
  REQUIRE(cudaMalloc(&x, 512) == cudaSuccess && cudaMalloc(&f, 512) == cudaSuccess);
  REQUIRE(cudaMemset(x, 0, 512) == cudaSuccess && cudaMemset(f, 0, 512) == cudaSuccess);
  cudaFuncAttributes a;
  REQUIRE(cudaFuncGetAttributes(&a, reversed<float, 128>) == cudaSuccess);
  REQUIRE(a.sharedSizeBytes == 512 && a.maxThreadsPerBlock == 128 &&
          a.maxDynamicSharedSizeBytes == 48 * 1024 - 512);
  REQUIRE(cudaFuncGetAttributes(&a, reversed<double, 64>) == cudaSuccess);
  REQUIRE(a.sharedSizeBytes == 512 && a.maxThreadsPerBlock == 64);
  REQUIRE(cudaFuncGetAttributes(&a, (const void*)with_c_linkage) == cudaSuccess);
  REQUIRE(a.sharedSizeBytes == 80 && a.maxThreadsPerBlock == 1024);
  REQUIRE(cudaFuncGetAttributes(&a, Holder<int>::kernel) == cudaSuccess && a.sharedSizeBytes > 64);
  int blocks;
  REQUIRE(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, reversed<float, 128>, 129, 0) ==
          cudaSuccess);
  REQUIRE(blocks == 0);

  reversed<float, 128><<<1, 128>>>(f);
  reversed<double, 64><<<1, 64>>>((double*)f);
  with_c_linkage<<<1, 32>>>(nullptr);
  Holder<int>::kernel<<<1, 32>>>(nullptr);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  reversed<float, 128><<<1, 160>>>(f);
  REQUIRE(FAILS(cudaErrorInvalidValue));
  reversed<float, 128><<<1, 128, 48 * 1024 - 511>>>(f);
  REQUIRE(FAILS(cudaErrorInvalidValue));
  plus<<<1, 65>>>(x, 1);  // a template whose arguments follow from the launch's, beside an overload
  REQUIRE(FAILS(cudaErrorInvalidValue));
  plus<<<1, 33>>>(x);
  REQUIRE(FAILS(cudaErrorInvalidValue));
  void (*pointer)(float*) = reversed<float, 128>;
  pointer<<<1, 160>>>(f);
  REQUIRE(FAILS(cudaErrorInvalidValue));
  void* arguments[] = {&f};
  const auto address = (const void*)never_named_by_a_launch<float, 64>;
  REQUIRE(cudaFuncGetAttributes(&a, address) == cudaSuccess && a.sharedSizeBytes == 256 &&
          a.maxThreadsPerBlock == 64);
  REQUIRE(cudaLaunchKernel(address, 1, 65, arguments, 0, nullptr) == cudaErrorInvalidValue);
  REQUIRE(FAILS(cudaErrorInvalidValue));
  REQUIRE(cudaLaunchKernel(address, 1, 64, arguments, 0, nullptr) == cudaSuccess);
  much_shared_too<<<1, 64, 80000>>>(f);  // what another kernel may have does not help this one
  REQUIRE(FAILS(cudaErrorInvalidValue));
  cudaFree(x), cudaFree(f);
  return 0;
}

int main() {
  const int n = 1000;
  int *x, grid, block, per_sm, sms, coop;
  float* f;
  REQUIRE(cudaMallocManaged(&x, n * sizeof(int)) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&f, 512 * sizeof(float)) == cudaSuccess);
  for (int i = 0; i < n; ++i) x[i] = i;
  cudaDeviceProp device;
  REQUIRE(cudaGetDeviceProperties(&device, 0) == cudaSuccess && device.warpSize == 32);
  cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, 0);
  cudaDeviceGetAttribute(&coop, cudaDevAttrCooperativeLaunch, 0);
  REQUIRE(sms == device.multiProcessorCount && coop && device.clockRate > 0);
  REQUIRE(cudaOccupancyMaxPotentialBlockSize(&grid, &block, square, 0, 0) == cudaSuccess && block % 32 == 0);
  REQUIRE(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_sm, square, 1024, 0) == cudaSuccess);
  REQUIRE(per_sm == device.maxThreadsPerMultiProcessor / 1024);

  REQUIRE((reverse_one_of<32, 64>(64, x) && reverse_one_of<32, 64>(64, x) && !reverse_one_of<32, 64>(16, x)));
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && x[0] == 0 && x[63] == 63);

  square<<<1, 1025>>>(x, n);
  REQUIRE(FAILS(cudaErrorInvalidConfiguration));
  square<<<0, 32>>>(x, n);
  REQUIRE(FAILS(cudaErrorInvalidConfiguration));
  square<<<dim3(1, 65536), 32>>>(x, n);
  REQUIRE(FAILS(cudaErrorInvalidConfiguration));
  much_shared<<<1, 64, 80000>>>(f);
  REQUIRE(FAILS(cudaErrorInvalidValue));
  void* huge;
  REQUIRE(cudaMalloc(&huge, size_t{1} << 50) == cudaErrorMemoryAllocation);
  REQUIRE(FAILS(cudaErrorMemoryAllocation));

  REQUIRE(cudaFuncSetAttribute(much_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, 80000) ==
          cudaSuccess);
  much_shared<<<1, 64, 80000>>>(f);
  square<<<(n + block - 1) / block, block>>>(x, n);
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(8), config.blockDim = dim3(128);
  int count = n;
  REQUIRE(cudaLaunchKernelEx(&config, square, x, count) == cudaSuccess);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(f[0] == 19999 && f[63] == 19936 && x[5] == 625);
  void* by_pointer[] = {&x, &count};
  for (int i = 0; i < n; ++i) x[i] = 3;
  REQUIRE(cudaLaunchKernel((const void*)square, dim3(8), dim3(128), by_pointer, 0, nullptr) == cudaSuccess);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && x[999] == 9);

  float *a = f, *b = f + 256;
  int length = 200, rounds = 4;
  for (int i = 0; i < length; ++i) a[i] = i == 100 ? 256.f : 0.f;
  void* arguments[] = {&a, &b, &length, &rounds};
  REQUIRE(cudaLaunchCooperativeKernel((void*)relax, dim3(4), dim3(32), arguments, 0, nullptr) == cudaSuccess);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  const float binomial[] = {70, 56, 28,
                            8,  1,  0};  // of 8, over 256: what four rounds of (1, 2, 1)/4 make of a peak
  for (int i = 0; i < 6; ++i) REQUIRE(a[100 + i] == binomial[i] && a[100 - i] == binomial[i]);
  REQUIRE(cudaLaunchCooperativeKernel((void*)relax, dim3(1 << 20), dim3(32), arguments) ==
          cudaErrorCooperativeLaunchTooLarge);
  cudaGetLastError();

  long long* ticks = reinterpret_cast<long long*>(f);
  talk<<<2, 16>>>(ticks);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 32; ++i) REQUIRE(ticks[i] >= 0);
  const clock_t before = clock(), least = clock_t{10} * device.clockRate;  // 10 ms
  spin<<<1, 1>>>(reinterpret_cast<clock_t*>(ticks), least);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && ticks[0] >= least);
  REQUIRE(clock() - before < 5 * CLOCKS_PER_SEC);  // and on the host the process's time
  if (known_before_they_run() != 0) return 1;
  REQUIRE(cudaFree(x) == cudaSuccess && cudaFree(f) == cudaSuccess);
  REQUIRE(cudaDeviceReset() == cudaSuccess);
  return 0;
}
