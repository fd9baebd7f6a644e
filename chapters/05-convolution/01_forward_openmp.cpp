// Every core works on rows of the output, and one tap of the filter is applied to a whole row at a time.
//
//   y row:   o o o o o o o o        for each (c, r, s): row += filter[k, c, r, s] * (x row h, shifted by s)
//   x row: . x x x x x x x x .      at stride 1 both rows are contiguous: the inner loop vectorises
//
// The window's borders are settled once a tap: [first, last) are the outputs whose tap lies inside the image,
// so the inner loop has no condition. NHWC has its channels contiguous instead, and keeps the plain inner
// product.
#include <algorithm>

#include "problem.hpp"

namespace {

// row[q] += tap * x[q * stride] for the outputs q of one row that see the image.
void add_tap(float* row, const float* x, float tap, int first, int last, int stride) {
  if (stride == 1)
    for (int q = first; q < last; ++q) row[q] += tap * x[q];
  else
    for (int q = first; q < last; ++q) row[q] += tap * x[std::int64_t(q) * stride];
}

void row_nchw(const Forward<>::Args& a, int n, int k, int p) {
  const conv::Strides x = a.x_strides(), f = a.filter_strides();
  float* row = a.y + a.y_strides().at(n, k, p, 0);
  std::fill_n(row, a.q, 0.0f);
  for (int c = 0; c < a.group_c(); ++c)
    for (int r = 0; r < a.r; ++r) {
      const int h = p * a.stride - a.pad + r * a.dilation;
      if (h < 0 || h >= a.h) continue;
      const float* x_row = a.x + x.at(n, k / a.group_k() * a.group_c() + c, h, 0);
      for (int s = 0; s < a.s; ++s) {
        const int shift = s * a.dilation - a.pad;  // output q looks at column q * stride + shift
        const int first = shift < 0 ? (-shift + a.stride - 1) / a.stride : 0;
        const int last = shift < a.w ? std::min(a.q, (a.w - 1 - shift) / a.stride + 1) : 0;
        add_tap(row, x_row + shift, a.filter[f.at(k, c, r, s)], first, last, a.stride);
      }
    }
}

void row_nhwc(const Forward<>::Args& a, int n, int k, int p) {
  const conv::Strides x = a.x_strides(), f = a.filter_strides(), y = a.y_strides();
  for (int q = 0; q < a.q; ++q) {
    float sum = 0;
    for (int r = 0; r < a.r; ++r)
      for (int s = 0; s < a.s; ++s) {
        const int h = p * a.stride - a.pad + r * a.dilation, w = q * a.stride - a.pad + s * a.dilation;
        if (h < 0 || h >= a.h || w < 0 || w >= a.w) continue;
        const float* pixel = a.x + x.at(n, k / a.group_k() * a.group_c(), h, w);
        const float* tap = a.filter + f.at(k, 0, r, s);
#pragma omp simd reduction(+ : sum)
        for (int c = 0; c < a.group_c(); ++c) sum += pixel[c] * tap[c];
      }
    a.y[y.at(n, k, p, q)] = sum;
  }
}

void convolve(const Forward<>::Args& a, const bench::Context&) {
  const std::int64_t rows = std::int64_t(a.n) * a.k * a.p;
#pragma omp parallel for
  for (std::int64_t i = 0; i < rows; ++i) {
    const int p = static_cast<int>(i % a.p), k = static_cast<int>(i / a.p % a.k),
              n = static_cast<int>(i / a.p / a.k);
    a.nhwc ? row_nhwc(a, n, k, p) : row_nchw(a, n, k, p);
  }
}

const bench::Rung<Forward<>> rung({
    .title = "OpenMP and SIMD on the CPU",
    .idea = "a tap for a whole row: no condition inside, 8 or 16 outputs an instruction, on every core",
    .run = convolve,
    .where = bench::Where::cpu,
});

}  // namespace
