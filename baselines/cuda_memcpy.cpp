// The CUDA runtime's own copy within device memory: the yardstick for kernels that only move bytes.
#include "bench/buffers.hpp"
#include "chapters/01-first-kernel/problem.hpp"

static void run(const Copy::Args& p, const bench::Context& ctx) {
  bench::check(cudaMemcpyAsync(p.y, p.x, p.n * sizeof(float), cudaMemcpyDeviceToDevice, ctx.stream),
               "cudaMemcpyAsync");
}

static const bench::Rung<Copy> rung({
    .title = "cudaMemcpyAsync",
    .idea = "the driver's copy within device memory",
    .run = run,
});
