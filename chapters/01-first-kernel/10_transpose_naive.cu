// The definition on the GPU: a block of 32 x 8 threads moves a tile of 32 x 32 elements, four a thread.
//
//   a warp reads                       and writes
//   A |t0 t1 t2 … t31|                 B |t0|        32 rows of B, ldb floats apart:
//     128 bytes: 4 sectors               |t1|        32 sectors of 32 bytes, 4 bytes used of each
//                                        |…  |
//
// threadIdx.x runs along a row of A, so the reads are coalesced. The writes then cannot be: a row of A is a
// column of B.
//
// Predicted: 4 + 32 sectors a warp where a copy moves 4 + 4, so up to 4.5 times the copy's time, and less
// as far as the L2 cache collects a sector's eight floats before it writes them.
#include "kernels/launch.cuh"
#include "problem.hpp"

constexpr int kTile = 32, kRows = 8;  // a tile is kTile x kTile, a block kTile x kRows threads

static __global__ void transpose_naive(int m, int n, const float* a, std::int64_t lda, float* b,
                                       std::int64_t ldb) {
  const unsigned tiles_across = (unsigned(n) + kTile - 1) / kTile;
  const std::int64_t row = std::int64_t(blockIdx.x / tiles_across) * kTile + threadIdx.y;
  const std::int64_t column = std::int64_t(blockIdx.x % tiles_across) * kTile + threadIdx.x;
  for (int i = 0; i < kTile; i += kRows)
    if (row + i < m && column < n) b[column * ldb + row + i] = a[(row + i) * lda + column];
}

static void launch(const Transpose::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  // Numbered along blockIdx.x, which may reach 2^31; blockIdx.y ends at 65535, too few for tall matrices.
  const auto tiles = static_cast<unsigned>(ceil_div(p.m, kTile) * ceil_div(p.n, kTile));
  transpose_naive<<<tiles, dim3(kTile, kRows), 0, ctx.stream>>>(p.m, p.n, p.a, p.lda, p.b, p.ldb);
}

static const bench::Rung<Transpose> rung({
    .title = "Naive transpose",
    .idea = "coalesced reads, strided writes: 32 sectors a request instead of 4",
    .run = launch,
});
