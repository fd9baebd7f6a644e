// One column more than the tile needs, never used: it moves each row one bank on.
//
//   bank of tile[y][x]:   32 columns: x              33 columns: (33y + x) % 32 = (y + x) % 32
//     row 0               0  1  2 … 31               0  1  2 … 31  [0]
//     row 1               0  1  2 … 31               1  2  3 …  0  [1]
//     row 2               0  1  2 … 31               2  3  4 …  1  [2]
//                         a column: one bank         a column: 32 banks
//
// Predicted gain: a warp reads a column in one turn instead of 32, so a tile costs an SM 32 + 32 turns, not
// 32 + 32*32. A turn moves 128 bytes; at one a cycle, shared memory no longer limits the transpose, device
// memory does.
#include "kernels/launch.cuh"
#include "problem.hpp"

constexpr int kTile = 32, kRows = 8;  // a tile is kTile x kTile, a block kTile x kRows threads

static __global__ void transpose_padded(int m, int n, const float* a, std::int64_t lda, float* b,
                                        std::int64_t ldb) {
  __shared__ float tile[kTile][kTile + 1];
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
  transpose_padded<<<tiles, dim3(kTile, kRows), 0, ctx.stream>>>(p.m, p.n, p.a, p.lda, p.b, p.ldb);
}

static const bench::Rung<Transpose> rung({
    .title = "Padded tile",
    .idea = "rows of 33 floats: a column meets 32 banks, so its 32 reads take one turn and not 32",
    .run = launch,
});
