// Loops reordered and blocked for the caches. Row q of B is walked along its columns, so that every byte of a
// cache line is used and the compiler can vectorise; and B is taken in panels that stay in the L2 cache while
// all rows of A pass over them.
//
//        B panel: 256 x 512 floats = 512 KiB           for each panel
//        ┌────────────┐                                  for each row i of C
//     k  │  →→→→→→→→  │ q                                  for each q of the panel
//        └────────────┘                                     C[i, panel] += alpha * A[i, q] * B[q, panel]
//   A i │··q··│  C i │→→→→→→│
//
// Counted: the reference loads a line of B (64 bytes) per multiply-add once B has outgrown the cache; here a
// line serves 16 multiply-adds, and B comes from memory once instead of m times.
#include <algorithm>

#include "problem.hpp"

static void gemm(const Sgemm::Args& p, const bench::Context&) {
  constexpr int kDepth = 256, kWidth = 512;
  for (int i = 0; i < p.m; ++i)
    for (int j = 0; j < p.n; ++j) {
      float& c = p.c[i * p.ldc + j];
      c = p.beta == 0 ? 0 : p.beta * c;
    }
  for (int j0 = 0; j0 < p.n; j0 += kWidth)
    for (int q0 = 0; q0 < p.k; q0 += kDepth) {
      const int width = std::min(kWidth, p.n - j0), depth = std::min(kDepth, p.k - q0);
      for (int i = 0; i < p.m; ++i) {
        float* __restrict c = p.c + i * p.ldc + j0;
        for (int q = q0; q < q0 + depth; ++q) {
          const float a = p.alpha * p.a[i * p.lda + q];
          const float* __restrict b = p.b + q * p.ldb + j0;
          for (int j = 0; j < width; ++j) c[j] += a * b[j];
        }
      }
    }
}

static const bench::Rung<Sgemm> rung({
    .title = "Blocked for the caches",
    .idea = "whole cache lines and panels of B that stay in L2: a line of B serves 16 multiply-adds, not one",
    .run = gemm,
    .where = bench::Where::cpu,
    .needs = Sgemm::needs_plain,
});
