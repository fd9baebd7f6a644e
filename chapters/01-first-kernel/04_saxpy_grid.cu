// A grid of blocks, one thread an element: as many threads as there is work, and a guard for the last block.
//
//   block 0            block 1                 last block
//   |t0 t1 … t255|     |t0 t1 … t255|   …      |t0 … | idle: i >= n
//    x0 x1 … x255       x256 …                  x(n-1)
//
// The grid is rounded up to whole blocks, so without the guard the idle threads would write past the end of
// y. The index is 64 bits wide: blockIdx.x * blockDim.x alone is 32-bit arithmetic and wraps at 2^32
// elements.
//
// Predicted gain: every SM has work, so up to the number of SMs times one block; then bytes / bandwidth is
// reached.
#include "kernels/launch.cuh"
#include "problem.hpp"

static __global__ void saxpy_grid(std::int64_t n, float a, const float* x, float* y) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}

static void launch(const Saxpy::Args& p, const bench::Context& ctx) {
  if (p.n == 0) return;  // a launch with no block is an error
  constexpr int kThreads = 256;
  const auto blocks = static_cast<unsigned>(ceil_div(p.n, kThreads));
  saxpy_grid<<<blocks, kThreads, 0, ctx.stream>>>(p.n, p.a, p.x, p.y);
}

static const bench::Rung<Saxpy> rung({
    .title = "Grid with a guard",
    .idea = "every SM works: from one SM's share of the bandwidth to nearly all of it",
    .run = launch,
});
