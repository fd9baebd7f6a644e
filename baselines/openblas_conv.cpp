// im2col and OpenBLAS's SGEMM, image by image: how CPU frameworks convolved for years.

#include <cblas.h>

#include "chapters/05-convolution/problem.hpp"

// columns[c, r, s][p, q] of image n's group.
static void im2col(const Forward<>::Args& a, int n, int group, float* columns) {
  const int depth = a.group_c() * a.r * a.s;
#pragma omp parallel for
  for (int t = 0; t < depth; ++t) {
    const int c = t / (a.r * a.s), r = t / a.s % a.r, s = t % a.s;
    const float* x = a.x + (std::int64_t(n) * a.c + group * a.group_c() + c) * a.h * a.w;
    float* to = columns + std::int64_t(t) * a.p * a.q;
    for (int p = 0; p < a.p; ++p)
      for (int q = 0; q < a.q; ++q) {
        const int h = p * a.stride - a.pad + r * a.dilation, w = q * a.stride - a.pad + s * a.dilation;
        *to++ = h >= 0 && h < a.h && w >= 0 && w < a.w ? x[h * a.w + w] : 0;
      }
  }
}

static void run(const Forward<>::Args& a, const bench::Context& ctx) {
  float* const columns = static_cast<float*>(ctx.workspace);
  const int depth = a.group_c() * a.r * a.s, pixels = a.p * a.q;
  for (int n = 0; n < a.n; ++n)
    for (int group = 0; group < a.groups; ++group) {
      const std::int64_t first = std::int64_t(group) * a.group_k();
      im2col(a, n, group, columns);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, a.group_k(), pixels, depth, 1,
                  a.filter + first * depth, depth, columns, pixels, 0,
                  a.y + (std::int64_t(n) * a.k + first) * pixels, pixels);
    }
}

static const bench::Rung<Forward<>> rung({
    .title = "OpenBLAS im2col",
    .idea = "the CPU's library: im2col for one image at a time, then its SGEMM",
    .run = run,
    .where = bench::Where::cpu,
    .needs = [](const Forward<>::Args& a) -> std::string { return a.nhwc ? "needs nhwc = 0" : ""; },
    .workspace =
        [](const Forward<>::Args& a) {
          return sizeof(float) * a.group_c() * a.r * a.s * std::size_t(a.p) * a.q;
        },
});
