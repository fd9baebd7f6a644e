// Four floats an access: a thread loads 16 bytes at once, the widest there is on most GPUs.
//
//   t0              t1              …  t31              one request: 512 bytes, 16 sectors
//   |x0 x1 x2 x3|   |x4 x5 x6 x7|      |x124 … x127|
//
//   tail: x(4*(n/4)) … x(n-1), at most three elements, one float a thread
//
// The sectors are the same, so memory moves as many bytes as before; a quarter of the instructions ask for
// them, and each thread has four times the bytes in flight. Predicted gain: some percent where the
// grid-stride loop was short of bytes in flight, none where bandwidth was reached.
//
// A float4 must lie at a multiple of 16 bytes. Where x or y does not, the tail's loop takes every element.
#include "kernels/launch.cuh"
#include "problem.hpp"

static __global__ void saxpy_float4(std::int64_t n, std::int64_t vectors, float a, const float* x, float* y) {
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  const std::int64_t first = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const auto* x4 = reinterpret_cast<const float4*>(x);
  auto* y4 = reinterpret_cast<float4*>(y);
  for (std::int64_t i = first; i < vectors; i += step) {
    const float4 u = x4[i], v = y4[i];
    y4[i] = make_float4(a * u.x + v.x, a * u.y + v.y, a * u.z + v.z, a * u.w + v.w);
  }
  for (std::int64_t i = 4 * vectors + first; i < n; i += step) y[i] = a * x[i] + y[i];
}

static void launch(const Saxpy::Args& p, const bench::Context& ctx) {
  constexpr int kThreads = 256;
  const auto addresses = reinterpret_cast<std::uintptr_t>(p.x) | reinterpret_cast<std::uintptr_t>(p.y);
  const std::int64_t vectors = addresses % sizeof(float4) == 0 ? p.n / 4 : 0;
  const unsigned blocks = grid_stride_blocks(saxpy_float4, kThreads, std::max(vectors, p.n - 4 * vectors));
  saxpy_float4<<<blocks, kThreads, 0, ctx.stream>>>(p.n, vectors, p.a, p.x, p.y);
}

static const bench::Rung<Saxpy> rung({
    .title = "float4 with a tail",
    .idea = "16 bytes a load: a quarter of the instructions and four times the bytes in flight per thread",
    .run = launch,
});
