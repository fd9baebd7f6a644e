// Bias and ReLU where the sums are already at hand: in registers, on their way to memory.
//
//   convolution ──► sums in registers ──► f(sum, k) = max(0, sum + bias[k]) ──► y in memory
//
// The kernels of the ladder take the function as a parameter (Identity so far), so fusing is one argument.
// What disappears is a kernel launch, a read and a write of y; what comes is a load of bias for each channel,
// from the cache.
#include "kernels/convolution/forward.cuh"
#include "problem.hpp"

static void launch(const BiasRelu<>::Args& a, const bench::Context& ctx) {
  conv::forward(a, a.x, a.filter, a.y, conv::AddBiasRelu{a.bias}, ctx.workspace, ctx.stream);
}

static const bench::Rung<BiasRelu<>> rung({
    .title = "Layer fused into the epilogue",
    .idea = "bias and ReLU are applied in registers: y is written once and never read",
    .run = launch,
    .workspace = [](const BiasRelu<>::Args& a) { return conv::forward_workspace(a, false); },
    .detail = [](const BiasRelu<>::Args& a) { return std::string(name_of(conv::forward_method(a, false))); },
    .min_sm = 80,
});
