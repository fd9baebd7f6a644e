#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>

#include "kernels/gemm/multistage.cuh"
#include "kernels/gemm/pack.cuh"
#include "kernels/gemm/sgemm.hpp"
#include "kernels/gemm/split_k.cuh"
#include "kernels/gemm/tma.cuh"

namespace gemm {
namespace {

template <class T, int kStages, int kBlocks>
constexpr Config by_tma(const char* name) {
  // 16 bytes a stage for its two barriers.
  return {name,    T::kM,
          T::kN,   T::kK,
          kBlocks, kTmaBytes<T, kStages> + 16 * kStages,
          true,    tma<T, kStages, kBlocks>};
}
template <class T, int kStages, int kBlocks>
constexpr Config by_cp_async(const char* name) {
  return {name,    T::kM,
          T::kN,   T::kK,
          kBlocks, kMultistageBytes<T, kStages>,
          false,   multistage<T, kStages, kBlocks>};
}

constexpr Config kConfigs[] = {
    by_tma<Tile<256, 128, 16, 64, 64, 16, 8>, 6, 1>("tma 256x128"),
    by_tma<Tile<256, 128, 32, 64, 64, 16, 8>, 4, 1>("tma 256x128x32"),
    by_tma<Tile<128, 256, 16, 64, 64, 8, 16>, 6, 1>("tma 128x256"),
    by_tma<Tile<128, 128, 16, 64, 64, 16, 8>, 6, 2>("tma 128x128"),
    by_cp_async<Tile<256, 128, 16, 64, 64, 16, 8>, 4, 1>("cp.async 256x128"),
    by_cp_async<Tile<128, 128, 16, 32, 64, 8, 8>, 4, 1>("cp.async 128x128"),
    by_cp_async<Tile<128, 64, 16, 32, 32, 8, 4>, 4, 2>("cp.async 128x64"),
    by_cp_async<Tile<64, 64, 16, 32, 32, 8, 4>, 4, 4>("cp.async 64x64"),
};
constexpr int kFallback = std::size(kConfigs) - 1;  // takes any pointer, on any GPU

// What is known of a GPU, and of a kernel on it. Cycles are the SM's.
struct GpuRow {
  std::string_view gpu;    // part of the device's name; "" for every other
  double bytes_per_cycle;  // of the whole GPU's memory
  double launch;           // cycles from one kernel's end to the next one's start
};
struct KernelRow {
  std::string_view gpu, config;
  double crowded;  // per step of k and block, while `blocks` blocks share the SM
  double alone;    // per step of k, while one block has the SM to itself
  double fixed;    // per round of blocks: to start, fill the pipeline and store the tiles
};
#include "kernels/gemm/tuning.inc"
static_assert(std::ranges::all_of(kConfigs, [](const Config& c) {
  return std::ranges::any_of(kKernelRows,
                             [&](const KernelRow& r) { return r.gpu.empty() && r.config == c.name; });
}));

// The first row for this GPU; the table's last rows are for every other.
template <class Row, std::size_t kCount>
const Row& row_of(const Row (&rows)[kCount], const Gpu& gpu, std::string_view config = {}) {
  const auto fits = [&](const Row& row) {
    if constexpr (requires { row.config; })
      if (row.config != config) return false;
    return gpu.name.find(row.gpu) != std::string::npos;
  };
  return *std::find_if(rows, std::end(rows) - 1, fits);
}

// Predicted cycles of one product (of a batch where p.slices > 1) done in this way.
double predict(const Product& p, const Plan& plan, const Gpu& gpu) {
  const Config& c = kConfigs[plan.config];
  const KernelRow& row = row_of(kKernelRows, gpu, c.name);
  const GpuRow& memory = row_of(kGpuRows, gpu);
  const double m = p.m, n = p.n, k = p.k, batch = p.slices;
  const double blocks = double(pieces(p.m, c.tile_m)) * pieces(p.n, c.tile_n) * plan.slices * batch;
  const double each = std::ceil(blocks / gpu.sms);  // blocks on the busiest SM
  const double rounds = std::floor(each / c.blocks), rest = each - rounds * c.blocks;
  const double steps =
      rounds * c.blocks * row.crowded + std::max(rest * row.crowded, rest > 0 ? row.alone : 0);
  const double multiply = steps * plan.depth + std::ceil(each / c.blocks) * row.fixed;
  const double bytes = 4 * batch * (m * k + k * n + m * n * (p.beta == 0 ? 1 : 2));
  double cycles = std::max(multiply, bytes / memory.bytes_per_cycle);
  const auto pass = [&](double floats) { cycles += memory.launch + 4 * floats / memory.bytes_per_cycle; };
  if (plan.pack_a) pass(2 * m * k);
  if (plan.pack_b) pass(2 * n * k);
  if (plan.slices > 1) pass((2 * plan.slices + 1) * m * n);
  return cycles;
}

// Where the parts of the workspace begin, in bytes.
struct Workspace {
  std::size_t packed_a = 0, packed_b = 0, sums = 0, end = 0;
};
Workspace lay_out(const Product& p, const Plan& plan) {
  Workspace w;
  const auto take = [&](std::size_t bytes) {
    return std::exchange(w.end, w.end + (bytes + 255) / 256 * 256);
  };
  w.packed_a = take(plan.pack_a ? p.k * packed_pitch(p.m) * sizeof(float) : 0);
  w.packed_b = take(plan.pack_b ? p.k * packed_pitch(p.n) * sizeof(float) : 0);
  w.sums = take(slices_bytes(p.m, p.n, plan.slices));
  return w;
}

}  // namespace

std::span<const Config> configs() { return kConfigs; }

const Gpu& this_gpu() {
  static const Gpu gpu = [] {
    Gpu g;
    int device = 0;
    cudaDeviceProp properties{};
    if (cudaGetDevice(&device) == cudaSuccess &&
        cudaGetDeviceProperties(&properties, device) == cudaSuccess) {
      g.sms = properties.multiProcessorCount;
      g.major = properties.major;
      g.shared_bytes = static_cast<int>(properties.sharedMemPerBlockOptin);
      g.name = properties.name;
    }
    return g;
  }();
  return gpu;
}

Plan make_plan(const Product& p, const Gpu& gpu) {
  const auto boxes = [](const Matrix& x) { return x.stride_x == 1 && tma_can_read(nullptr, x.stride_k); };
  Plan best{.config = kFallback};
  for (int i = 0; i < int(std::size(kConfigs)); ++i) {
    const Config& c = kConfigs[i];
    if (c.shared_bytes > gpu.shared_bytes && i != kFallback) continue;
    if (c.tma && (gpu.major < 9 || p.k == 0 || p.slices > 1)) continue;
    for (const int wanted : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64}) {
      // Slices are whole steps of k and long enough to fill the pipeline a few times; a batch needs none.
      if (wanted > 1 && (p.slices > 1 || p.k / wanted < 8 * c.tile_k)) break;
      Plan plan{.config = i, .depth = p.k};
      if (wanted > 1) {
        plan.depth = pieces(pieces(p.k, wanted), c.tile_k) * c.tile_k;
        plan.slices = pieces(p.k, plan.depth);
      }
      plan.pack_a = c.tma && !boxes(p.a);
      plan.pack_b = c.tma && !boxes(p.b);
      plan.cycles = predict(p, plan, gpu);
      if (best.cycles == 0 || plan.cycles < best.cycles) best = plan;
    }
  }
  return best;
}

