// The gradient by x. Each output has given filter[k, c, r, s] of x[n, c, h, w] to y[n, k, p, q]; the gradient
// goes the same way back.
//
//   forward:   x[h] ──f[r]──► y[p]      h = p * stride - pad + r * dilation
//   backward:  dx[h] ◄──f[r]── dy[p]    dx[h] = sum over all k, r, s with such a p
//
// Scattered as written here, one dy at a time to all the x it came from, it is the transpose of the
// convolution; the rungs that follow gather instead, so that threads do not meet at a dx.
#include <algorithm>

#include "problem.hpp"

static void scatter(const BackwardData<>::Args& a, const bench::Context&) {
  const conv::Strides x = a.x_strides(), f = a.filter_strides(), y = a.y_strides();
  std::fill_n(a.dx, a.x_count(), 0.0f);
  for (int n = 0; n < a.n; ++n)
    for (int k = 0; k < a.k; ++k)
      for (int p = 0; p < a.p; ++p)
        for (int q = 0; q < a.q; ++q)
          for (int c = 0; c < a.group_c(); ++c)
            for (int r = 0; r < a.r; ++r)
              for (int s = 0; s < a.s; ++s) {
                const int h = p * a.stride - a.pad + r * a.dilation,
                          w = q * a.stride - a.pad + s * a.dilation;
                if (h < 0 || h >= a.h || w < 0 || w >= a.w) continue;
                const int channel = k / a.group_k() * a.group_c() + c;
                a.dx[x.at(n, channel, h, w)] += a.dy[y.at(n, k, p, q)] * a.filter[f.at(k, c, r, s)];
              }
}

static const bench::Rung<BackwardData<>> rung({
    .title = "Gradient by x: the seven loops backwards",
    .idea = "every output returns its gradient to the pixels it was made from",
    .run = scatter,
    .where = bench::Where::cpu,
});
