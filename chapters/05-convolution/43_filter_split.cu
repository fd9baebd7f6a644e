// Split-K: the long sum over pixels is cut into slices, each with its own blocks, which add to the result
// atomically.
//
//   pixels   |── slice 0 ──|── slice 1 ──|── … ──|
//   block     9 tiles       9 tiles               all add to the same 9 tiles of dfilter
//
// About 512 blocks for any layer, so the whole GPU works. The price: dfilter must be zeroed first, and the
// order in which slices arrive changes from run to run, so the last bits do as well.
#include "kernels/convolution/backward_filter.cuh"
#include "problem.hpp"

struct Add {
  float* to;
  __device__ void operator()(int, int index, float value) const { atomicAdd(to + index, value); }
};

static void launch(const BackwardFilter<>::Args& a, const bench::Context& ctx) {
  cudaMemsetAsync(a.dfilter, 0, a.filter_count() * sizeof(float), ctx.stream);
  conv::correlate(a, a.x, a.dy, conv::slices_for(a, 512), Add{a.dfilter}, ctx.stream);
}

static const bench::Rung<BackwardFilter<>> rung({
    .title = "Gradient by the filter, split-K with atomics",
    .idea = "512 blocks for any layer instead of 9: the whole GPU works; no two runs add in the same order",
    .run = launch,
    .deterministic = false,
});
