// The block turns its tile around in shared memory, so that both sides of device memory are touched in rows.
//
//   A, a row a warp      tile, written in rows        tile, read in columns       B, a row a warp
//   |t0 … t31|    →      |t0 … t31|   (barrier)  →    |t0|                  →     |t0 … t31|
//    4 sectors                                        |… |                        4 sectors
//                                                     |t31|
//
// Other threads wrote what a thread reads from the tile, hence __syncthreads() between: every thread of the
// block must reach it, also those whose element lies outside the matrix.
//
// Predicted gain: 4 + 4 sectors instead of 4 + 32. What is left: shared memory has 32 banks of 4 bytes, and
// tile[y][x] lies in bank (32*y + x) % 32 = x. A column is all in one bank, so its 32 reads take 32 turns.
#include "kernels/launch.cuh"
#include "problem.hpp"

constexpr int kTile = 32, kRows = 8;  // a tile is kTile x kTile, a block kTile x kRows threads

static __global__ void transpose_shared(int m, int n, const float* a, std::int64_t lda, float* b,
                                        std::int64_t ldb) {
  __shared__ float tile[kTile][kTile];
  const unsigned tiles_across = (unsigned(n) + kTile - 1) / kTile;
  const std::int64_t row0 = std::int64_t(blockIdx.x / tiles_across) * kTile;
  const std::int64_t column0 = std::int64_t(blockIdx.x % tiles_across) * kTile;
  const int x = threadIdx.x;

  for (int y = threadIdx.y; y < kTile; y += kRows)
    if (row0 + y < m && column0 + x < n) tile[y][x] = a[(row0 + y) * lda + column0 + x];
  __syncthreads();
  for (int y = threadIdx.y; y < kTile; y += kRows)
    if (column0 + y < n && row0 + x < m) b[(column0 + y) * ldb + row0 + x] = tile[x][y];
}

static void launch(const Transpose::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  const auto tiles = static_cast<unsigned>(ceil_div(p.m, kTile) * ceil_div(p.n, kTile));
  transpose_shared<<<tiles, dim3(kTile, kRows), 0, ctx.stream>>>(p.m, p.n, p.a, p.lda, p.b, p.ldb);
}

static const bench::Rung<Transpose> rung({
    .title = "Shared tile",
    .idea = "coalesced reads and writes, 4 sectors a request; the tile's columns all lie in one bank",
    .run = launch,
});
