// The gradient by x is an implicit GEMM too: rows are channels of x, the sum runs over (k, r, s), and a pixel
// of dx looks at dy through a window whose taps go backwards.
//
//   forward:   row  p * stride - pad + r * dilation        of x
//   backward:  row (h + pad - r * dilation) / stride       of dy, where that is whole
//
// So the same kernel serves: only the table of taps and the packed filter (rows c, depth k) are others. At
// stride 2 it multiplies zeros for three of four taps of a 2-D filter; splitting dx into stride^2 parts that
// each know their taps would avoid that.
#include "kernels/convolution/implicit_gemm.cuh"
#include "problem.hpp"

static void launch(const BackwardData<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  conv::implicit_gemm<true>(conv::implicit_backward_data(a), a, a.dy, a.filter, a.dx, conv::Identity{},
                            ctx.workspace, ctx.stream);
}

static const bench::Rung<BackwardData<>> rung({
    .title = "Gradient by x, implicit GEMM",
    .idea = "the forward product with its taps reversed: tiles in shared memory, four stages under way",
    .run = launch,
    .workspace =
        [](const BackwardData<>::Args& a) { return conv::packed_bytes(conv::implicit_backward_data(a)); },
    .min_sm = 80,
});
