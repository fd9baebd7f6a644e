// A grid no larger than the GPU can hold at once; each thread takes every (number of threads)-th element.
//
//   block 0          block 1          …  last block
//   |t0 … t255|      |t0 … t255|         |t0 … t255|
//    x0 … x255        x256 … x511         … x(T-1)       first step, T threads in all
//    xT …             …                   … x(2T-1)      second step
//
// In each step the grid touches T neighbouring elements, so every warp stays coalesced. The loop's condition
// is the guard. The launch no longer depends on n, which the kernel above could not say: n may be anything,
// also less than the grid, and a block may set itself up once and use that for many elements (later chapters
// do).
//
// Predicted gain here: next to none. The bytes are the same; starting n/256 blocks costs little already.
#include "kernels/launch.cuh"
#include "problem.hpp"

static __global__ void saxpy_grid_stride(std::int64_t n, float a, const float* x, float* y) {
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step)
    y[i] = a * x[i] + y[i];
}

static void launch(const Saxpy::Args& p, const bench::Context& ctx) {
  constexpr int kThreads = 256;
  const unsigned blocks = grid_stride_blocks(saxpy_grid_stride, kThreads, p.n);
  saxpy_grid_stride<<<blocks, kThreads, 0, ctx.stream>>>(p.n, p.a, p.x, p.y);
}

static const bench::Rung<Saxpy> rung({
    .title = "Grid-stride loop",
    .idea = "the grid fits the GPU, not the problem: any n with one launch; little gain in time",
    .run = launch,
});
