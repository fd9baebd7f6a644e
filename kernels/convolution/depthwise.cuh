// Depthwise 3 x 3 convolution without shared memory: a thread walks down the image and keeps the window in
// registers.
#pragma once

#include "kernels/convolution/epilogue.cuh"
#include "kernels/convolution/sizes.hpp"
#include "kernels/launch.cuh"

namespace conv {

// Neighbouring elements that one load or store moves.
template <int kWidth>
struct alignas(4 * kWidth) Vector {
  float value[kWidth];
};

// y = f(x (*) filter), N H W C. A thread has kWidth neighbouring channels of one output column and kStrip of
// its rows, one below the other: each row of x that it loads serves up to three of them. Threads are numbered
// channels first, then columns.
template <int kWidth, int kStrip, int kStride, class F>
__global__ void depthwise_strip(Sizes a, const float* x, const float* filter, float* y, F f) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int vectors = a.c / kWidth, strips = (a.p + kStrip - 1) / kStrip;
  const int c = i % vectors * kWidth, q = i / vectors % a.q;
  const std::int64_t rest = i / vectors / a.q;
  const int p0 = rest % strips * kStrip;
  const std::int64_t n = rest / strips;
  if (n >= a.n) return;
  float tap[9][kWidth], sum[kStrip][kWidth] = {};
#pragma unroll
  for (int v = 0; v < kWidth; ++v)  // K R S C with one input channel a filter: (c, r, s)
#pragma unroll
    for (int t = 0; t < 9; ++t) tap[t][v] = filter[(c + v) * 9 + t];
#pragma unroll
  for (int row = 0; row < (kStrip - 1) * kStride + 3; ++row) {
    const int h = p0 * kStride - a.pad + row;
    if (h < 0 || h >= a.h) continue;
#pragma unroll
    for (int s = 0; s < 3; ++s) {
      const int w = q * kStride - a.pad + s;
      if (w < 0 || w >= a.w) continue;
      const Vector<kWidth> pixel =
          *reinterpret_cast<const Vector<kWidth>*>(x + ((n * a.h + h) * a.w + w) * a.c + c);
#pragma unroll
      for (int r = 0; r < 3; ++r)  // this row is the r-th of the window of output row (row - r) / kStride
        if (row >= r && (row - r) % kStride == 0 && (row - r) / kStride < kStrip)
#pragma unroll
          for (int v = 0; v < kWidth; ++v) sum[(row - r) / kStride][v] += pixel.value[v] * tap[r * 3 + s][v];
    }
  }
#pragma unroll
  for (int j = 0; j < kStrip; ++j) {
    if (p0 + j >= a.p) break;
    Vector<kWidth> out;
#pragma unroll
    for (int v = 0; v < kWidth; ++v) out.value[v] = f(sum[j][v], c + v);
    *reinterpret_cast<Vector<kWidth>*>(y + ((n * a.p + p0 + j) * a.q + q) * a.c + c) = out;
  }
}

// What depthwise_3x3 takes: groups = c = k, 3 x 3, not dilated, stride 1 or 2, N H W C.
inline bool is_depthwise_3x3(const Sizes& a) {
  return a.nhwc && a.groups == a.c && a.k == a.c && a.r == 3 && a.s == 3 && a.dilation == 1 && a.stride <= 2;
}

// Enqueues it. a.n must not be 0; all pointers 16-byte aligned.
template <class F>
void depthwise_3x3(const Sizes& a, const float* x, const float* filter, float* y, F f, cudaStream_t stream) {
  constexpr int kStrip = 4, kThreads = 128;
  const int width = a.c % 4 == 0 ? 4 : 1;
  const std::int64_t threads = std::int64_t(a.c / width) * a.q * ceil_div(a.p, kStrip) * a.n;
  const auto kernel =
      width == 4      ? a.stride == 1 ? depthwise_strip<4, kStrip, 1, F> : depthwise_strip<4, kStrip, 2, F>
           : a.stride == 1 ? depthwise_strip<1, kStrip, 1, F>
                      : depthwise_strip<1, kStrip, 2, F>;
  kernel<<<static_cast<unsigned>(ceil_div(threads, kThreads)), kThreads, 0, stream>>>(a, x, filter, y, f);
}

}  // namespace conv
