// One launch for the whole training. As many blocks as the GPU holds at once stay there, go through all
// steps, and wait for one another where the kernels used to end:
//
//   block 0   f │ b │ f │ b │ …          │ = grid.sync(): every block has arrived, every write is seen
//   block 1   f │ b │ f │ b │ …
//   …         f │ b │ f │ b │ …          two of them a step
//
// Counted per step: 0 launches, 2 grid syncs of about 1.5 us each, where two graph nodes cost about 2.6 us
// and two queued launches 5 us. From here on that wait is the wall: 3 us a step, for 0.05 us of reading. A
// cooperative launch is needed: grid.sync() hangs if some block has not even started.
#include <cooperative_groups.h>

#include "glm.hpp"
#include "kernels/launch.cuh"

static __global__ void persistent(sgd::Step p, int steps) {
  const cooperative_groups::grid_group grid = cooperative_groups::this_grid();
  for (int t = 0; t < steps; ++t) {
    sgd::forward(p, t, blockIdx.x, gridDim.x);
    grid.sync();
    sgd::backward(p, t, blockIdx.x, gridDim.x);
    grid.sync();
  }
}

static void train(const Sgd::Args& p, const bench::Context& ctx) {
  sgd::Step step = make_step(p, ctx);
  int steps = p.steps;
  constexpr int kThreads = 256;
  // A block more than there is work for would only make every wait longer.
  const std::int64_t weights = std::int64_t(p.k) * (p.d + 1);
  const unsigned blocks =
      grid_stride_blocks(persistent, kThreads, std::max<std::int64_t>(32 * std::int64_t(p.batch), weights));
  void* args[] = {&step, &steps};
  cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(persistent), dim3(blocks), dim3(kThreads), args,
                              0, ctx.stream);
}

static const bench::Rung<Sgd> rung({
    .title = "One persistent kernel",
    .idea = "all steps in one launch; two grid syncs a step instead of two launches",
    .run = train,
    .workspace = step_workspace,
});
