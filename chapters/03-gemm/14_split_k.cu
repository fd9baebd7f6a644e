// Deep and narrow products cut along k: slices of the sum are computed by different blocks at the same time,
// then added up by a second, small kernel.
//
//          k →                                            C is 256 x 256, k is 65536
//   A  │ z=0 │ z=1 │ z=2 │ z=3 │                          4 blocks of 128 x 128 without slices
//      ×  the same slices of B                            4 x 66 with them, two an SM
//   =  sums[0] sums[1] sums[2] sums[3]   in the workspace
//   C  = alpha * (((s0 + s1) + s2) + s3) + beta * C       always in this order
//
// Counted: without slices 128 of 132 SMs idle. With s slices m*n*s floats are written and read once more: for
// 256 x 256 x 65536 and 66 slices 35 MB beside 134 MB of A and B. So up to 26 times faster here, and slower
// where m*n alone fills the GPU: then there is one slice, and nothing to add up. Adding into C with atomics
// would save the second kernel, and give other bits each time.
#include "bench/buffers.hpp"
#include "kernels/gemm/multistage.cuh"
#include "kernels/gemm/split_k.cuh"
#include "problem.hpp"

using T = gemm::Tile<128, 128, 16, 32, 64, 8, 8>;

// Depth of a slice: as many slices as make two blocks an SM, each at least 8 steps of k deep.
static int depth(const Sgemm::Args& p) {
  int device = 0, sms = 0;
  bench::check(cudaGetDevice(&device), "cudaGetDevice");
  bench::check(cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, device),
               "cudaDeviceGetAttribute");
  const double tiles = double(gemm::pieces(p.m, T::kM)) * gemm::pieces(p.n, T::kN);
  const int slices = std::max(1, std::min(int(2 * sms / tiles), p.k / (8 * T::kK)));
  return gemm::pieces(gemm::pieces(p.k, slices), T::kK) * T::kK;
}

static int slices(const Sgemm::Args& p) {
  return p.m == 0 || p.n == 0 || p.k == 0 ? 1 : gemm::pieces(p.k, depth(p));
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  gemm::Product product =
      gemm::row_major(p.m, p.n, p.k, p.ta, p.tb, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc);
  const bool split = slices(p) > 1;
  if (split) product = gemm::cut(product, depth(p), static_cast<float*>(ctx.workspace));
  bench::check(gemm::multistage<T, 4, 1>(product, ctx.stream), "sgemm_multistage");
  if (split) bench::check(gemm::add_slices(product, p.c, p.ldc, p.alpha, p.beta, ctx.stream), "add_slices");
}

static const bench::Rung<Sgemm> rung({
    .title = "Split along k",
    .idea = "slices of k in parallel where C has too few tiles to fill the GPU, added in a fixed order",
    .run = launch,
    .needs = [](const Sgemm::Args& p) { return std::string(p.batch == 1 ? "" : "needs batch = 1"); },
    .workspace = [](const Sgemm::Args& p) { return gemm::slices_bytes(p.m, p.n, slices(p)); },
    .detail = [](const Sgemm::Args& p) { return std::to_string(slices(p)) + " slices"; },
    .min_sm = 80,
});
