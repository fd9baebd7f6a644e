// The matrix product of im2col without the matrix: a block computes the element it needs from where it would
// stand.
//
//                         pixels of all images (n, p, q)
//                        ┌───────────────────────┐
//           (c, r, s)    │  x[n, c, p * stride - pad + r * dilation, …]   never stored
//          ┌────────────┐├───────────────────────┤
//   filters│ filter     ││ y: 64 x 128 a block   │
//     k    │ k rows     ││                       │
//          └────────────┘└───────────────────────┘
//
// x is read once a block of 64 filters instead of written and read R * S times. What it costs is arithmetic:
// each element of the second matrix takes two divisions to become (c, r, s), a few additions and four
// comparisons. The pixel of a thread's column never changes, so that half is done once.
#include "kernels/convolution/epilogue.cuh"
#include "kernels/gemm/tile.cuh"
#include "kernels/launch.cuh"
#include "problem.hpp"

using T = gemm::Tile<64, 128, 8, 32, 64, 8, 8>;
static_assert(T::kThreads == T::kN);  // a thread fills one column of the second tile

static __global__ void __launch_bounds__(T::kThreads) forward_implicit(Forward<>::Args a, int tiles_k) {
  __shared__ __align__(16) float filters[T::kK][T::kM + 4], xs[T::kK][T::kN];
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  // Blocks that look at the same pixels are neighbours, so that the L2 serves all but the first.
  const int tile = blockIdx.x % (tiles_k * a.groups), group = tile / tiles_k;
  const int i0 = tile % tiles_k * T::kM, j0 = blockIdx.x / (tiles_k * a.groups) * T::kN;
  const int depth = a.group_c() * a.r * a.s;
  const float* filter = a.filter + std::int64_t(group) * a.group_k() * depth;

  const int pixel = j0 + thread, n = pixel / (a.p * a.q);
  const int h0 = pixel / a.q % a.p * a.stride - a.pad, w0 = pixel % a.q * a.stride - a.pad;
  const float* image = a.x + (std::int64_t(n) * a.c + group * a.group_c()) * a.h * a.w;

  float sum[T::kThreadM][T::kThreadN] = {};
  for (int t0 = 0; t0 < depth; t0 += T::kK) {
    for (int e = thread; e < T::kM * T::kK; e += T::kThreads) {
      const int i = e / T::kK, t = e % T::kK;
      filters[t][i] =
          i0 + i < a.group_k() && t0 + t < depth ? filter[std::int64_t(i0 + i) * depth + t0 + t] : 0;
    }
    for (int e = 0; e < T::kK; ++e) {
      const int t = t0 + e, c = t / (a.r * a.s), r = t / a.s % a.r, s = t % a.s;
      const int h = h0 + r * a.dilation, w = w0 + s * a.dilation;
      const bool inside = n < a.n && t < depth && h >= 0 && h < a.h && w >= 0 && w < a.w;
      xs[e][thread] = inside ? image[(c * a.h + h) * a.w + w] : 0;
    }
    __syncthreads();
    for (int q = 0; q < T::kK; ++q) {
      float ra[T::kThreadM], rb[T::kThreadN];
      T::load_a(ra, &filters[q][row]);
      T::load_b(rb, &xs[q][column]);
      T::multiply(sum, ra, rb);
    }
    __syncthreads();
  }
  const auto place = [](int j) { return j; };
  const conv::Output<decltype(place)> out{a.y, a.k, a.p * a.q, false, a.n * a.p * a.q, place};
  conv::store_columns<T>(sum, out, group * a.group_k(), a.group_k(), i0, j0, thread, conv::Identity{});
}

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  const auto tiles_k = static_cast<int>(ceil_div(a.group_k(), T::kM));
  const std::int64_t blocks = ceil_div(std::int64_t(a.n) * a.p * a.q, T::kN) * tiles_k * a.groups;
  forward_implicit<<<static_cast<unsigned>(blocks), T::kThreads, 0, ctx.stream>>>(a, tiles_k);
}

static const bench::Rung<Forward<>> rung({
    .title = "Implicit GEMM",
    .idea = "a GEMM tile whose second matrix is computed, not stored: no workspace, no R * S copies of x",
    .run = launch,
    .needs = [](const Forward<>::Args& a) -> std::string { return a.nhwc ? "needs nhwc = 0" : ""; },
});
