// A thread computes 4 pixels for 8 filters: 32 sums, and each value that it reads from shared memory is used
// 4 or 8 times.
//
//   block: 16 x 16 pixels x 32 filters, 256 threads
//   thread (x, y, z): column x, rows y, y + 4, y + 8, y + 12        one tap (c, r, s):
//                     filters 8z … 8z + 7                                f0 f1 … f7     2 loads of 4
//                                                                    p0 ┌──────────┐
//   A warp has one z, so its filters are a broadcast.                …  │ 32 sums  │    4 loads
//                                                                    p3 └──────────┘
//
// The last rung had two loads for each multiply-add, one of them from shared memory; here 6 loads serve 32.
// The tile of x now serves 32 filters as well, so global traffic for x falls 32 times.
#include "problem.hpp"

constexpr int kSide = 16, kPixels = 4, kFilters = 8, kGroups = 4, kBlockK = kFilters * kGroups;
constexpr int kThreads = kSide * (kSide / kPixels) * kGroups;

static __global__ void __launch_bounds__(kThreads)
    forward_register(Forward<>::Args a, int tiles_p, int tiles_q) {
  extern __shared__ __align__(16) float shared[];
  const int taps = a.r * a.s;
  float* filters = shared;                // [taps][kBlockK]
  float* tile = shared + taps * kBlockK;  // [rows][columns]
  const int tile_q = blockIdx.x % tiles_q, tile_p = blockIdx.x / tiles_q % tiles_p;
  const int n = blockIdx.x / tiles_q / tiles_p;
  // blockIdx.y counts blocks of filters, which never straddle two groups.
  const int blocks_k = (a.group_k() + kBlockK - 1) / kBlockK, group = blockIdx.y / blocks_k;
  const int k0 = blockIdx.y % blocks_k * kBlockK, k_valid = min(kBlockK, a.group_k() - k0);
  const int rows = (kSide - 1) * a.stride + (a.r - 1) * a.dilation + 1;
  const int columns = (kSide - 1) * a.stride + (a.s - 1) * a.dilation + 1;
  const int h0 = tile_p * kSide * a.stride - a.pad, w0 = tile_q * kSide * a.stride - a.pad;
  const int thread = threadIdx.x, tx = thread % kSide, ty = thread / kSide % kPixels;
  const int tz = thread / (kSide * kPixels);
  const float* x = a.x + (std::int64_t(n) * a.c + group * a.group_c()) * a.h * a.w;
  const float* filter = a.filter + std::int64_t(group * a.group_k() + k0) * a.group_c() * taps;
  float sum[kPixels][kFilters] = {};
  for (int c = 0; c < a.group_c(); ++c, x += a.h * a.w, filter += taps) {
    for (int i = thread; i < rows * columns; i += kThreads) {
      const int h = h0 + i / columns, w = w0 + i % columns;
      tile[i] = h >= 0 && h < a.h && w >= 0 && w < a.w ? x[h * a.w + w] : 0;
    }
    for (int i = thread; i < taps * kBlockK; i += kThreads) {
      const int k = i % kBlockK, tap = i / kBlockK;
      filters[i] = k < k_valid ? filter[std::int64_t(k) * a.group_c() * taps + tap] : 0;
    }
    __syncthreads();
    for (int r = 0; r < a.r; ++r)
      for (int s = 0; s < a.s; ++s) {
        const float4* f = reinterpret_cast<const float4*>(filters + (r * a.s + s) * kBlockK + tz * kFilters);
        const float4 low = f[0], high = f[1];
        const float tap[kFilters] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
        const float* pixel =
            tile + (ty * a.stride + r * a.dilation) * columns + tx * a.stride + s * a.dilation;
#pragma unroll
        for (int i = 0; i < kPixels; ++i)
#pragma unroll
          for (int j = 0; j < kFilters; ++j)
            sum[i][j] += pixel[i * (kSide / kPixels) * a.stride * columns] * tap[j];
      }
    __syncthreads();
  }
  for (int i = 0; i < kPixels; ++i)
    for (int j = 0; j < kFilters; ++j) {
      const int p = tile_p * kSide + ty + i * (kSide / kPixels), q = tile_q * kSide + tx,
                k = tz * kFilters + j;
      if (p < a.p && q < a.q && k < k_valid)
        a.y[((std::int64_t(n) * a.k + group * a.group_k() + k0 + k) * a.p + p) * a.q + q] = sum[i][j];
    }
}

static std::int64_t shared_bytes(const Forward<>::Args& a) {
  const std::int64_t span = (kSide - 1) * std::int64_t(a.stride) + 1;
  return 4 * ((span + (a.r - 1) * std::int64_t(a.dilation)) * (span + (a.s - 1) * std::int64_t(a.dilation)) +
              std::int64_t(a.r) * a.s * kBlockK);
}
static std::int64_t blocks_of_filters(const Forward<>::Args& a) {
  return std::int64_t((a.group_k() - 1) / kBlockK + 1) * a.groups;
}

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  const int tiles_p = (a.p - 1) / kSide + 1, tiles_q = (a.q - 1) / kSide + 1;
  const dim3 blocks(static_cast<unsigned>(std::int64_t(a.n) * tiles_p * tiles_q),
                    static_cast<unsigned>(blocks_of_filters(a)));
  forward_register<<<blocks, kThreads, static_cast<std::size_t>(shared_bytes(a)), ctx.stream>>>(a, tiles_p,
                                                                                                tiles_q);
}

static std::string needs(const Forward<>::Args& a) {
  if (a.nhwc) return "needs nhwc = 0";
  if (blocks_of_filters(a) > 65535) return "needs at most 65535 blocks of filters";
  return shared_bytes(a) > 48 * 1024 ? "needs a tile and its filters of at most 48 KB" : "";
}

static const bench::Rung<Forward<>> rung({
    .title = "Four pixels and eight filters a thread",
    .idea = "outer products in registers: 6 shared loads for 32 multiply-adds instead of 64 loads",
    .run = launch,
    .needs = needs,
});
