// A convolution, or its gradient by x, as one matrix product for each group, whose second matrix exists only
// as a rule:
//
//   out[row, pixel] = sum over t of packed[t, row] * see(window of pixel, taps[t])
//
// A row is an output channel of the group, t runs over (input channel, r, s), and a pixel is one of all
// images' output pixels. `pack` writes the filter with rows contiguous, and the rule as a table: an entry for
// each t says how far its input element lies from the corner of any pixel's window. Both are padded with
// zeros to whole tiles.
#pragma once

#include <numeric>

#include "kernels/convolution/epilogue.cuh"
#include "kernels/convolution/sizes.hpp"

namespace conv {

// Along one axis, which taps of the filter take part and where they look: tap i of `count` is the filter's
// first + i * step, and looks at the input's p * stride + origin + i * distance for output p.
struct Taps {
  int first, step, count;
  int stride, origin, distance;
};

struct Implicit {
  int images, groups;
  int in_channels, in_h, in_w;  // of all groups
  int out_channels, out_h, out_w;
  Taps down, across;
  int divide;  // the gradient's input is spread out: only every divide-th row and column holds something
  bool nhwc;
  // The outputs are every `every`-th row and column, from (row0, column0) on, of a tensor full_h x full_w.
  int every, row0 = 0, column0 = 0, full_h, full_w;

