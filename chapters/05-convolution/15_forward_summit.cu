// No kernel is best everywhere, so the summit looks at the shape.
//
//   depthwise 3 x 3, channels last      strips in registers        bandwidth is the ceiling
//   1 x 1, stride 1, not padded         the GEMM, as it is         nothing to gather
//   channels last, C a multiple of 4    implicit GEMM in quads     a quarter of the gather's instructions
//   everything else                     implicit GEMM, cp.async    any shape, either layout
//
// kernels/convolution/forward.cuh has the choice; later chapters call it. The record of a run says what was
// chosen.
#include "kernels/convolution/forward.cuh"
#include "problem.hpp"

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  conv::forward(a, a.x, a.filter, a.y, conv::Identity{}, ctx.workspace, ctx.stream);
}

static const bench::Rung<Forward<>> rung({
    .title = "Summit: the best kernel for the shape",
    .idea = "a choice by shape and layout: what one kernel loses on a shape, another one does not",
    .run = launch,
    .workspace = [](const Forward<>::Args& a) { return conv::forward_workspace(a, true); },
    .detail = [](const Forward<>::Args& a) { return std::string(name_of(conv::forward_method(a, true))); },
    .min_sm = 80,
});
