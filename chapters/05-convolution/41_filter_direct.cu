// One block for each weight: its threads take turns through all output pixels, and their sums meet in shared
// memory.
//
//   block (k, c, r, s), 256 threads      t0 t1 … t255 t0 t1 …      neighbouring threads, neighbouring pixels
//   pixels (n, p, q) in order            └ 256 partial sums ┘ ──► shared tree, 8 steps ──► one weight
//
// One thread for each weight would leave the GPU nearly empty and its sum hundreds of thousands of terms
// long. The order of the additions is fixed, so the result is the same to the last bit every time, and the
// sum's error grows with terms / 256 + 8, not with terms.
#include "problem.hpp"

constexpr int kThreads = 256;

static __global__ void __launch_bounds__(kThreads) filter_direct(BackwardFilter<>::Args a) {
  __shared__ float sums[kThreads];
  const auto [k, c, r, s] = conv::position(static_cast<int>(blockIdx.x), a.group_c(), a.r, a.s, a.nhwc);
  const conv::Strides x = a.x_strides(), y = a.y_strides();
  const int channel = k / a.group_k() * a.group_c() + c, thread = threadIdx.x;
  float sum = 0;
  for (std::int64_t i = thread; i < std::int64_t(a.n) * a.p * a.q; i += kThreads) {
    const int n = i / (a.p * a.q), p = i / a.q % a.p, q = i % a.q;
    const int h = p * a.stride - a.pad + r * a.dilation, w = q * a.stride - a.pad + s * a.dilation;
    if (h >= 0 && h < a.h && w >= 0 && w < a.w) sum += a.dy[y.at(n, k, p, q)] * a.x[x.at(n, channel, h, w)];
  }
  sums[thread] = sum;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) sums[thread] += sums[thread + half];
  }
  if (thread == 0) a.dfilter[blockIdx.x] = sums[0];
}

static void launch(const BackwardFilter<>::Args& a, const bench::Context& ctx) {
  filter_direct<<<static_cast<unsigned>(a.filter_count()), kThreads, 0, ctx.stream>>>(a);
}

static const bench::Rung<BackwardFilter<>> rung({
    .title = "Gradient by the filter, one block for each weight",
    .idea = "256 threads share a sum and add up in a fixed tree: parallel, and bitwise reproducible",
    .run = launch,
});
