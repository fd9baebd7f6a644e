// The yardstick: a kernel that only copies, as well as the rungs before have taught. A transpose moves the
// same 8 bytes an element in another order, so it can at best be as fast as this.
//
//   t0              t1              …  t31
//   |x0 x1 x2 x3|   |x4 x5 x6 x7|      |x124 … x127|
//        ↓               ↓                  ↓
//   |y0 y1 y2 y3|   |y4 y5 y6 y7|      |y124 … y127|
//
// Predicted: 8 bytes an element where SAXPY moves 12, so two thirds of its time.
#include "kernels/launch.cuh"
#include "problem.hpp"

static __global__ void copy_float4(std::int64_t n, std::int64_t vectors, const float* x, float* y) {
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  const std::int64_t first = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const auto* x4 = reinterpret_cast<const float4*>(x);
  auto* y4 = reinterpret_cast<float4*>(y);
  for (std::int64_t i = first; i < vectors; i += step) y4[i] = x4[i];
  for (std::int64_t i = 4 * vectors + first; i < n; i += step) y[i] = x[i];
}

static void launch(const Copy::Args& p, const bench::Context& ctx) {
  constexpr int kThreads = 256;
  const auto addresses = reinterpret_cast<std::uintptr_t>(p.x) | reinterpret_cast<std::uintptr_t>(p.y);
  const std::int64_t vectors = addresses % sizeof(float4) == 0 ? p.n / 4 : 0;
  const unsigned blocks = grid_stride_blocks(copy_float4, kThreads, std::max(vectors, p.n - 4 * vectors));
  copy_float4<<<blocks, kThreads, 0, ctx.stream>>>(p.n, vectors, p.x, p.y);
}

static const bench::Rung<Copy> rung({
    .title = "Copy, float4",
    .idea = "the bytes of a transpose without the transposing: what the next rungs are held to",
    .run = launch,
});
