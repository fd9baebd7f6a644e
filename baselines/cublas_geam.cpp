// cuBLAS's geam, C = alpha*op(A) + beta*op(B), as a transpose: alpha = 1, beta = 0, op(A) transposed.
#include "baselines/cublas.hpp"
#include "chapters/01-first-kernel/problem.hpp"

static void prepare(const Transpose::Args&, const bench::Context& ctx) { cublas_on(ctx.stream); }

static void run(const Transpose::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;  // a leading dimension of 0 is an error to cuBLAS
  // cuBLAS is column-major: it sees our A (m x n by rows) as n x m, and our B (n x m by rows) as m x n.
  const float one = 1, zero = 0;
  check_cublas(cublasSgeam_64(cublas_on(ctx.stream), CUBLAS_OP_T, CUBLAS_OP_N, p.m, p.n, &one, p.a, p.lda,
                              &zero, p.b, p.ldb, p.b, p.ldb),
               "cublasSgeam");
}

static const bench::Rung<Transpose> rung({
    .title = "cuBLAS geam",
    .idea = "NVIDIA's library",
    .run = run,
    .prepare = prepare,
});
