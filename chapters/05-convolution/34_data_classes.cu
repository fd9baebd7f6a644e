// No product with zero: dx falls into stride^2 classes of pixels, and a class knows which taps it has met.
//
//   stride 2, 3 taps, pad 1:       row of dx   0  1  2  3  4  5
//                                  taps        1  02 1  02 1  02      even rows: one tap; odd rows: two
//
//   even, even   even, odd         4 products over 1, 2, 2 and 4 of the 9 taps,
//   odd, even    odd, odd          each for a quarter of the pixels: 9 / 4 for each where there were 9
//
// Within a class the taps are an arithmetic progression, and what they see of dy lies one row apart for
// neighbouring rows of the class: an implicit GEMM at stride 1, whose results go to every stride-th row and
// column. At stride 1 there is one class, and this is the rung before. The rule is implicit_residue_class in
// kernels/convolution/implicit.cuh.
#include <algorithm>

#include "kernels/convolution/implicit_gemm.cuh"
#include "kernels/convolution/implicit_gemm_nhwc.cuh"
#include "problem.hpp"

// Calls f with the product of each class that has a pixel.
template <class F>
static void each_class(const BackwardData<>::Args& a, F f) {
  for (int row = 0; row < std::min(a.stride, a.h); ++row)
    for (int column = 0; column < std::min(a.stride, a.w); ++column)
      f(conv::implicit_residue_class(a, row, column));
}

// One after the other on the stream, so that all can pack into the same workspace.
static void launch(const BackwardData<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  each_class(a, [&](const conv::Implicit& v) {
    const auto product = conv::takes_quads(v) ? conv::implicit_gemm_quads<true, conv::Identity>
                                              : conv::implicit_gemm<true, conv::Identity>;
    product(v, a, a.dy, a.filter, a.dx, conv::Identity{}, ctx.workspace, ctx.stream);
  });
}

static std::size_t workspace(const BackwardData<>::Args& a) {
  std::size_t most = 0;
  each_class(a, [&](const conv::Implicit& v) { most = std::max(most, conv::packed_bytes(v)); });
  return most;
}

static const bench::Rung<BackwardData<>> rung({
    .title = "Gradient by x, a product for each residue class",
    .idea = "stride^2 smaller products, none of which multiplies a zero: 4 times fewer at stride 2",
    .run = launch,
    .needs = [](const BackwardData<>::Args& a) -> std::string {
      return a.stride > 8 ? "needs stride of at most 8: each class is a launch" : "";
    },
    .workspace = workspace,
    .min_sm = 80,
});
