// Every core works, each on its own rows of C, and four rows at a time: a row of B that is loaded serves four
// rows of C instead of one. The sums live in a small array (8 KiB) that stays in the L1 cache.
//
//   core 0 │ C rows 0..3   │      for each q:  b = B[q, panel]           (loaded once)
//   core 1 │ C rows 4..7   │        C[i+0, panel] += alpha * A[i+0, q] * b
//   core 0 │ C rows 8..11  │        C[i+1, panel] += alpha * A[i+1, q] * b   … four rows
//      …
//
// Counted: cores times the last rung's rate, and a quarter of its loads of B. No two threads write the same
// row, so there is nothing to synchronise and the result does not depend on the number of threads.
#include <algorithm>

#include "problem.hpp"

static void gemm(const Sgemm::Args& p, const bench::Context&) {
  constexpr int kRows = 4, kWidth = 512;
#pragma omp parallel for schedule(dynamic, 8)
  for (int i0 = 0; i0 < p.m; i0 += kRows) {
    const int rows = std::min(kRows, p.m - i0);
    float sum[kRows][kWidth];
    for (int j0 = 0; j0 < p.n; j0 += kWidth) {
      const int width = std::min(kWidth, p.n - j0);
      for (int r = 0; r < kRows; ++r) std::fill_n(sum[r], width, 0.0f);
      for (int q = 0; q < p.k; ++q) {
        const float* __restrict b = p.b + q * p.ldb + j0;
        float a[kRows];  // rows below the last one are computed as zeros and dropped
        for (int r = 0; r < kRows; ++r) a[r] = r < rows ? p.a[(i0 + r) * p.lda + q] : 0;
        for (int r = 0; r < kRows; ++r)
          for (int j = 0; j < width; ++j) sum[r][j] += a[r] * b[j];
      }
      for (int r = 0; r < rows; ++r)
        for (int j = 0; j < width; ++j) {
          float& c = p.c[(i0 + r) * p.ldc + j0 + j];
          c = p.alpha * sum[r][j] + (p.beta == 0 ? 0 : p.beta * c);
        }
    }
  }
}

static const bench::Rung<Sgemm> rung({
    .title = "Every core, four rows at a time",
    .idea = "the rows of C shared out among the cores, and a loaded row of B used four times",
    .run = gemm,
    .where = bench::Where::cpu,
    .needs = Sgemm::needs_plain,
});
