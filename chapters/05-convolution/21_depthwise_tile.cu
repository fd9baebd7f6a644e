// A block stages a tile of one plane with its halo in shared memory, so that each pixel is loaded about once.
//
//   block: 32 x 32 outputs, 256 threads      staged for 3 x 3: 34 x 34, 1.13 loads an output instead of 9
//   thread: one column, 4 rows               a warp reads and writes whole rows: 128 bytes
//
//   h h h h h h      warp 0:  rows 0, 8, 16, 24       h: the halo
//   h o o o o h      warp 1:  rows 1, 9, 17, 25       o: under an output
//   h o o o o h        …
//
// The filter, R * S words, is the same for the whole block and is read through the cache. Small planes (7 x
// 7) leave most of a tile idle: that is the next rung's matter.
#include "kernels/launch.cuh"
#include "problem.hpp"

constexpr int kSide = 32, kRows = 8;  // outputs of a block, and rows of threads

static __global__ void __launch_bounds__(kSide* kRows)
    depthwise_tile(Depthwise<>::Args a, int tiles_p, int tiles_q) {
  extern __shared__ float tile[];
  const int tile_q = blockIdx.x % tiles_q, tile_p = blockIdx.x / tiles_q % tiles_p;
  const int plane = blockIdx.x / tiles_q / tiles_p;  // image and channel
  const int rows = (kSide - 1) * a.stride + (a.r - 1) * a.dilation + 1;
  const int columns = (kSide - 1) * a.stride + (a.s - 1) * a.dilation + 1;
  const int h0 = tile_p * kSide * a.stride - a.pad, w0 = tile_q * kSide * a.stride - a.pad;
  const float* x = a.x + std::int64_t(plane) * a.h * a.w;
  for (int y = threadIdx.y; y < rows; y += kRows)
    for (int z = threadIdx.x; z < columns; z += kSide) {
      const int h = h0 + y, w = w0 + z;
      tile[y * columns + z] = h >= 0 && h < a.h && w >= 0 && w < a.w ? x[h * a.w + w] : 0;
    }
  __syncthreads();
  const float* filter = a.filter + plane % a.c * a.r * a.s;
  const int q = tile_q * kSide + threadIdx.x;
  for (int y = threadIdx.y; y < kSide; y += kRows) {
    const int p = tile_p * kSide + y;
    if (p >= a.p || q >= a.q) continue;
    const float* corner = tile + y * a.stride * columns + threadIdx.x * a.stride;
    float sum = 0;
    for (int r = 0; r < a.r; ++r)
      for (int s = 0; s < a.s; ++s)
        sum += corner[r * a.dilation * columns + s * a.dilation] * filter[r * a.s + s];
    a.y[(std::int64_t(plane) * a.p + p) * a.q + q] = sum;
  }
}

static std::int64_t tile_bytes(const Depthwise<>::Args& a) {
  const std::int64_t span = (kSide - 1) * std::int64_t(a.stride) + 1;
  return 4 * (span + (a.r - 1) * std::int64_t(a.dilation)) * (span + (a.s - 1) * std::int64_t(a.dilation));
}

static void launch(const Depthwise<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  const auto tiles_p = static_cast<int>(ceil_div(a.p, kSide)),
             tiles_q = static_cast<int>(ceil_div(a.q, kSide));
  depthwise_tile<<<static_cast<unsigned>(std::int64_t(a.n) * a.c * tiles_p * tiles_q), dim3(kSide, kRows),
                   static_cast<std::size_t>(tile_bytes(a)), ctx.stream>>>(a, tiles_p, tiles_q);
}

static std::string needs(const Depthwise<>::Args& a) {
  if (a.nhwc) return "needs nhwc = 0";
  return tile_bytes(a) > 48 * 1024 ? "needs a tile with its halo of at most 48 KB" : "";
}

static const bench::Rung<Depthwise<>> rung({
    .title = "Depthwise, tile with halo",
    .idea = "each pixel is loaded about once: 9 loads an output become 1.13",
    .run = launch,
    .needs = needs,
});
