// The gradient by the filter: how much each weight was used, and with what effect.
//
//   dfilter[k, c, r, s] = sum over n, p, q of dy[n, k, p, q] * x[n, c, p * stride - pad + r * dilation, …]
//
// Few outputs, each a very long sum: 64 * 64 * 9 weights, but N * P * Q = 800 000 terms for the second layer
// of ResNet-50 at N = 256. Hence the ladder's question: who adds up what, and in which order.
#include "problem.hpp"

static void correlate(const BackwardFilter<>::Args& a, const bench::Context&) {
  const conv::Strides x = a.x_strides(), f = a.filter_strides(), y = a.y_strides();
  for (int k = 0; k < a.k; ++k)
    for (int c = 0; c < a.group_c(); ++c)
      for (int r = 0; r < a.r; ++r)
        for (int s = 0; s < a.s; ++s) {
          const int channel = k / a.group_k() * a.group_c() + c;
          float sum = 0;
          for (int n = 0; n < a.n; ++n)
            for (int p = 0; p < a.p; ++p)
              for (int q = 0; q < a.q; ++q) {
                const int h = p * a.stride - a.pad + r * a.dilation,
                          w = q * a.stride - a.pad + s * a.dilation;
                if (h < 0 || h >= a.h || w < 0 || w >= a.w) continue;
                sum += a.dy[y.at(n, k, p, q)] * a.x[x.at(n, channel, h, w)];
              }
          a.dfilter[f.at(k, c, r, s)] = sum;
        }
}

static const bench::Rung<BackwardFilter<>> rung({
    .title = "Gradient by the filter: seven loops again",
    .idea = "few outputs, each a sum over all images and pixels",
    .run = correlate,
    .where = bench::Where::cpu,
});
