// The gradient by the filter as a matrix product for each group, whose second matrix exists only as a rule:
//
//   dfilter[k, (c, r, s)] = sum over pixels (n, p, q) of dy[k, pixel] * x[tap (c, r, s) of the pixel's
//   window]
//
// Here the sum runs over pixels, and it is the taps that never change for a thread: a block finds its 64 once
// and keeps them in shared memory, while the pixels' windows are found anew at every step.
#pragma once

#include <algorithm>

#include "kernels/convolution/sizes.hpp"
#include "kernels/gemm/tile.cuh"
#include "kernels/launch.cuh"

namespace conv {

using FilterTile = gemm::Tile<64, 64, 16, 32, 32, 8, 4>;

// How the sum over all pixels is cut into slices of equal length, one for each blockIdx.y.
struct Slices {
  std::int64_t pixels, length;  // length: a multiple of FilterTile::kK
  int count;
};
// At most as many slices as give about `blocks` blocks; none shorter than 256 pixels. The number depends on
// nothing but the sizes, so that the order of the additions is the same on every GPU.
inline Slices slices_for(const Sizes& z, std::int64_t blocks) {
  using T = FilterTile;
  const std::int64_t pixels = std::int64_t(z.n) * z.p * z.q;
  const std::int64_t tiles =
      ceil_div(z.group_k(), T::kM) * ceil_div(z.group_c() * z.r * z.s, T::kN) * z.groups;
  const std::int64_t wanted =
      std::clamp<std::int64_t>(blocks / tiles, 1, std::max<std::int64_t>(pixels / 256, 1));
  const std::int64_t length = std::max<std::int64_t>(ceil_div(ceil_div(pixels, wanted), T::kK), 1) * T::kK;
  return {pixels, length, static_cast<int>(std::max<std::int64_t>(ceil_div(pixels, length), 1))};
}

// Calls put(slice, index in dfilter, sum) for every weight and slice. Any layout; loads are contiguous in N C
// H W. Grid: (tiles of taps, tiles of filters, groups, the first fastest; slices).
template <class Put>
__global__ void __launch_bounds__(FilterTile::kThreads)
    backward_filter(Sizes a, const float* x, const float* dy, Slices slices, Put put) {
  using T = FilterTile;
  constexpr int kPitch = T::kM + 4, kColumns = T::kThreads / T::kK;  // threads along k, or along taps
  __shared__ __align__(16) float dys[T::kK][kPitch], xs[T::kK][kPitch];
  __shared__ int4 taps[T::kN];  // offset of the channel, row, column; offset in dfilter
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  const int width = a.group_c() * a.r * a.s;
  const int tiles_j = (width + T::kN - 1) / T::kN, tiles_i = (a.group_k() + T::kM - 1) / T::kM;
  const int j0 = blockIdx.x % tiles_j * T::kN, i0 = blockIdx.x / tiles_j % tiles_i * T::kM;
  const int group = blockIdx.x / tiles_j / tiles_i;
  const Strides sx = a.x_strides(), sy = a.y_strides(), sf = a.filter_strides();

  if (thread < T::kN) {
    const int j = j0 + thread, c = j / (a.r * a.s), r = j / a.s % a.r, s = j % a.s;
    // A column beyond the last looks at a row outside the image.
    taps[thread] =
        j < width ? int4{(group * a.group_c() + c) * sx.j, r * a.dilation, s * a.dilation, sf.at(0, c, r, s)}
                  : int4{0, -(1 << 30), 0, -1};
  }
  __syncthreads();

  const std::int64_t first = blockIdx.y * slices.length, end = min(first + slices.length, slices.pixels);
  const int depth = thread % T::kK, lane = thread / T::kK;  // neighbouring threads: neighbouring pixels
  float sum[T::kThreadM][T::kThreadN] = {};
  for (std::int64_t d0 = first; d0 < end; d0 += T::kK) {
    const std::int64_t pixel = d0 + depth;
    const bool exists = pixel < end;
    const int n = pixel / (a.p * a.q), p = pixel / a.q % a.p, q = pixel % a.q;
    const float* from_dy = dy + sy.at(n, group * a.group_k() + i0, p, q);
#pragma unroll
    for (int i = lane; i < T::kM; i += kColumns)
      dys[depth][i] = exists && i0 + i < a.group_k() ? from_dy[i * sy.j] : 0;
    const int h0 = p * a.stride - a.pad, w0 = q * a.stride - a.pad;
    const float* from_x = x + std::int64_t(n) * sx.i;
#pragma unroll
    for (int j = lane; j < T::kN; j += kColumns) {
      const int4 tap = taps[j];
      const int h = h0 + tap.y, w = w0 + tap.z;
      const bool inside = exists && h >= 0 && h < a.h && w >= 0 && w < a.w;
      xs[depth][j] = inside ? from_x[tap.x + h * sx.row + w * sx.column] : 0;
    }
    __syncthreads();
#pragma unroll 4
    for (int t = 0; t < T::kK; ++t) {
      float ra[T::kThreadM], rb[T::kThreadN];
      T::load_a(ra, &dys[t][row]);
      T::load_b(rb, &xs[t][column]);
      T::multiply(sum, ra, rb);
    }
    __syncthreads();
  }
#pragma unroll
  for (int r = 0; r < T::kThreadM; ++r)
#pragma unroll
    for (int s = 0; s < T::kThreadN; ++s) {
      const int i = i0 + row + r / 4 * 4 * T::kLanesM + r % 4, j = column + s / 4 * 4 * T::kLanesN + s % 4;
      if (i < a.group_k() && taps[j].w >= 0)
        put(int(blockIdx.y), (group * a.group_k() + i) * sf.i + taps[j].w, sum[r][s]);
    }
}

// Enqueues it.
template <class Put>
void correlate(const Sizes& z, const float* x, const float* dy, const Slices& slices, Put put,
               cudaStream_t stream) {
  using T = FilterTile;
  const std::int64_t tiles =
      ceil_div(z.group_k(), T::kM) * ceil_div(z.group_c() * z.r * z.s, T::kN) * z.groups;
  backward_filter<<<dim3(static_cast<unsigned>(tiles), slices.count), T::kThreads, 0, stream>>>(z, x, dy,
                                                                                                slices, put);
}

}  // namespace conv
