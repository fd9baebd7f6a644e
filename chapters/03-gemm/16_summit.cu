// Every shape at its best: the kernels of the last rungs at several tile sizes, chosen by predicted time.
//
//   sizes, strides, GPU ──► for each tile size, kernel and number of slices:
//                             rounds of blocks over the SMs  x  cycles a step of k  x  depth
//                             + packing, + adding up slices, or the memory's time where that is longer
//                       ──► the least ──► pack? ──► multiply ──► add up?
//
// Why no single kernel will do, counted for 132 SMs: at 4096^3 a 256 x 128 tile makes 512 blocks, 3.9 rounds,
// and its threads issue 94% multiply-adds; at 1024^3 the same tile makes 32 blocks and leaves 100 SMs idle.
// The cycles come from kernels/gemm/tuning.inc, one small table with rows for each GPU that was measured.
//
// It takes everything: transposes become strides; what TMA cannot read is packed first or goes through
// cp.async; batches are slices; k = 0 multiplies nothing and scales C.
#include "bench/buffers.hpp"
#include "kernels/gemm/sgemm.hpp"
#include "problem.hpp"

static gemm::Product product(const Sgemm::Args& p) {
  return gemm::row_major(p.m, p.n, p.k, p.ta, p.tb, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc,
                         p.batch, p.stride_a, p.stride_b, p.stride_c);
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  bench::check(gemm::sgemm(product(p), ctx.workspace, ctx.stream), "sgemm");
}

static std::string detail(const Sgemm::Args& p) {
  const gemm::Plan plan = gemm::make_plan(product(p));
  return gemm::configs()[plan.config].name +
         (plan.slices > 1 ? ", " + std::to_string(plan.slices) + " slices" : "") +
         (plan.pack_a ? ", A packed" : "") + (plan.pack_b ? ", B packed" : "");
}

static const bench::Rung<Sgemm> rung({
    .title = "Summit",
    .idea = "tile, copy engine and slices by predicted time, from a table a GPU; takes every call",
    .run = launch,
    .workspace = [](const Sgemm::Args& p) { return gemm::sgemm_workspace(product(p)); },
    .detail = detail,
    .min_sm = 80,
});
