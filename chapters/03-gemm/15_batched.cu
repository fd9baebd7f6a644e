// Many small products in one launch: blockIdx.z numbers the matrices, and each block starts its pointers at
// its own matrix, a fixed stride further on.
//
//   grid:   x → tiles of one C        A │ A0 │ A1 │ A2 │ …   stride_a apart
//           z → matrices              B │ B0 │ B1 │ B2 │ …   stride_b
//                                     C │ C0 │ C1 │ C2 │ …   stride_c
//
// Counted: a 128 x 128 x 128 product is 4 blocks of 64 x 64, on a GPU with 132 SMs: one at a time, 97% of it
// idles for the 2 microseconds that its arithmetic takes there, and each launch costs some 3. 512 of them are
// 2048 blocks, 15.5 rounds of the whole GPU, in one launch.
//
// The kernel is kernels/gemm/multistage.cuh: rung 12's with strides in place of transposes, so it takes all
// four of those too. Matrices of a batch need not start on 16-byte boundaries: elements are then copied
// singly.
#include "bench/buffers.hpp"
#include "kernels/gemm/multistage.cuh"
#include "problem.hpp"

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0 || p.batch == 0) return;
  using T = gemm::Tile<64, 64, 16, 32, 32, 8, 4>;
  const auto product = gemm::row_major(p.m, p.n, p.k, p.ta, p.tb, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta,
                                       p.c, p.ldc, p.batch, p.stride_a, p.stride_b, p.stride_c);
  bench::check(gemm::multistage<T, 4, 4>(product, ctx.stream), "sgemm_multistage");
}

static const bench::Rung<Sgemm> rung({
    .title = "Strided-batched",
    .idea = "a whole batch of small products in one launch fills the GPU that one of them leaves idle",
    .run = launch,
    .min_sm = 80,
});
