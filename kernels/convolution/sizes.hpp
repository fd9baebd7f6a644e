// The sizes of one 2-D convolution and where its elements lie. A plain struct: kernels take it by value.
//
//   y[n, k, p, q] = sum over c, r, s of x[n, c, h, w] * filter[k, c, r, s]
//   h = p * stride - pad + r * dilation      w = q * stride - pad + s * dilation
//
// with x zero outside the image: cross-correlation, which is what every framework calls convolution. Channels
// and filters come in `groups` equal shares, and a filter sees the channels of its own share only, so its c
// runs over c / groups.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace conv {

// Element (i, j, row, column) of a 4-D tensor lies at(i, j, row, column) elements after its first.
struct Strides {
  int i, j, row, column;
  __host__ __device__ int at(int a, int b, int c, int d) const {
    return a * i + b * j + c * row + d * column;
  }
};

struct Sizes {
  int n, c, h, w;  // x: images, channels, height, width
  int k, r, s;     // filters: how many, height, width
  int p, q;        // y: height, width
  int stride, pad, dilation, groups;
  bool nhwc;  // x and y are N H W C and the filter K R S C; otherwise N C H W and K C R S

  __host__ __device__ int group_c() const { return c / groups; }  // channels a filter sees
  __host__ __device__ int group_k() const { return k / groups; }  // filters that see a channel
  __host__ __device__ Strides x_strides() const { return strides(c, h, w); }
  __host__ __device__ Strides filter_strides() const { return strides(c / groups, r, s); }
  __host__ __device__ Strides y_strides() const { return strides(k, p, q); }

  std::int64_t x_count() const { return std::int64_t(n) * c * h * w; }
  std::int64_t filter_count() const { return std::int64_t(k) * group_c() * r * s; }
  std::int64_t y_count() const { return std::int64_t(n) * k * p * q; }

 private:
  __host__ __device__ Strides strides(int channels, int height, int width) const {
    return nhwc ? Strides{height * width * channels, 1, width * channels, channels}
                : Strides{channels * height * width, height * width, width, 1};
  }
};

// An output element's index in memory, taken apart.
struct Position {
  int n, channel, row, column;
};
__host__ __device__ inline Position position(int index, int channels, int height, int width, bool nhwc) {
  if (nhwc)
    return {index / (height * width * channels), index % channels, index / (width * channels) % height,
            index / channels % width};
  return {index / (height * width * channels), index / (height * width) % channels, index / width % height,
          index % width};
}

}  // namespace conv
