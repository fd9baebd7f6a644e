// The same product with its loads in flight: cp.async copies from global to shared memory while the thread
// goes on.
//
//   step        0          1          2          3
//   slot 0      multiply   load 4     …
//   slot 1      loading    multiply   load 5     …
//   slot 2      loading    loading    multiply   …         three steps under way, one being multiplied
//   slot 3      load 3     loading    loading    multiply
//
// The second matrix is gathered 4 bytes a copy; a tap outside the image copies nothing and fills with zeros,
// so that padding costs no branch. One barrier a step instead of two, and steps are 16 deep. The kernel is
// kernels/convolution/implicit_gemm.cuh, because the gradient by x and the fused layer are the same product.
#include "kernels/convolution/implicit_gemm.cuh"
#include "problem.hpp"

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  conv::implicit_gemm<false>(conv::implicit_forward(a), a, a.x, a.filter, a.y, conv::Identity{},
                             ctx.workspace, ctx.stream);
}

static const bench::Rung<Forward<>> rung({
    .title = "Implicit GEMM, cp.async in four stages",
    .idea = "three steps are loading while one is multiplied: memory latency leaves the critical path",
    .run = launch,
    .workspace = [](const Forward<>::Args& a) { return conv::packed_bytes(conv::implicit_forward(a)); },
    .min_sm = 80,
});
