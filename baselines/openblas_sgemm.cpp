// OpenBLAS's SGEMM on the CPU's cores, one matrix of a batch after the other.
#include <cblas.h>

#include <algorithm>
#include <climits>

#include "chapters/03-gemm/problem.hpp"

static void run(const Sgemm::Args& p, const bench::Context&) {
  const auto op = [](bool transposed) { return transposed ? CblasTrans : CblasNoTrans; };
  for (int i = 0; i < p.batch; ++i)
    cblas_sgemm(CblasRowMajor, op(p.ta), op(p.tb), p.m, p.n, p.k, p.alpha, p.a + i * p.stride_a,
                static_cast<int>(p.lda), p.b + i * p.stride_b, static_cast<int>(p.ldb), p.beta,
                p.c + i * p.stride_c, static_cast<int>(p.ldc));
}

static std::string needs(const Sgemm::Args& p) {
  return std::max({p.lda, p.ldb, p.ldc}) > INT_MAX ? "needs leading dimensions below 2^31" : "";
}

static const bench::Rung<Sgemm> rung({
    .title = "OpenBLAS",
    .idea = "the usual library on a CPU, every core",
    .run = run,
    .where = bench::Where::cpu,
    .needs = needs,
});
