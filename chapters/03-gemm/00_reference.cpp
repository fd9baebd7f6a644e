// The definition as three loops on one core. Each element of C is one dot product: m*n*k multiply-adds, and B
// is walked down its columns, so that nearly every access to it misses the cache once B outgrows it.
#include "problem.hpp"

static void gemm(const Sgemm::Args& p, const bench::Context&) {
  for (int i = 0; i < p.m; ++i)
    for (int j = 0; j < p.n; ++j) {
      float sum = 0;
      for (int q = 0; q < p.k; ++q) sum += p.a[i * p.lda + q] * p.b[q * p.ldb + j];
      float& c = p.c[i * p.ldc + j];
      // With beta = 0 the old C may hold anything, NaN too, so it must not be read.
      c = p.alpha * sum + (p.beta == 0 ? 0 : p.beta * c);
    }
}

static const bench::Rung<Sgemm> rung({
    .title = "Three loops on a CPU core",
    .idea = "the definition; every later rung computes the same sums in another order",
    .run = gemm,
    .where = bench::Where::cpu,
    .needs = Sgemm::needs_plain,
});
