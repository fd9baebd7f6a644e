// The loop moved to the GPU unchanged: a kernel is a function that threads execute, and here there is one
// thread.
//
//   block 0
//   |t0|
//    x0, then x1, then x2, … x(n-1)
//
// Predicted: far slower than one CPU core. Each step waits for the loads of x[i] and y[i], and memory answers
// after some 600 ns; nothing else is in flight meanwhile, so 12 bytes a step make about 20 MB/s. A GPU has no
// fast threads, it has many: the other rungs are about having enough of them.
#include "problem.hpp"

__global__ void saxpy_one_thread(std::int64_t n, float a, const float* x, float* y) {
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
