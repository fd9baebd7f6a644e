// cuBLAS's SAXPY, with 64-bit sizes.
#include "baselines/cublas.hpp"
#include "chapters/01-first-kernel/problem.hpp"

static void prepare(const Saxpy::Args&, const bench::Context& ctx) { cublas_on(ctx.stream); }

static void run(const Saxpy::Args& p, const bench::Context& ctx) {
  check_cublas(cublasSaxpy_64(cublas_on(ctx.stream), p.n, &p.a, p.x, 1, p.y, 1), "cublasSaxpy");
}

static const bench::Rung<Saxpy> rung({
    .title = "cuBLAS saxpy",
    .idea = "NVIDIA's library",
    .run = run,
    .prepare = prepare,
});
