// Winograd F(2 x 2, 3 x 3): fewer multiplications than the definition has.
//
//   4 x 4 pixels d ──B^T d B──► 16 values ─┐
//                                          * ──► 16 products, summed over channels ──A^T m A──► 2 x 2 outputs
//   3 x 3 filter g ──G g G^T──► 16 values ─┘
//
// 16 multiplications for 4 outputs instead of 36: 2.25 times fewer. The sums over channels are 16 matrix
// products, which the GEMM computes. What it costs: transformed tiles overlap, so 4 values are written and
// read for each pixel of x, and 4 for each output. It pays where channels are many, for the arithmetic saved
// grows with C * K, the traffic with C + K.
//
// Its error is larger, too: see winograd_growth in kernels/convolution/winograd.cuh, where the kernels are.
#include "kernels/convolution/epilogue.cuh"
#include "kernels/convolution/winograd.cuh"
#include "problem.hpp"

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n > 0) conv::winograd<2>(a, a.x, a.filter, a.y, conv::Identity{}, ctx.workspace, ctx.stream);
}

static const bench::Rung<Forward<>> rung({
    .title = "Winograd F(2 x 2, 3 x 3)",
    .idea = "16 multiplications for four outputs instead of 36, for four times the traffic between kernels",
    .run = launch,
    .needs = [](const Forward<>::Args& a) -> std::string {
      return conv::is_winograd(a) ? "" : "needs nhwc = 0, r = s = 3, stride = 1, dilation = 1 and groups = 1";
    },
    .workspace = [](const Forward<>::Args& a) { return conv::winograd_buffers<2>(a, nullptr).bytes; },
    .numerics = {.growth = conv::winograd_growth<2>(), .normwise = true},
    .min_sm = 80,
    .reduction = 36.0 / 16,
});