  // Rows and depth are padded to multiples of these, so tiles must divide them.
  static constexpr int kRows = 64, kDepth = 16;
  __host__ __device__ int rows() const { return out_channels / groups; }
  __host__ __device__ int depth() const { return in_channels / groups * down.count * across.count; }
  __host__ __device__ int padded_rows() const { return (rows() + kRows - 1) / kRows * kRows; }
  // At least one step, so that a sum of nothing is an ordinary 0.
  __host__ __device__ int padded_depth() const {
    const int steps = (depth() + kDepth - 1) / kDepth;
    return (steps > 0 ? steps : 1) * kDepth;
  }
  __host__ __device__ int pixels() const { return images * out_h * out_w; }
  // Where output pixel `pixel` lies among all images' pixels of that tensor.
  __device__ int place(int pixel) const {
    if (every == 1) return pixel;
    const int image = pixel / (out_h * out_w), row = pixel / out_w % out_h, column = pixel % out_w;
    return (image * full_h + row0 + row * every) * full_w + column0 + column * every;
  }
};

inline Implicit implicit_forward(const Sizes& z) {
  return {.images = z.n,
          .groups = z.groups,
          .in_channels = z.c,
          .in_h = z.h,
          .in_w = z.w,
          .out_channels = z.k,
          .out_h = z.p,
          .out_w = z.q,
          .down = {0, 1, z.r, z.stride, -z.pad, z.dilation},
          .across = {0, 1, z.s, z.stride, -z.pad, z.dilation},
          .divide = 1,
          .nhwc = z.nhwc,
          .every = 1,
          .full_h = z.p,
          .full_w = z.q};
}
inline Implicit implicit_backward_data(const Sizes& z) {
  return {.images = z.n,
          .groups = z.groups,
          .in_channels = z.k,
          .in_h = z.p,
          .in_w = z.q,
          .out_channels = z.c,
          .out_h = z.h,
          .out_w = z.w,
          .down = {0, 1, z.r, 1, z.pad, -z.dilation},
          .across = {0, 1, z.s, 1, z.pad, -z.dilation},
          .divide = z.stride,
          .nhwc = z.nhwc,
          .every = 1,
          .full_h = z.h,
          .full_w = z.w};
}

// The gradient by x for the pixels whose row is `row` and whose column is `column` modulo the stride. Tap r
// has met row h where h + pad - r * dilation is a multiple of the stride; for one class that is an arithmetic
// progression of taps, and the quotient is where they look. No rows or no columns: out_h or out_w is 0; no
// taps: the gradient is 0 there.
inline Implicit implicit_residue_class(const Sizes& z, int row, int column) {
  const auto taps = [&](int filter, int residue) {
    const int step = z.stride / std::gcd(z.stride, z.dilation);
    Taps t{.first = 0, .step = step, .count = 0, .stride = 1, .origin = 0, .distance = 0};
    while (t.first < filter && (residue + z.pad - t.first * z.dilation) % z.stride) ++t.first;
    if (t.first < filter) t.count = (filter - 1 - t.first) / step + 1;
    t.origin = (residue + z.pad - t.first * z.dilation) / z.stride;
    t.distance = static_cast<int>(-std::int64_t(step) * z.dilation / z.stride);
    return t;
  };
  Implicit v = implicit_backward_data(z);
  v.down = taps(z.r, row), v.across = taps(z.s, column), v.divide = 1;
  v.out_h = (z.h - row + z.stride - 1) / z.stride, v.out_w = (z.w - column + z.stride - 1) / z.stride;
  v.every = z.stride, v.row0 = row, v.column0 = column;
  return v;
}

// How far an input element lies from the corner of a window.
struct alignas(16) Tap {
  int channel;  // elements from the group's first channel
  int row, column;
};

constexpr int kNowhere = -(1 << 30);  // a row outside every image, also with another such added

// Where a pixel's window lies.
struct Window {
  const float* image;  // its group's first channel
  int row, column;
};

// The window of output pixel `pixel`, which need not exist: a window beyond the last pixel sees nothing.
__device__ inline Window window_of(const Implicit& v, const float* in, int group, int pixel) {
  if (pixel >= v.pixels()) return {in, kNowhere, 0};
  const int image = pixel / (v.out_h * v.out_w), row = pixel / v.out_w % v.out_h, column = pixel % v.out_w;
  const int plane = v.nhwc ? 1 : v.in_h * v.in_w;
  return {in + std::int64_t(image) * v.in_channels * v.in_h * v.in_w +
              std::int64_t(group) * (v.in_channels / v.groups) * plane,
          row * v.down.stride + v.down.origin, column * v.across.stride + v.across.origin};
}

// The input element under a tap, or nullptr where that is zero: outside the image, or between spread pixels.
__device__ inline const float* see(const Implicit& v, const Window& window, const Tap& tap) {
  int row = window.row + tap.row, column = window.column + tap.column;
  if (row < 0 || column < 0) return nullptr;
  if (v.divide > 1) {
    if (row % v.divide || column % v.divide) return nullptr;
    row /= v.divide, column /= v.divide;
  }
  if (row >= v.in_h || column >= v.in_w) return nullptr;
  return window.image + (row * v.in_w + column) * (v.nhwc ? v.in_channels : 1) + tap.channel;
}

// Where the product's outputs go.
__device__ inline auto output_of(const Implicit& v, float* out) {
  const auto place = [&v](int pixel) { return v.place(pixel); };
  return Output<decltype(place)>{out, v.out_channels, v.full_h * v.full_w, v.nhwc, v.pixels(), place};
}

// What `pack` writes to the workspace.
struct Packed {
  Tap* taps;      // [padded_depth]
  float* filter;  // [groups][padded_depth][padded_rows]
};
inline Packed packed_in(const Implicit& v, void* workspace) {
  Tap* const taps = static_cast<Tap*>(workspace);
  return {taps, reinterpret_cast<float*>(taps + v.padded_depth())};
}
inline std::size_t packed_bytes(const Implicit& v) {
  return v.padded_depth() * sizeof(Tap) +
         sizeof(float) * v.groups * v.padded_depth() * std::size_t(v.padded_rows());
}

// One thread for each element of packed.filter. `filter` is the convolution's in its own layout, with strides
// f; the gradient by x exchanges the parts of its first two axes.
template <bool kBackward>
__global__ void pack(Implicit v, Strides f, const float* filter, Packed packed) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int row = i % v.padded_rows(), t = i / v.padded_rows() % v.padded_depth();
  const int group = i / v.padded_rows() / v.padded_depth(), channels = v.in_channels / v.groups;
  if (group >= v.groups) return;
  float value = 0;
  Tap tap{0, kNowhere, 0};
  if (t < v.depth()) {
    // Neighbouring t are neighbours in the input.
    const int taps = v.down.count * v.across.count;
    const int channel = v.nhwc ? t % channels : t / taps, at = v.nhwc ? t / channels : t % taps;
    const int down = at / v.across.count, across = at % v.across.count;
    const int r = v.down.first + down * v.down.step, s = v.across.first + across * v.across.step;
    tap = {v.nhwc ? channel : channel * v.in_h * v.in_w, down * v.down.distance, across * v.across.distance};
    if (row < v.rows())
      value = kBackward ? filter[f.at(group * channels + channel, row, r, s)]
                        : filter[f.at(group * v.rows() + row, channel, r, s)];
  }
  packed.filter[i] = value;
  if (group == 0 && row == 0) packed.taps[t] = tap;
}

// Enqueues pack for the convolution or, backward, its gradient by x. Workspace: packed_bytes(v), 16-byte
// aligned.
template <bool kBackward>
Packed pack_filter(const Implicit& v, const Sizes& z, const float* filter, void* workspace,
                   cudaStream_t stream) {
  const Packed packed = packed_in(v, workspace);
  const std::int64_t count = std::int64_t(v.groups) * v.padded_depth() * v.padded_rows();
  pack<kBackward>
      <<<static_cast<unsigned>((count + 255) / 256), 256, 0, stream>>>(v, z.filter_strides(), filter, packed);
  return packed;
}

}  // namespace conv
