// The index arithmetic is done once and kept in a table: row t of the second matrix lies at the same distance
// from the corner of every pixel's window.
//
//   taps[t]                     window of pixel j            element (t, j)
//   channel, row, column    +   image, row, column      =    an address, or zero outside the image
//
// A table entry is one 16-byte load that a whole warp shares; two divisions and three multiplications
// disappear from each element. The filter is packed with its rows (k) contiguous in the same pass, padded
// with zeros to whole tiles, so that it is read in quads without a condition.
#include "kernels/convolution/implicit.cuh"
#include "kernels/gemm/tile.cuh"
#include "kernels/launch.cuh"
#include "problem.hpp"

using T = gemm::Tile<64, 128, 8, 32, 64, 8, 8>;
static_assert(T::kThreads == T::kN && T::kThreads == T::kK * T::kM / 4);

static __global__ void __launch_bounds__(T::kThreads)
    forward_offsets(conv::Implicit v, conv::Packed packed, const float* x, float* y) {
  __shared__ __align__(16) float filters[T::kK][T::kM], xs[T::kK][T::kN];
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  const int tiles = v.padded_rows() / T::kM, tile = blockIdx.x % (tiles * v.groups), group = tile / tiles;
  const int i0 = tile % tiles * T::kM, j0 = blockIdx.x / (tiles * v.groups) * T::kN;
  const conv::Window window = conv::window_of(v, x, group, j0 + thread);

  const int t_of_quad = thread / (T::kM / 4), i_of_quad = thread % (T::kM / 4) * 4;
  const float* filter =
      packed.filter + (std::int64_t(group) * v.padded_depth() + t_of_quad) * v.padded_rows() + i0 + i_of_quad;

  float sum[T::kThreadM][T::kThreadN] = {};
  for (int t0 = 0; t0 < v.padded_depth(); t0 += T::kK) {
    *reinterpret_cast<float4*>(&filters[t_of_quad][i_of_quad]) =
        *reinterpret_cast<const float4*>(filter + std::int64_t(t0) * v.padded_rows());
#pragma unroll
    for (int t = 0; t < T::kK; ++t) {
      const float* at = conv::see(v, window, packed.taps[t0 + t]);
      xs[t][thread] = at ? *at : 0;
    }
    __syncthreads();
    for (int q = 0; q < T::kK; ++q) {
      float ra[T::kThreadM], rb[T::kThreadN];
      T::load_a(ra, &filters[q][row]);
      T::load_b(rb, &xs[q][column]);
      T::multiply(sum, ra, rb);
    }
    __syncthreads();
  }
  conv::store_columns<T>(sum, conv::output_of(v, y), group * v.rows(), v.rows(), i0, j0, thread,
                         conv::Identity{});
}

static void launch(const Forward<>::Args& a, const bench::Context& ctx) {
  if (a.n == 0) return;
  const conv::Implicit v = conv::implicit_forward(a);
  const conv::Packed packed = conv::pack_filter<false>(v, a, a.filter, ctx.workspace, ctx.stream);
  const std::int64_t blocks = ceil_div(v.pixels(), T::kN) * (v.padded_rows() / T::kM) * v.groups;
  forward_offsets<<<static_cast<unsigned>(blocks), T::kThreads, 0, ctx.stream>>>(v, packed, a.x, a.y);
}

static const bench::Rung<Forward<>> rung({
    .title = "Implicit GEMM, offsets from a table",
    .idea = "one shared 16-byte load replaces two divisions and three multiplications for each element",
    .run = launch,
    .needs = [](const Forward<>::Args& a) -> std::string { return a.nhwc ? "needs nhwc = 0" : ""; },
    .workspace = [](const Forward<>::Args& a) { return conv::packed_bytes(conv::implicit_forward(a)); },
});
