// Measures this GPU and prints its rows for tuning.inc, in a few seconds:
//   cmake --build --preset gpu -t tune_sgemm && build/gpu/kernels/tune_sgemm
//
// Times are turned into cycles by the device's nominal clock. That need not be the clock it ran at, because
// the model only compares times.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels/gemm/sgemm.hpp"

namespace {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  std::fprintf(stderr, "tune_sgemm: %s: %s\n", what, cudaGetErrorString(status));
  std::exit(2);
}

double clock_hz = 0;

// Cycles of `enqueue()`: the median of nine, after two that warm up.
template <class F>
double cycles(const F& enqueue) {
  cudaEvent_t start, stop;
  check(cudaEventCreate(&start), "cudaEventCreate");
  check(cudaEventCreate(&stop), "cudaEventCreate");
  std::vector<float> times;
  for (int i = 0; i < 11; ++i) {
    check(cudaEventRecord(start), "cudaEventRecord");
    enqueue();
    check(cudaEventRecord(stop), "cudaEventRecord");
    check(cudaEventSynchronize(stop), "a kernel");
    float ms = 0;
    check(cudaEventElapsedTime(&ms, start, stop), "cudaEventElapsedTime");
    if (i >= 2) times.push_back(ms);
  }
  check(cudaEventDestroy(start), "cudaEventDestroy");
  check(cudaEventDestroy(stop), "cudaEventDestroy");
  std::nth_element(times.begin(), times.begin() + 4, times.end());
  return times[4] * 1e-3 * clock_hz;
}

__global__ void nothing() {}

// Values in [-1, 1): zeros would draw less power, and clocks would be higher than in real use.
__global__ void fill(float* data, std::int64_t count) {
  for (std::int64_t i = blockIdx.x * std::int64_t(blockDim.x) + threadIdx.x; i < count;
       i += std::int64_t(gridDim.x) * blockDim.x) {
    std::uint32_t x = std::uint32_t(i) * 2654435761u;
    x = (x ^ x >> 15) * 2246822519u;
    data[i] = float(x >> 8) * 0x1p-23f - 1;
  }
}

}  // namespace

int main() {
  const gemm::Gpu& gpu = gemm::this_gpu();
  int khz = 0;
  check(cudaDeviceGetAttribute(&khz, cudaDevAttrClockRate, 0), "cudaDeviceGetAttribute");
  clock_hz = khz * 1e3;

  constexpr int kMostBlocks = 4, kShallow = 1024, kDeep = 4096;
  const std::int64_t side = 256 * std::int64_t(gpu.sms) * kMostBlocks, count = side * kDeep / 8;
  float *a = nullptr, *b = nullptr, *c = nullptr;
  for (float** p : {&a, &b, &c}) {
    check(cudaMalloc(p, count * sizeof(float)), "cudaMalloc");
    fill<<<4096, 256>>>(*p, count);
  }
  const double copy = cycles([&] { cudaMemcpyAsync(a, b, count * sizeof(float), cudaMemcpyDeviceToDevice); });
  const double launches = cycles([&] {
    for (int i = 0; i < 100; ++i) nothing<<<1, 32>>>();
  });
  std::printf("    {\"%s\", %.0f, %.0f},\n", gpu.name.c_str(), 2.0 * count * sizeof(float) / copy,
              launches / 100);

  for (const gemm::Config& config : gemm::configs()) {
    if (config.tma && gpu.major < 9) continue;
    // `each` blocks on every SM, in a grid of tiles that is as square as it can be, k deep. Operands that TMA
    // can read: A stored k x m, B stored k x n.
    const auto time = [&](int each, int k) {
      const int tiles = gpu.sms * each;
      int rows = 1;
      for (int r = 1; r * r <= tiles; ++r)
        if (tiles % r == 0) rows = r;
      const int m = rows * config.tile_m, n = tiles / rows * config.tile_n;
      if (std::max({std::int64_t(m) * k, std::int64_t(n) * k, std::int64_t(m) * n}) > count) return -1.0;
      const auto product = gemm::row_major(m, n, k, true, false, 1, a, m, b, n, 0, c, n);
      return cycles([&] { check(config.launch(product, nullptr), config.name); });
    };
    const double alone_shallow = time(1, kShallow), alone_deep = time(1, kDeep);
    const double shallow = time(config.blocks, kShallow), deep = time(config.blocks, kDeep);
    if (std::min({alone_shallow, alone_deep, shallow, deep}) < 0) {
      std::fprintf(stderr, "tune_sgemm: %s does not fit the buffers\n", config.name);
      continue;
    }
    const double steps = kDeep - kShallow, alone = (alone_deep - alone_shallow) / steps;
    std::printf("    {\"%s\", \"%s\", %.1f, %.1f, %.0f},\n", gpu.name.c_str(), config.name,
                (deep - shallow) / steps / config.blocks, alone, alone_shallow - alone * kShallow);
  }
  return 0;
}
