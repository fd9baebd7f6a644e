// Fewer, fuller kernels. What a thread has in its registers need not travel through memory to the next
// kernel:
//
//   before:  forward → residual → mean → gradient → update        5 kernels
//   here:    forward and residual  →  gradient and update         2 kernels
//            one warp a sample         one thread a weight: it adds up its gradient over the batch and,
//            (coalesced reads of x)    being the only one that needs it, moves its weight at once;
//                                      no gradient is stored
//
// Two is the least without waiting inside a kernel: every gradient needs every residual, and every output of
// the next step needs every weight. Counted per step: 2 launches instead of 5, and 4 bytes a weight written
// instead of 12 and 8 read. The kernels live in kernels/sgd/step.cuh, because the next rungs only launch them
// differently.
#include "glm.hpp"
#include "kernels/launch.cuh"

static __global__ void forward(sgd::Step p, int step) { sgd::forward(p, step, blockIdx.x, gridDim.x); }
static __global__ void backward(sgd::Step p, int step) { sgd::backward(p, step, blockIdx.x, gridDim.x); }

static void train(const Sgd::Args& p, const bench::Context& ctx) {
  const sgd::Step step = make_step(p, ctx);
  constexpr int kThreads = 256;
  const auto samples = static_cast<unsigned>(ceil_div(p.batch, kThreads / 32));
  const auto weights = static_cast<unsigned>(ceil_div(std::int64_t(p.k) * (p.d + 1), kThreads));
  for (int t = 0; t < p.steps; ++t) {
    forward<<<samples, kThreads, 0, ctx.stream>>>(step, t);
    backward<<<weights, kThreads, 0, ctx.stream>>>(step, t);
  }
}

static const bench::Rung<Sgd> rung({
    .title = "Forward and residual, gradient and update",
    .idea = "2 launches a step instead of 5; the gradient is never stored",
    .run = train,
    .workspace = step_workspace,
});
