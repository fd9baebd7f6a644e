// Winograd F(4 x 4, 3 x 3): larger tiles save more of everything but accuracy.
//
//                    tile     multiplications for an output    values between kernels, for each pixel
//   definition                9                                1
//   F(2 x 2, 3 x 3)  4 x 4    16 / 4  = 4                      16 / 4  = 4
//   F(4 x 4, 3 x 3)  6 x 6    36 / 16 = 2.25                   36 / 16 = 2.25
//
// The transforms' constants grow from {1/2, 1} to {1/24 … 8}: numbers of different sizes are added, and what
// cancels between them leaves its rounding errors behind. The bound grows from 21 to 768 times the
// definition's, which is why F(6 x 6) is rare in FP32 and F(4 x 4) in FP16. The constants 1/6, 1/12 and 1/24
// have no exact binary form, so integers no longer come out exact.
#include "kernels/convolution/epilogue.cuh"
#include "kernels/convolution/winograd.cuh"
#include "problem.hpp"

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n > 0) conv::winograd<4>(a, a.x, a.filter, a.y, conv::Identity{}, ctx.workspace, ctx.stream);
}

static const bench::Rung<Forward<>> rung({
    .title = "Winograd F(4 x 4, 3 x 3)",
    .idea = "2.25 multiplications for an output instead of 4, 2.25 values between kernels instead of 4",
    .run = launch,
    .needs = [](const Forward<>::Args& a) -> std::string {
      return conv::is_winograd(a) ? "" : "needs nhwc = 0, r = s = 3, stride = 1, dilation = 1 and groups = 1";
    },
    .workspace = [](const Forward<>::Args& a) { return conv::winograd_buffers<4>(a, nullptr).bytes; },
    .numerics = {.growth = conv::winograd_growth<4>(), .normwise = true, .exact_integers = false},
    .min_sm = 80,
    .reduction = 144.0 / 36,
});
