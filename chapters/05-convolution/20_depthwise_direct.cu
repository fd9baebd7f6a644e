// Depthwise: every channel has its own filter and meets no other. A pixel is used R * S times where a full
// convolution uses it K * R * S times, so bandwidth is the ceiling, and FLOPs hardly count.
//
//   3 x 3:  9 multiply-adds for 4 bytes in and 4 bytes out = 2.25 FLOPs a byte; an H200 can do 14
//
//   channel 0:  x0 * f0 = y0        t0 t1 t2 …  neighbouring outputs      window of t0: [a b c] d e
//   channel 1:  x1 * f1 = y1        of one channel, and then the next     window of t1:  a [b c d] e
//
// One thread for each output, numbered as they lie in memory. Its 9 taps are 9 loads of x: eight of them
// repeat what neighbours load, and only L1 and L2 keep them from memory.
#include "problem.hpp"

static __global__ void depthwise_direct(Depthwise<>::Args a, int count) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const auto [n, k, p, q] = conv::position(static_cast<int>(i), a.k, a.p, a.q, a.nhwc);
  const conv::Strides x = a.x_strides(), f = a.filter_strides();
  float sum = 0;
  for (int r = 0; r < a.r; ++r)
    for (int s = 0; s < a.s; ++s) {
      const int h = p * a.stride - a.pad + r * a.dilation, w = q * a.stride - a.pad + s * a.dilation;
      if (h >= 0 && h < a.h && w >= 0 && w < a.w) sum += a.x[x.at(n, k, h, w)] * a.filter[f.at(k, 0, r, s)];
    }
  a.y[i] = sum;
}

static void launch(const Depthwise<>::Args& a, const bench::Context& ctx) {
  const auto count = static_cast<int>(a.y_count());
  if (count == 0) return;
  constexpr int kThreads = 256;
  depthwise_direct<<<(count - 1) / kThreads + 1, kThreads, 0, ctx.stream>>>(a, count);
}

static const bench::Rung<Depthwise<>> rung({
    .title = "Depthwise, one thread for each output",
    .idea = "bandwidth is the ceiling: this one leaves the reuse of pixels to the caches",
    .run = launch,
});
