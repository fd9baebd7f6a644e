// The executor, driven by sources as the rewriter leaves them.
#include <numeric>
#include <vector>

#include "simt/cuda.hpp"
#include "tests/catch.hpp"
#include "tests/simt/device_array.hpp"

namespace {

#define LAUNCH(kernel, config, ...)                                           \
  ::simt::launch(                                                             \
      ::simt::LaunchSite{#kernel, __FILE__, __LINE__}, ::simt::Config config, \
      [=](auto... a) { kernel(a...); }, __VA_ARGS__)

void saxpy(int n, float a, const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}

template <int tile>
void gemm(int m, int n, int k, const float* a, const float* b, float* c) {
  static const simt::SharedSite as_site{"as", __FILE__, __LINE__};
  static const simt::SharedSite bs_site{"bs", __FILE__, __LINE__};
  auto& as = simt::shared<float[tile][tile]>(as_site);
  auto& bs = simt::shared<float[tile][tile]>(bs_site);
  int row = blockIdx.y * tile + threadIdx.y, column = blockIdx.x * tile + threadIdx.x;
  float sum = 0;
  for (int t = 0; t < k; t += tile) {
    as[threadIdx.y][threadIdx.x] = row < m && t + int(threadIdx.x) < k ? a[row * k + t + threadIdx.x] : 0;
    bs[threadIdx.y][threadIdx.x] =
        column < n && t + int(threadIdx.y) < k ? b[(t + threadIdx.y) * n + column] : 0;
    __syncthreads();
    for (int i = 0; i < tile; ++i) sum += as[threadIdx.y][i] * bs[i][threadIdx.x];
    __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}

void block_sum(const int* x, int* sums) {
  int* s = simt::dynamic_shared<int>();
  unsigned t = threadIdx.x;
  s[t] = x[blockIdx.x * blockDim.x + t];
  __syncthreads();
  for (unsigned step = blockDim.x / 2; step > 0; step /= 2) {
    if (t < step) s[t] += s[t + step];
    __syncthreads();
  }
  if (t == 0) sums[blockIdx.x] = s[0];
}

void warp_sum(const int* x, int* total) {
  int v = x[blockIdx.x * blockDim.x + threadIdx.x];
  for (int offset = 16; offset > 0; offset /= 2) v += __shfl_down_sync(0xffffffffu, v, offset);
  if (threadIdx.x % 32 == 0) atomicAdd(total, v);
}

void early_exit(int n, int* count) {
  static const simt::SharedSite site{"s", __FILE__, __LINE__};
  auto& s = simt::shared<int>(site);
  if (threadIdx.x == 0) s = 0;
  if (int(threadIdx.x) >= n) return;
  __syncthreads();
  atomicAdd(&s, 1);
  __syncthreads();
  if (threadIdx.x == 0) *count = s;
}

void stale_shared(float* out) {
  static const simt::SharedSite site{"s", __FILE__, __LINE__};
  auto& s = simt::shared<float>(site);
  out[blockIdx.x] = s;
  s = 1.0f;
}

void missing_barrier(int* out) {
  if (threadIdx.x < 16) __syncthreads();
  __syncwarp();
  out[threadIdx.x] = 1;
}

}  // namespace

TEST_CASE("An element-wise kernel with a guard") {
  in_every_schedule([] {
    int n = 1000;
    std::vector<float> x(n), y(n, 1.0f);
    std::iota(x.begin(), x.end(), 0.0f);
    DeviceArray<float> dx(x), dy(y);
    LAUNCH(saxpy, (dim3(8), dim3(128)), n, 2.0f, dx.data, dy.data);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    auto result = dy.host();
    for (int i = 0; i < n; ++i) REQUIRE(result[i] == 2.0f * i + 1.0f);
  });
}

TEST_CASE("A tiled matrix product") {
  in_every_schedule([] {
    int m = 33, n = 17, k = 25;
    std::vector<float> a(m * k), b(k * n), c(m * n, -1);
    for (int i = 0; i < m * k; ++i) a[i] = float(i % 7 - 3);
    for (int i = 0; i < k * n; ++i) b[i] = float(i % 5 - 2);
    DeviceArray<float> da(a), db(b), dc(c);
    LAUNCH(gemm<8>, (dim3((n + 7) / 8, (m + 7) / 8), dim3(8, 8)), m, n, k, da.data, db.data, dc.data);
    auto result = dc.host();
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) {
        float sum = 0;
        for (int l = 0; l < k; ++l) sum += a[i * k + l] * b[l * n + j];
        REQUIRE(result[i * n + j] == sum);
      }
  });
}

TEST_CASE("Reductions through dynamic shared memory, and through shuffles and atomics") {
  in_every_schedule([] {
    int blocks = 5;
    std::vector<int> x(blocks * 256);
    std::iota(x.begin(), x.end(), 1);
    DeviceArray<int> dx(x), sums(std::vector<int>(blocks, 0)), total(std::vector<int>(1, 0));
    LAUNCH(block_sum, (dim3(blocks), dim3(256), 256 * sizeof(int)), dx.data, sums.data);
    LAUNCH(warp_sum, (dim3(blocks), dim3(256)), dx.data, total.data);
    auto result = sums.host();
    int expected = std::accumulate(x.begin(), x.end(), 0);
    REQUIRE(std::accumulate(result.begin(), result.end(), 0) == expected);
    REQUIRE(result[1] == std::accumulate(x.begin() + 256, x.begin() + 512, 0));
    REQUIRE(total.host()[0] == expected);
  });
}

TEST_CASE("Threads that returned no longer count in a barrier") {
  in_every_schedule([] {
    for (int n : {1, 31, 32, 33, 100, 128}) {
      DeviceArray<int> count(std::vector<int>(1, 0));
      LAUNCH(early_exit, (dim3(1), dim3(128)), n, count.data);
      REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
      REQUIRE(count.host()[0] == n);
    }
  });
}

TEST_CASE("Shared memory is poisoned for every block") {
  DeviceArray<float> out(std::vector<float>(64, 0.0f));
  LAUNCH(stale_shared, (dim3(64), dim3(1)), out.data);
  for (float value : out.host()) REQUIRE(value != value);
}

TEST_CASE("Bad launches set the error and run nothing") {
  DeviceArray<int> out(std::vector<int>(1, 7));
  auto error_of = [&](dim3 grid, dim3 block, std::size_t shared) {
    LAUNCH(early_exit, (grid, block, shared), 1, out.data);
    cudaError_t peeked = cudaPeekAtLastError();
    REQUIRE(cudaGetLastError() == peeked);
    return peeked;
  };
  REQUIRE(error_of(dim3(1), dim3(1025), 0) == cudaErrorInvalidConfiguration);
  REQUIRE(error_of(dim3(1), dim3(64, 32), 0) == cudaErrorInvalidConfiguration);
  REQUIRE(error_of(dim3(0), dim3(32), 0) == cudaErrorInvalidConfiguration);
  REQUIRE(error_of(dim3(1), dim3(0), 0) == cudaErrorInvalidConfiguration);
  REQUIRE(error_of(dim3(1, 65536), dim3(32), 0) == cudaErrorInvalidConfiguration);
  REQUIRE(error_of(dim3(1), dim3(32), 49 * 1024) == cudaErrorInvalidValue);
  REQUIRE(cudaGetLastError() == cudaSuccess);
  REQUIRE(out.host()[0] == 7);
}

TEST_CASE("A barrier that some threads never reach ends the launch") {
  in_every_schedule([] {
    DeviceArray<int> out(std::vector<int>(32, 0));
    LAUNCH(missing_barrier, (dim3(1), dim3(32)), out.data);
    REQUIRE(cudaDeviceSynchronize() == cudaErrorLaunchTimeout);
    REQUIRE(cudaDeviceReset() == cudaSuccess);
    REQUIRE(cudaGetLastError() == cudaSuccess);
  });
}
