// Hopper's copy engine fetches the tiles, and a producer of its own feeds it. The kernel, with a drawing of
// the ring, is kernels/gemm/tma.cuh, because the summit runs it too.
//
//   rung 12, one step of 16 k: 1024 multiply-adds a thread, 64 shared loads, and some 100 instructions to
//   copy here:                      2048 multiply-adds a thread, 96 shared loads, and some 20 to wait and to
//   signal
//
// Counted: multiply-adds are 86% of what rung 12's main loop issues and 94% here, for a tile of 256 x 128
// with 16 x 8 sums a thread. An SM issues one instruction a cycle and scheduler, and a multiply-add needs one
// of them, so these shares bound the share of the peak. Predicted: 1.1 times faster, more where latency
// showed.
//
// A tensor map cannot turn a tile, so A must be stored with m contiguous; op(A) = A as it is stored row-major
// is packed into the workspace first: m*k reads and writes, about 1% of the time at
// 4096^3.
#include "bench/buffers.hpp"
#include "kernels/gemm/pack.cuh"
#include "kernels/gemm/tma.cuh"
#include "problem.hpp"

using T = gemm::Tile<256, 128, 16, 64, 64, 16, 8>;

static std::string needs(const Sgemm::Args& p) {
  if (p.tb || p.batch != 1) return "needs tb = 0 and batch = 1";
  if (p.k == 0) return "needs k > 0";  // a tensor map of nothing is an error
  if (p.ldb % 4 != 0) return "needs ldb to be a multiple of 4";
  return p.ta && p.lda % 4 != 0 ? "needs lda to be a multiple of 4 when ta = 1" : "";
}

static std::size_t workspace(const Sgemm::Args& p) {
  return p.ta ? 0 : p.k * gemm::packed_pitch(p.m) * sizeof(float);
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  gemm::Product product =
      gemm::row_major(p.m, p.n, p.k, p.ta, p.tb, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc);
  if (!p.ta) product.a = gemm::pack(product.a, p.m, p.k, static_cast<float*>(ctx.workspace), ctx.stream);
  bench::check(gemm::tma<T, 6, 1>(product, ctx.stream), "sgemm_tma");
}

static const bench::Rung<Sgemm> rung({
    .title = "TMA with a producer warpgroup",
    .idea = "one thread starts whole tiles; the others issue 94% multiply-adds, with 128 sums a thread",
    .run = launch,
    .needs = needs,
    .workspace = workspace,
    .min_sm = 90,
});
