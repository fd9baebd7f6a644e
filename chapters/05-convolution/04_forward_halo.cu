// A block stages the part of one channel that its outputs look at in shared memory, and reads it from there R
// * S times.
//
//   outputs of a block: 16 x 16        staged, here for a 3 x 3 filter: 18 x 18
//                                      h h h h h h      o: under an output
//       o o o o                        h o o o o h      h: the halo, which the neighbouring blocks
//       o o o o                        h o o o o h         stage as well
//       o o o o                        h h h h h h
//
// Global loads for a channel fall from 9 to 18 * 18 / 16^2 = 1.27 for each output: 0.27 is what the halo
// costs. For 7 x 7 it is 49 to 1.89. Larger tiles have thinner halos, and need more shared memory and more
// threads. Padding is written into the tile as zeros, so the inner loop has no condition left.
#include "problem.hpp"

constexpr int kSide = 16;

static __global__ void forward_halo(Forward<>::Args a, int tiles_p, int tiles_q) {
  extern __shared__ float tile[];
  // blockIdx.x counts tiles along q, then p, then filters, then images.
  const int tile_q = blockIdx.x % tiles_q, tile_p = blockIdx.x / tiles_q % tiles_p;
  const int image_k = blockIdx.x / tiles_q / tiles_p, n = image_k / a.k, k = image_k % a.k;
  const int rows = (kSide - 1) * a.stride + (a.r - 1) * a.dilation + 1;
  const int columns = (kSide - 1) * a.stride + (a.s - 1) * a.dilation + 1;
  const int h0 = tile_p * kSide * a.stride - a.pad, w0 = tile_q * kSide * a.stride - a.pad;
  const int tx = threadIdx.x, ty = threadIdx.y;
  const float* x = a.x + (std::int64_t(n) * a.c + k / a.group_k() * a.group_c()) * a.h * a.w;
  const float* filter = a.filter + std::int64_t(k) * a.group_c() * a.r * a.s;
  float sum = 0;
  for (int c = 0; c < a.group_c(); ++c, x += a.h * a.w) {
    for (int y = ty; y < rows; y += kSide)
      for (int z = tx; z < columns; z += kSide) {
        const int h = h0 + y, w = w0 + z;
        tile[y * columns + z] = h >= 0 && h < a.h && w >= 0 && w < a.w ? x[h * a.w + w] : 0;
      }
    __syncthreads();
    for (int r = 0; r < a.r; ++r)
      for (int s = 0; s < a.s; ++s)
        sum += tile[(ty * a.stride + r * a.dilation) * columns + tx * a.stride + s * a.dilation] * *filter++;
    __syncthreads();  // the next channel overwrites the tile
  }
  const int p = tile_p * kSide + ty, q = tile_q * kSide + tx;
  if (p < a.p && q < a.q) a.y[((std::int64_t(n) * a.k + k) * a.p + p) * a.q + q] = sum;
}

static std::int64_t tile_bytes(const Forward<>::Args& a) {
  const std::int64_t span = (kSide - 1) * std::int64_t(a.stride) + 1;
  return (span + (a.r - 1) * std::int64_t(a.dilation)) * (span + (a.s - 1) * std::int64_t(a.dilation)) *
         std::int64_t(sizeof(float));
}

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  const int tiles_p = (a.p - 1) / kSide + 1, tiles_q = (a.q - 1) / kSide + 1;
  forward_halo<<<static_cast<unsigned>(std::int64_t(a.n) * a.k * tiles_p * tiles_q), dim3(kSide, kSide),
                 static_cast<std::size_t>(tile_bytes(a)), ctx.stream>>>(a, tiles_p, tiles_q);
}

static std::string needs(const Forward<>::Args& a) {
  if (a.nhwc) return "needs nhwc = 0";
  return tile_bytes(a) > 48 * 1024 ? "needs a tile with its halo of at most 48 KB" : "";
}

static const bench::Rung<Forward<>> rung({
    .title = "Shared tile with halo",
    .idea = "each pixel of a channel is loaded once a block and used R * S times: 9 global loads become 1.27",
    .run = launch,
    .needs = needs,
});
