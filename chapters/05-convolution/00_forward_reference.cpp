// The definition as seven loops on one core: each output is a dot product of a filter with the window of the
// image that it lies on.
//
//   x, one channel           filter        y
//   . . . . . . .            f f f         . . . . .
//   . w w w . . .     (*)    f f f    =    . o . . .     o = sum of w * f over the window and all channels
//   . w w w . . .            f f f         . . . . .
//   . w w w . . .
//
// Pixels outside the image are zero, so their products are left out. Both layouts differ only in the strides.
#include "problem.hpp"

static void convolve(const Forward<>::Args& a, const bench::Context&) {
  const conv::Strides x = a.x_strides(), f = a.filter_strides(), y = a.y_strides();
  const int channels = a.group_c();
  for (int n = 0; n < a.n; ++n)
    for (int k = 0; k < a.k; ++k)
      for (int p = 0; p < a.p; ++p)
        for (int q = 0; q < a.q; ++q) {
          float sum = 0;
          for (int c = 0; c < channels; ++c)
            for (int r = 0; r < a.r; ++r)
              for (int s = 0; s < a.s; ++s) {
                const int h = p * a.stride - a.pad + r * a.dilation;
                const int w = q * a.stride - a.pad + s * a.dilation;
                if (h < 0 || h >= a.h || w < 0 || w >= a.w) continue;
                const int channel = k / a.group_k() * channels + c;
                sum += a.x[x.at(n, channel, h, w)] * a.filter[f.at(k, c, r, s)];
              }
          a.y[y.at(n, k, p, q)] = sum;
        }
}

static const bench::Rung<Forward<>> rung({
    .title = "Seven loops on a CPU core",
    .idea = "the definition; every later rung computes the same sums in another order",
    .run = convolve,
    .where = bench::Where::cpu,
});
