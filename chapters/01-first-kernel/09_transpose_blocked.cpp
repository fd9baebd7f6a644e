// Tiles that fit the cache, dealt to all cores.
//
//   A: n columns              B: m columns
//   |tile 0|tile 1| …         |tile 0|tile k| …
//   |tile k| …                |tile 1| …
//
// A tile of 32 x 32 floats touches 32 rows of A and 32 rows of B, 128 bytes of each: 8 KiB, well inside a
// core's first cache. So each line of B is fetched once, filled completely, and written back once.
//
// Predicted gain: from up to 64 bytes moved a float written to 4, as far as B does not fit the cache; and
// the cores share the rest. Tiles are shared out in both directions, so that a tall or a wide matrix keeps
// all cores busy.
#include <algorithm>

#include "problem.hpp"

static void transpose(const Transpose::Args& p, const bench::Context&) {
  constexpr std::int64_t kTile = 32;
  const std::int64_t m = p.m, n = p.n;
#pragma omp parallel for collapse(2) schedule(static)
  for (std::int64_t i0 = 0; i0 < m; i0 += kTile)
    for (std::int64_t j0 = 0; j0 < n; j0 += kTile)
      for (std::int64_t j = j0; j < std::min(j0 + kTile, n); ++j)
        for (std::int64_t i = i0; i < std::min(i0 + kTile, m); ++i) p.b[j * p.ldb + i] = p.a[i * p.lda + j];
}

static const bench::Rung<Transpose> rung({
    .title = "Blocked OpenMP transpose",
    .idea =
        "32 x 32 tiles stay in the cache: each line of B is moved once, not up to 16 times; and all cores",
    .run = transpose,
    .where = bench::Where::cpu,
});
