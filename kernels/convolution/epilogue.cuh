// From a block's sums to the output tensor, through a function of the value and its channel.
#pragma once

#include <cstdint>

namespace conv {

struct Identity {
  __device__ float operator()(float value, int) const { return value; }
};
struct AddBiasRelu {
  const float* bias;
  __device__ float operator()(float value, int channel) const { return fmaxf(value + bias[channel], 0.0f); }
};

// Rows of the tile T are the group's channels, columns are pixels of all images. The tile's first element is
// (i0, j0); rows beyond `rows` and columns beyond images * plane are dropped. first: the group's first
// channel.
template <class T, class F>
__device__ void store_columns(const float (&sum)[T::kThreadM][T::kThreadN], float* out, int channels,
                              int first, int rows, int images, int plane, bool nhwc, int i0, int j0,
                              int thread, F f) {
  const int step = nhwc ? 1 : plane;  // from one channel to the next
#pragma unroll
  for (int s = 0; s < T::kThreadN; ++s) {
    const int j = j0 + T::column(thread) + s / 4 * 4 * T::kLanesN + s % 4;
    const int image = j / plane;
    if (image >= images) continue;
    float* const to = out + std::int64_t(image) * channels * plane +
                      (nhwc ? j % plane * channels : j % plane) + std::int64_t(first) * step;
#pragma unroll
    for (int r = 0; r < T::kThreadM; ++r) {
      const int i = i0 + T::row(thread) + r / 4 * 4 * T::kLanesM + r % 4;
      if (i < rows) to[std::int64_t(i) * step] = f(sum[r][s], first + i);
    }
  }
}

// N H W C, rows of the tile being pixels of all images, columns the group's channels.
template <class T, class F>
__device__ void store_rows(const float (&sum)[T::kThreadM][T::kThreadN], float* out, int channels, int first,
                           int columns, int pixels, int i0, int j0, int thread, F f) {
#pragma unroll
  for (int r = 0; r < T::kThreadM; ++r) {
    const int i = i0 + T::row(thread) + r / 4 * 4 * T::kLanesM + r % 4;
    if (i >= pixels) continue;
    float* const to = out + std::int64_t(i) * channels + first;
#pragma unroll
    for (int s = 0; s < T::kThreadN; ++s) {
      const int j = j0 + T::column(thread) + s / 4 * 4 * T::kLanesN + s % 4;
      if (j < columns) to[j] = f(sum[r][s], first + j);
    }
  }
}

}  // namespace conv
