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

#include "kernels/convolution/sizes.hpp"

namespace conv {

struct Implicit {
  int images, groups;
  int in_channels, in_h, in_w;  // of all groups
  int out_channels, out_h, out_w;
  int r, s, dilation;
  int step, origin;  // output row p's window starts at row p * step + origin of the input
  int divide;  // the gradient's input is spread out: only every divide-th row and column holds something
  bool nhwc;

  // Rows and depth are padded to multiples of these, so tiles must divide them.
  static constexpr int kRows = 64, kDepth = 16;
  __host__ __device__ int rows() const { return out_channels / groups; }
  __host__ __device__ int depth() const { return in_channels / groups * r * s; }
  __host__ __device__ int padded_rows() const { return (rows() + kRows - 1) / kRows * kRows; }
  __host__ __device__ int padded_depth() const { return (depth() + kDepth - 1) / kDepth * kDepth; }
  __host__ __device__ int pixels() const { return images * out_h * out_w; }
};

inline Implicit implicit_forward(const Sizes& z) {
  return {z.n, z.groups, z.c, z.h, z.w, z.k, z.p, z.q, z.r, z.s, z.dilation, z.stride, -z.pad, 1, z.nhwc};
}
inline Implicit implicit_backward_data(const Sizes& z) {
  return {z.n, z.groups, z.k, z.p, z.q, z.c, z.h, z.w, z.r, z.s, -z.dilation, 1, z.pad, z.stride, z.nhwc};
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
          row * v.step + v.origin, column * v.step + v.origin};
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
  // Neighbouring t are neighbours in the input.
  const int channel = v.nhwc ? t % channels : t / (v.r * v.s), tap = v.nhwc ? t / channels : t % (v.r * v.s);
  const int r = tap / v.s, s = tap % v.s;
  float value = 0;
  if (t < v.depth() && row < v.rows())
    value = kBackward ? filter[f.at(group * channels + channel, row, r, s)]
                      : filter[f.at(group * v.rows() + row, channel, r, s)];
  packed.filter[i] = value;
  if (group == 0 && row == 0)
    packed.taps[t] = {v.nhwc ? channel : channel * v.in_h * v.in_w, t < v.depth() ? r * v.dilation : kNowhere,
                      s * v.dilation};
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
