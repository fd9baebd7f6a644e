// The implicit GEMM of implicit.cuh for N H W C, with pixels as rows. Four neighbouring t are four
// neighbouring channels of one pixel: one rule and one 16-byte load for four elements.
#pragma once

#include "kernels/convolution/implicit.cuh"
#include "kernels/gemm/tile.cuh"
#include "kernels/launch.cuh"

namespace conv {

using ChannelTile = gemm::Tile<128, 64, 8, 64, 32, 8, 8>;

// Channels in a group of the input must be a multiple of 4, and the input 16-byte aligned.
inline bool takes_quads(const Implicit& v) { return v.nhwc && v.in_channels / v.groups % 4 == 0; }

// out = f(in * filter). The next step's loads go to registers while this step is multiplied, and from there,
// turned, to the other half of shared memory: one barrier a step. Grid: tiles of channels, groups, tiles of
// pixels.
template <class F>
__global__ void __launch_bounds__(ChannelTile::kThreads)
    implicit_gemm_rows(Implicit v, Packed packed, const float* in, float* out, F f) {
  using T = ChannelTile;
  static_assert(T::kThreads == T::kM && T::kThreads == T::kK * T::kN / 4 && T::kK == 8);
  // The pitch puts the rows of a pixel's two quads 16 banks apart: 16 pixels by 2 quads meet in no bank.
  __shared__ __align__(16) float ins[2][T::kK][T::kM + 4], filters[2][T::kK][T::kN];
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  const int tiles = v.padded_rows() / T::kN, tile = blockIdx.x % (tiles * v.groups), group = tile / tiles;
  const int j0 = tile % tiles * T::kN, i0 = blockIdx.x / (tiles * v.groups) * T::kM;

  // Two threads bring the 32 bytes of one pixel; each does so for two pixels.
  const int pixel = thread / 2, quad = thread % 2 * 4;
  const Window windows[2] = {window_of(v, in, group, i0 + pixel),
                             window_of(v, in, group, i0 + pixel + T::kM / 2)};
  const int ft = thread / (T::kN / 4), fj = thread % (T::kN / 4) * 4;
  const float* filter =
      packed.filter + (std::int64_t(group) * v.padded_depth() + ft) * v.padded_rows() + j0 + fj;

  float4 next[2], next_filter;
  const auto load = [&](int t0) {
    const Tap tap = packed.taps[t0 + quad];
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const float* at = see(v, windows[i], tap);
      next[i] = at ? *reinterpret_cast<const float4*>(at) : float4{0, 0, 0, 0};
    }
    next_filter = *reinterpret_cast<const float4*>(filter + std::int64_t(t0) * v.padded_rows());
  };
  const auto keep = [&](int half) {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      float* to = &ins[half][quad][pixel + i * (T::kM / 2)];
      constexpr int kPitch = T::kM + 4;
      to[0] = next[i].x, to[kPitch] = next[i].y, to[2 * kPitch] = next[i].z, to[3 * kPitch] = next[i].w;
    }
    *reinterpret_cast<float4*>(&filters[half][ft][fj]) = next_filter;
  };

  float sum[T::kThreadM][T::kThreadN] = {};
  load(0);
  keep(0);
  for (int t0 = 0, half = 0; t0 < v.padded_depth(); t0 += T::kK, half ^= 1) {
    __syncthreads();  // this half is whole, and everybody has left the other
    const bool more = t0 + T::kK < v.padded_depth();
    if (more) load(t0 + T::kK);
#pragma unroll
    for (int q = 0; q < T::kK; ++q) {
      float ra[T::kThreadM], rb[T::kThreadN];
      T::load_a(ra, &ins[half][q][row]);
      T::load_b(rb, &filters[half][q][column]);
      T::multiply(sum, ra, rb);
    }
    if (more) keep(half ^ 1);
  }
  store_rows<T>(sum, output_of(v, out), group * v.rows(), v.rows(), i0, j0, thread, f);
}

// Enqueues it. v.pixels() must not be 0, and takes_quads(v) must hold; workspace: packed_bytes(v), 16-byte
// aligned.
template <bool kBackward, class F>
void implicit_gemm_quads(const Implicit& v, const Sizes& z, const float* in, const float* filter, float* out,
                         F f, void* workspace, cudaStream_t stream) {
  const Packed packed = pack_filter<kBackward>(v, z, filter, workspace, stream);
  const std::int64_t blocks =
      ceil_div(v.pixels(), ChannelTile::kM) * (v.padded_rows() / ChannelTile::kN) * v.groups;
  implicit_gemm_rows<<<static_cast<unsigned>(blocks), ChannelTile::kThreads, 0, stream>>>(v, packed, in, out,
                                                                                          f);
}

}  // namespace conv
