// One thread for each output. Threads are numbered as the outputs lie in memory, so a warp writes 32
// neighbours.
//
//   NCHW: t0 t1 t2 …  are neighbouring pixels q     x: neighbours      filter: one address, broadcast
//   NHWC: t0 t1 t2 …  are neighbouring filters k    x: one address     filter: 32 addresses, R * S * C apart
//
// Every product costs two loads: 8 bytes for 2 FLOPs. Only the caches stand between this kernel and a demand
// of 4 bytes a FLOP, a hundred times what memory delivers.
#include "problem.hpp"

static __global__ void forward_direct(Forward<>::Args a, int count) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const auto [n, k, p, q] = conv::position(static_cast<int>(i), a.k, a.p, a.q, a.nhwc);
  const conv::Strides x = a.x_strides(), f = a.filter_strides();
  const int channels = a.group_c(), first = k / a.group_k() * channels;
  float sum = 0;
  for (int r = 0; r < a.r; ++r) {
    const int h = p * a.stride - a.pad + r * a.dilation;
    if (h < 0 || h >= a.h) continue;
    for (int s = 0; s < a.s; ++s) {
      const int w = q * a.stride - a.pad + s * a.dilation;
      if (w < 0 || w >= a.w) continue;
      for (int c = 0; c < channels; ++c) sum += a.x[x.at(n, first + c, h, w)] * a.filter[f.at(k, c, r, s)];
    }
  }
  a.y[i] = sum;
}

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  const auto count = static_cast<int>(a.y_count());
  if (count == 0) return;  // a launch with no block is an error
  constexpr int kThreads = 256;
  forward_direct<<<(count - 1) / kThreads + 1, kThreads, 0, ctx.stream>>>(a, count);
}

static const bench::Rung<Forward<>> rung({
    .title = "Direct, one thread for each output",
    .idea = "all outputs at once: a million threads where the CPU had a few cores",
    .run = launch,
});
