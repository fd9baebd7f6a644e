// The filters move to constant memory, whose cache hands one word to all 32 threads of a warp at once.
//
//   warp: 32 pixels of one filter k        filter[k, c, r, s] is the same word for every thread:
//         t0 t1 … t31                      one broadcast an instruction, and no load unit busy with it
//
// Half of the direct rung's loads disappear. Constant memory holds 64 KB, so the filters are taken in turns
// of as many as fit: copy, launch, copy, launch, in order on the stream. Threads along y are filters, so that
// a warp never straddles two of them.
#include <algorithm>

#include "problem.hpp"

constexpr int kFloats = 16384;  // 64 KB, all there is
static __constant__ float filters[kFloats];

// The filters [k0, k0 + gridDim.y), which lie in `filters`.
static __global__ void forward_constant(Forward<>::Args a, int k0) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int pixels = a.p * a.q;
  if (i >= std::int64_t(a.n) * pixels) return;
  const int n = i / pixels, p = i % pixels / a.q, q = i % a.q;
  const int k = k0 + blockIdx.y, channels = a.group_c();
  const float* filter = filters + blockIdx.y * channels * a.r * a.s;
  const float* x = a.x + (std::int64_t(n) * a.c + k / a.group_k() * channels) * a.h * a.w;
  float sum = 0;
  for (int c = 0; c < channels; ++c, x += a.h * a.w)
    for (int r = 0; r < a.r; ++r)
      for (int s = 0; s < a.s; ++s, ++filter) {
        const int h = p * a.stride - a.pad + r * a.dilation, w = q * a.stride - a.pad + s * a.dilation;
        if (h >= 0 && h < a.h && w >= 0 && w < a.w) sum += x[h * a.w + w] * *filter;
      }
  a.y[(std::int64_t(n) * a.k + k) * pixels + p * a.q + q] = sum;
}

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  const std::int64_t pixels = std::int64_t(a.n) * a.p * a.q;
  if (pixels == 0) return;
  constexpr int kThreads = 256;
  const int size = a.group_c() * a.r * a.s, at_once = kFloats / size;
  for (int k0 = 0; k0 < a.k; k0 += at_once) {
    const int count = std::min(at_once, a.k - k0);
    cudaMemcpyToSymbolAsync(filters, a.filter + std::int64_t(k0) * size, count * size * sizeof(float), 0,
                            cudaMemcpyDeviceToDevice, ctx.stream);
    const dim3 blocks(static_cast<unsigned>((pixels - 1) / kThreads + 1), count);
    forward_constant<<<blocks, kThreads, 0, ctx.stream>>>(a, k0);
  }
}

static std::string needs(const Forward<>::Args& a) {
  if (a.nhwc) return "needs nhwc = 0";
  return std::int64_t(a.group_c()) * a.r * a.s > kFloats ? "needs a filter of at most 16384 elements" : "";
}

static const bench::Rung<Forward<>> rung({
    .title = "Filters in constant memory",
    .idea = "one broadcast serves a warp: one load for each product instead of two",
    .run = launch,
    .needs = needs,
});
