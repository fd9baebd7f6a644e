// One thread for each element of dx, which gathers from every output that looked at it.
//
//   pixel h was under tap r of output p  when  p * stride = h + pad - r * dilation
//
//   stride 2, 3 taps, pad 1:    row of dx    0    1    2    3        one thread for each: t0 t1 t2 t3 …
//                               taps         1   0 2   1   0 2
//                               row of dy    0   1 0   1   2 1
//
// so p exists only where the right side is not negative and divisible by the stride. At stride 2 three of
// four taps of a 2-D filter fail that test: the threads of a warp fail it in different places, and wait for
// one another.
#include "problem.hpp"

static __global__ void data_direct(BackwardData<>::Args a, int count) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const auto [n, c, h, w] = conv::position(static_cast<int>(i), a.c, a.h, a.w, a.nhwc);
  const conv::Strides f = a.filter_strides(), y = a.y_strides();
  const int filters = a.group_k(), first = c / a.group_c() * filters;
  float sum = 0;
  for (int r = 0; r < a.r; ++r) {
    const int above = h + a.pad - r * a.dilation, p = above / a.stride;
    if (above < 0 || above % a.stride || p >= a.p) continue;
    for (int s = 0; s < a.s; ++s) {
      const int left = w + a.pad - s * a.dilation, q = left / a.stride;
      if (left < 0 || left % a.stride || q >= a.q) continue;
      for (int k = first; k < first + filters; ++k)
        sum += a.dy[y.at(n, k, p, q)] * a.filter[f.at(k, c % a.group_c(), r, s)];
    }
  }
  a.dx[i] = sum;
}

static void launch(const BackwardData<>::Args& a, const bench::Context& ctx) {
  const auto count = static_cast<int>(a.x_count());
  if (count == 0) return;
  constexpr int kThreads = 256;
  data_direct<<<(count - 1) / kThreads + 1, kThreads, 0, ctx.stream>>>(a, count);
}

static const bench::Rung<BackwardData<>> rung({
    .title = "Gradient by x, one thread for each pixel",
    .idea = "gather instead of scatter: no two threads write the same element, so no atomics",
    .run = launch,
});
