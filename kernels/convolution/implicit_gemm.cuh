// The implicit GEMM of implicit.cuh as a pipeline: cp.async brings tiles for later steps while one is
// multiplied.
#pragma once

#include "kernels/convolution/implicit.cuh"
#include "kernels/gemm/tile.cuh"
#include "kernels/launch.cuh"
#include "kernels/ptx.cuh"

namespace conv {

using PixelTile = gemm::Tile<64, 128, 16, 32, 64, 8, 8>;
constexpr int kStages = 4;

// out = f(filter * in), in either layout; loads are contiguous in N C H W. Grid: tiles of rows, groups, tiles
// of pixels, the first fastest.
template <class F>
__global__ void __launch_bounds__(PixelTile::kThreads)
    implicit_gemm_columns(Implicit v, Packed packed, const float* in, float* out, F f) {
  using T = PixelTile;
  static_assert(T::kThreads == T::kN && Implicit::kRows % T::kM == 0 && Implicit::kDepth % T::kK == 0);
  __shared__ __align__(16) float filters[kStages][T::kK][T::kM], ins[kStages][T::kK][T::kN];
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  const int tiles = v.padded_rows() / T::kM, tile = blockIdx.x % (tiles * v.groups), group = tile / tiles;
  const int i0 = tile % tiles * T::kM, j0 = blockIdx.x / (tiles * v.groups) * T::kN;
  const Window window = window_of(v, in, group, j0 + thread);
  const float* filter = packed.filter + std::int64_t(group) * v.padded_depth() * v.padded_rows() + i0;
  const int steps = v.padded_depth() / T::kK;

  const auto start = [&](int step) {
    if (step < steps) {
      const int slot = step % kStages, t0 = step * T::kK;
#pragma unroll
      for (int e = thread; e < T::kK * T::kM / 4; e += T::kThreads) {
        const int t = e / (T::kM / 4), i = e % (T::kM / 4) * 4;
        ptx::cp_async_16(&filters[slot][t][i], filter + std::int64_t(t0 + t) * v.padded_rows() + i, 16);
      }
#pragma unroll
      for (int t = 0; t < T::kK; ++t) {
        const float* at = see(v, window, packed.taps[t0 + t]);
        ptx::cp_async_4(&ins[slot][t][thread], at ? at : in, at ? 4 : 0);  // 0: fills with zeros
      }
    }
    ptx::cp_async_commit();  // empty groups too, so that counting groups counts steps
  };

  float sum[T::kThreadM][T::kThreadN] = {};
  for (int step = 0; step < kStages - 1; ++step) start(step);
  for (int step = 0; step < steps; ++step) {
    ptx::cp_async_wait<kStages - 2>();  // this thread's part of the step has landed …
    __syncthreads();                    // … and everybody's; and everybody has left the step before
    start(step + kStages - 1);
    const int slot = step % kStages;
#pragma unroll 4
    for (int q = 0; q < T::kK; ++q) {
      float ra[T::kThreadM], rb[T::kThreadN];
      T::load_a(ra, &filters[slot][q][row]);
      T::load_b(rb, &ins[slot][q][column]);
      T::multiply(sum, ra, rb);
    }
  }
  ptx::cp_async_wait<0>();
  store_columns<T>(sum, output_of(v, out), group * v.rows(), v.rows(), i0, j0, thread, f);
}

// Enqueues it. v.pixels() must not be 0; workspace: packed_bytes(v), 16-byte aligned.
template <bool kBackward, class F>
void implicit_gemm(const Implicit& v, const Sizes& z, const float* in, const float* filter, float* out, F f,
                   void* workspace, cudaStream_t stream) {
  const Packed packed = pack_filter<kBackward>(v, z, filter, workspace, stream);
  const std::int64_t blocks =
      ceil_div(v.pixels(), PixelTile::kN) * (v.padded_rows() / PixelTile::kM) * v.groups;
  implicit_gemm_columns<<<static_cast<unsigned>(blocks), PixelTile::kThreads, 0, stream>>>(v, packed, in, out,
                                                                                           f);
}

}  // namespace conv