cudaError_t sgemm(const Product& product, const Plan& plan, void* workspace, cudaStream_t stream) {
  Product p = product;
  if (p.m == 0 || p.n == 0 || p.slices == 0) return cudaSuccess;
  const Workspace w = lay_out(p, plan);
  char* const base = static_cast<char*>(workspace);
  if (plan.pack_a) p.a = pack(p.a, p.m, p.k, reinterpret_cast<float*>(base + w.packed_a), stream);
  if (plan.pack_b) p.b = pack(p.b, p.n, p.k, reinterpret_cast<float*>(base + w.packed_b), stream);
  const Product slices = plan.slices > 1 ? cut(p, plan.depth, reinterpret_cast<float*>(base + w.sums)) : p;
  const Config& c = kConfigs[plan.config];
  const bool fits = !c.tma || tma_takes(slices);  // a pointer may lie off a 16-byte boundary
  if (const cudaError_t e = (fits ? c : kConfigs[kFallback]).launch(slices, stream)) return e;
  return plan.slices > 1 ? add_slices(slices, p.c, p.ldc, p.alpha, p.beta, stream) : cudaSuccess;
}

std::size_t sgemm_workspace(const Product& p, const Plan& plan) { return lay_out(p, plan).end; }
std::size_t sgemm_workspace(const Product& p) { return sgemm_workspace(p, make_plan(p)); }
cudaError_t sgemm(const Product& p, void* workspace, cudaStream_t stream) {
  return sgemm(p, make_plan(p), workspace, stream);
}

}  // namespace gemm
