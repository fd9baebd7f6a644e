// Channels last: what a tap adds up over is contiguous, so the gather moves four channels at a time.
//
//   N C H W   one pixel's channels lie H * W floats apart:   x . . . x . . . x . . .    a rule for each one
//   N H W C   they are neighbours:                           x x x x x x x x            a rule for each quad
//
// Taps are ordered (r, s, c). A window's edge is then tested once for four elements and their load is one
// 16-byte instruction; two threads bring a whole 32-byte sector, whatever the stride and the image's width.
// Pixels are the rows of this product, so that y is written with its channels contiguous. The kernel is
// kernels/convolution/implicit_gemm_nhwc.cuh.
#include "kernels/convolution/implicit_gemm_nhwc.cuh"
#include "problem.hpp"

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  conv::implicit_gemm_quads<false>(conv::implicit_forward(a), a, a.x, a.filter, a.y, conv::Identity{},
                                   ctx.workspace, ctx.stream);
}

static std::string needs(const Forward<>::Args& a) {
  return conv::takes_quads(conv::implicit_forward(a)) ? "" : "needs nhwc = 1 and c / groups a multiple of 4";
}

static const bench::Rung<Forward<>> rung({
    .title = "Implicit GEMM, channels last",
    .idea = "one rule and one 16-byte load for four elements: a quarter of the gather's instructions",
    .run = launch,
    .needs = needs,
    .workspace = [](const Forward<>::Args& a) { return conv::packed_bytes(conv::implicit_forward(a)); },
});
