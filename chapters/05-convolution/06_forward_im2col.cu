// Convolution as one matrix product: write every window out as a column, then multiply.
//
//                            P * Q columns, one for each output pixel
//                           ┌──────────────┐
//          C * R * S        │ columns      │  column (p, q): the C * R * S values under the filter at (p, q)
//         ┌───────────┐     ├──────────────┤
//       k │ filter    │     │ y            │
//         └───────────┘     └──────────────┘
//
// The arithmetic is then the GEMM chapter's summit at work. But every pixel is written R * S times and read
// again: for 64 channels of 56 x 56, N = 256 and 3 x 3, 1.85 GB are written and 1.85 GB read, where x itself
// has 0.2 GB. At 4.3 TB/s that is 0.86 ms, as long as the product's 59 GFLOP take at the FP32 peak.
#include "kernels/gemm/sgemm.hpp"
#include "kernels/launch.cuh"
#include "problem.hpp"

// columns[n][c, r, s][p, q], one group's: a thread for each element.
static __global__ void im2col(Forward<>::Args a, int group, float* columns) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int pixels = a.p * a.q, depth = a.group_c() * a.r * a.s;
  const int p = i % pixels / a.q, q = i % a.q, t = i / pixels % depth;
  const std::int64_t n = i / pixels / depth;
  if (n >= a.n) return;
  const int c = group * a.group_c() + t / (a.r * a.s), r = t / a.s % a.r, s = t % a.s;
  const int h = p * a.stride - a.pad + r * a.dilation, w = q * a.stride - a.pad + s * a.dilation;
  columns[i] = h >= 0 && h < a.h && w >= 0 && w < a.w ? a.x[((n * a.c + c) * a.h + h) * a.w + w] : 0;
}

// The group's product for all images, each with the same filters: N C H W keeps images apart.
static gemm::Product product(const Forward<>::Args& a, int group, const float* columns) {
  const int depth = a.group_c() * a.r * a.s, pixels = a.p * a.q;
  const std::int64_t first = std::int64_t(group) * a.group_k();  // of the group's filters
  return gemm::row_major(a.group_k(), pixels, depth, false, false, 1, a.filter + first * depth, depth,
                         columns, pixels, 0, a.y + first * pixels, pixels, a.n, 0,
                         std::int64_t(depth) * pixels, std::int64_t(a.k) * pixels);
}
// Rounded up, for the product's own workspace follows.
static std::int64_t columns_count(const Forward<>::Args& a) {
  return ceil_div(std::int64_t(a.n) * a.group_c() * a.r * a.s * a.p * a.q, 64) * 64;
}

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  constexpr int kThreads = 256;
  float* const columns = static_cast<float*>(ctx.workspace);
  for (int group = 0; group < a.groups; ++group) {
    im2col<<<static_cast<unsigned>(ceil_div(columns_count(a), kThreads)), kThreads, 0, ctx.stream>>>(a, group,
                                                                                                     columns);
    gemm::sgemm(product(a, group, columns), columns + columns_count(a), ctx.stream);
  }
}

static const bench::Rung<Forward<>> rung({
    .title = "Explicit im2col and GEMM",
    .idea =
        "the GEMM's speed for the arithmetic, at the price of writing and reading every pixel R * S times",
    .run = launch,
    .needs = [](const Forward<>::Args& a) -> std::string { return a.nhwc ? "needs nhwc = 0" : ""; },
    .workspace =
        [](const Forward<>::Args& a) {
          return columns_count(a) * sizeof(float) + gemm::sgemm_workspace(product(a, 0, nullptr));
        },
    .min_sm = 80,
});
