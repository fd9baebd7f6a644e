// Channels last, four channels a thread, and a strip of four output rows below one another: the window slides
// in registers, and nothing is shared, so nothing waits at a barrier.
//
//   thread: 4 channels (one 16-byte load), one column, 4 rows
//
//   rows of x   0  1  2  3  4  5          each loaded row serves up to three outputs:
//   output 0    a  b  c                   6 rows x 3 columns = 18 loads for 4 x 4 outputs,
//   output 1       a  b  c                1.1 an output where the first rung had 9
//   output 2          a  b  c
//   output 3             a  b  c
//
// A warp's 32 threads are 128 neighbouring channels: 512 contiguous bytes a load, for every plane size. The
// kernel is kernels/convolution/depthwise.cuh.
#include "kernels/convolution/depthwise.cuh"
#include "problem.hpp"

static void launch(const Depthwise<>::Args& a, const bench::Context& ctx) {
  if (a.n > 0) conv::depthwise_3x3(a, a.x, a.filter, a.y, conv::Identity{}, ctx.stream);
}

static std::string needs(const Depthwise<>::Args& a) {
  return conv::is_depthwise_3x3(a) ? "" : "needs nhwc = 1, r = s = 3, dilation = 1 and stride at most 2";
}

static const bench::Rung<Depthwise<>> rung({
    .title = "Depthwise, channels last, strips in registers",
    .idea = "16-byte loads of four channels, each row of x used for three outputs: 1.1 loads an output, no "
            "barrier",
    .run = launch,
    .needs = needs,
});
