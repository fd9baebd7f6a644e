// Weights as a matrix: filters k by taps (c, r, s). Each is a sum over pixels of dy times what the tap saw,
// so it is an implicit GEMM once more, with pixels along the sum.
//
//                          taps (c, r, s)
//                         ┌───────────────┐
//            pixels       │  x, gathered  │ pixels
//          ┌─────────────┐├───────────────┤
//        k │ dy          ││ dfilter:      │       64 x 64 a block
//          └─────────────┘└───────────────┘
//
// A value of x now serves 64 filters, one of dy 64 taps; the rung before loaded two for every product. But
// there are few blocks: 9 for a 64 to 64 channel 3 x 3 layer, on a GPU with 132 multiprocessors. The kernel
// is kernels/convolution/backward_filter.cuh.
#include "kernels/convolution/backward_filter.cuh"
#include "problem.hpp"

struct Store {
  float* to;
  __device__ void operator()(int, int index, float value) const { to[index] = value; }
};

static void launch(const BackwardFilter<>::Args& a, const bench::Context& ctx) {
  conv::correlate(a, a.x, a.dy, conv::slices_for(a, 1), Store{a.dfilter}, ctx.stream);
}

static const bench::Rung<BackwardFilter<>> rung({
    .title = "Gradient by the filter, implicit GEMM",
    .idea = "64 x 64 tiles: each loaded value is used 64 times instead of once",
    .run = launch,
});
