// The same without the wasted column: element [y][x] is kept in column x ^ y (exclusive or) of its row.
//
//   x =         0  1  2  3 …
//     row 0     0  1  2  3 …
//     row 1     1  0  3  2 …     Along a row (y fixed) and along a column (x fixed), x ^ y takes each value
//     row 2     2  3  0  1 …     once: neither meets a bank twice.
//     row 3     3  2  1  0 …
//
// Predicted gain: none in time; conflicts are gone already, and the exclusive or costs an instruction. It
// saves 1/33 of the shared memory, and each row still starts at a multiple of 128 bytes: 16-byte accesses and
// the copy engines of later chapters need that, and padding breaks it.
#include "kernels/launch.cuh"
#include "problem.hpp"

constexpr int kTile = 32, kRows = 8;  // a tile is kTile x kTile, a block kTile x kRows threads

static __global__ void transpose_swizzled(int m, int n, const float* a, std::int64_t lda, float* b,
                                          std::int64_t ldb) {
  __shared__ float tile[kTile][kTile];
  const unsigned tiles_across = (unsigned(n) + kTile - 1) / kTile;
  const std::int64_t row0 = std::int64_t(blockIdx.x / tiles_across) * kTile;
  const std::int64_t column0 = std::int64_t(blockIdx.x % tiles_across) * kTile;
  const int x = threadIdx.x;

  for (int y = threadIdx.y; y < kTile; y += kRows)
    if (row0 + y < m && column0 + x < n) tile[y][x ^ y] = a[(row0 + y) * lda + column0 + x];
  __syncthreads();
  for (int y = threadIdx.y; y < kTile; y += kRows)
    if (column0 + y < n && row0 + x < m) b[(column0 + y) * ldb + row0 + x] = tile[x][y ^ x];
}

static void launch(const Transpose::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  const auto tiles = static_cast<unsigned>(ceil_div(p.m, kTile) * ceil_div(p.n, kTile));
  transpose_swizzled<<<tiles, dim3(kTile, kRows), 0, ctx.stream>>>(p.m, p.n, p.a, p.lda, p.b, p.ldb);
}

static const bench::Rung<Transpose> rung({
    .title = "Swizzled tile",
    .idea = "column x ^ y instead of padding: no conflicts and no wasted memory, rows stay aligned",
    .run = launch,
});
