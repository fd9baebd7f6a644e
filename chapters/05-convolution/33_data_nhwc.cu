// The same with channels last: the sum's four neighbouring terms are four channels of one pixel of dy.
//
//   dy, N P Q K:   k k k k | k k k k | …      for each four one rule (is the row whole, inside?), one load
//
// The division that says whether a tap meets an output is the costliest part of this gradient's rule;
// channels last pays for it once in four.
#include "kernels/convolution/implicit_gemm_nhwc.cuh"
#include "problem.hpp"

static void launch(const BackwardData<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  conv::implicit_gemm_quads<true>(conv::implicit_backward_data(a), a, a.dy, a.filter, a.dx, conv::Identity{},
                                  ctx.workspace, ctx.stream);
}

static std::string needs(const BackwardData<>::Args& a) {
  return conv::takes_quads(conv::implicit_backward_data(a)) ? ""
                                                            : "needs nhwc = 1 and k / groups a multiple of 4";
}

static const bench::Rung<BackwardData<>> rung({
    .title = "Gradient by x, channels last",
    .idea = "one division and one 16-byte load for four elements",
    .run = launch,
    .needs = needs,
    .workspace =
        [](const BackwardData<>::Args& a) { return conv::packed_bytes(conv::implicit_backward_data(a)); },
});
