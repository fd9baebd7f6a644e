// The loop moved to the GPU unchanged: a kernel is a function that threads execute, and here there is one
// thread.
//
//   block 0
//   |t0|
//    x0, then x1, then x2, … x(n-1)
//
// Predicted: far slower than one CPU core. Each step waits for its loads, with nothing else in flight: some
// 600 cycles, 0.3 us, from memory for the first of the 8 floats in a sector, some 40 cycles, 0.02 us, from
// the L1 cache for the others. 96 bytes in 0.44 us make about 0.2 GB/s. A GPU has no fast threads, it has
// many: the other rungs are about having enough of them.
#include "problem.hpp"

static __global__ void saxpy_one_thread(std::int64_t n, float a, const float* x, float* y) {
  for (std::int64_t i = 0; i < n; ++i) y[i] = a * x[i] + y[i];
}

static void launch(const Saxpy::Args& p, const bench::Context& ctx) {
  saxpy_one_thread<<<1, 1, 0, ctx.stream>>>(p.n, p.a, p.x, p.y);
}

// Two seconds is what a driver allows a kernel on a GPU that also draws a screen.
static std::string needs(const Saxpy::Args& p) {
  return p.n > 1 << 21 ? "needs n <= 2097152: one thread would take seconds" : "";
}

static const bench::Rung<Saxpy> rung({
    .title = "One thread",
    .idea = "the same loop on the GPU; loads wait for one another, so expect it slower than the CPU",
    .run = launch,
    .needs = needs,
});
