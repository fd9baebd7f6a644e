// One block of 1024 threads, the most a block can have. Thread t takes elements t, t + 1024, t + 2048, …
//
//   block 0
//   |t0    t1    … t1023 |
//    x0    x1    … x1023      first step
//    x1024 x1025 … x2047      second step
//
// Dealing elements out like cards, not in runs, matters: in each step the 32 threads of a warp touch 32
// neighbouring floats, 128 bytes, four sectors of 32 bytes with nothing wasted ("coalesced").
//
// Predicted gain: 1024 threads wait for 8 bytes each at the same time, 8 KiB in some 0.3 us: with the stores
// about 40 GB/s. But a block lives on one SM, and a big GPU has more than a hundred: this is the share of
// one.
#include "problem.hpp"

static __global__ void saxpy_one_block(std::int64_t n, float a, const float* x, float* y) {
  for (std::int64_t i = threadIdx.x; i < n; i += blockDim.x) y[i] = a * x[i] + y[i];
}

static void launch(const Saxpy::Args& p, const bench::Context& ctx) {
  saxpy_one_block<<<1, 1024, 0, ctx.stream>>>(p.n, p.a, p.x, p.y);
}

static const bench::Rung<Saxpy> rung({
    .title = "One block",
    .idea = "1024 threads keep 1024 times the loads in flight, on one SM of the GPU",
    .run = launch,
});
