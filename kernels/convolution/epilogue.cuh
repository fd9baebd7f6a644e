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

// A tensor of all groups' channels, and where in it an output pixel lies.
template <class Place>
struct Output {
  float* data;
  int channels, plane;  // of all groups; height * width
  bool nhwc;
  int pixels;   // how many there are to store
  Place place;  // pixel -> its index among all images' pixels
};

// The group's channels [first, first + count) are the rows of the tile T, pixels its columns. Its first
// element is (i0, j0); what lies beyond the last channel or pixel is dropped.
template <class T, class Place, class F>
__device__ void store_columns(const float (&sum)[T::kThreadM][T::kThreadN], const Output<Place>& out,
                              int first, int count, int i0, int j0, int thread, F f) {
  const int step = out.nhwc ? 1 : out.plane;  // from one channel to the next
#pragma unroll
  for (int s = 0; s < T::kThreadN; ++s) {
    const int j = j0 + T::column(thread) + s / 4 * 4 * T::kLanesN + s % 4;
    if (j >= out.pixels) continue;
    const int at = out.place(j);
    float* const to = out.data + std::int64_t(first) * step +
                      (out.nhwc ? std::int64_t(at) * out.channels
                                : std::int64_t(at / out.plane) * out.channels * out.plane + at % out.plane);
#pragma unroll
    for (int r = 0; r < T::kThreadM; ++r) {
      const int i = i0 + T::row(thread) + r / 4 * 4 * T::kLanesM + r % 4;
      if (i < count) to[std::int64_t(i) * step] = f(sum[r][s], first + i);
    }
  }
}

// The same with pixels as rows and channels as columns, for N H W C.
template <class T, class Place, class F>
__device__ void store_rows(const float (&sum)[T::kThreadM][T::kThreadN], const Output<Place>& out, int first,
                           int count, int i0, int j0, int thread, F f) {
#pragma unroll
  for (int r = 0; r < T::kThreadM; ++r) {
    const int i = i0 + T::row(thread) + r / 4 * 4 * T::kLanesM + r % 4;
    if (i >= out.pixels) continue;
    float* const to = out.data + std::int64_t(out.place(i)) * out.channels + first;
#pragma unroll
    for (int s = 0; s < T::kThreadN; ++s) {
      const int j = j0 + T::column(thread) + s / 4 * 4 * T::kLanesN + s % 4;
      if (j < count) to[j] = f(sum[r][s], first + j);
    }
  }
}

}  // namespace conv
