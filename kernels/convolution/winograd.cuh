// Winograd's minimal filtering F(m x m, 3 x 3) (Winograd 1980; Lavin and Gray 2016): an m x m tile of outputs
// from an (m + 2) x (m + 2) tile of inputs d and the filter g, with (m + 2)^2 multiplications instead of 9
// m^2:
//
//   Y = A^T [ (G g G^T) * (B^T d B) ] A        * being element by element
//
// Summed over channels, the element-wise products are (m + 2)^2 independent matrix products: that is where
// the time goes, and they are what the GEMM is for.
#pragma once

#include <utility>

#include "kernels/convolution/sizes.hpp"
#include "kernels/convolution/winograd.hpp"
#include "kernels/gemm/sgemm.hpp"
#include "kernels/launch.cuh"

namespace conv {

// out = M in, M being kRows x kInner and `m` giving its elements. Zeros cost nothing: all is unrolled.
template <int kRows, int kInner, int kColumns, class M>
__device__ void multiply_left(M m, const float (&in)[kInner][kColumns], float (&out)[kRows][kColumns]) {
#pragma unroll
  for (int i = 0; i < kRows; ++i)
#pragma unroll
    for (int j = 0; j < kColumns; ++j) {
      out[i][j] = 0;
#pragma unroll
      for (int t = 0; t < kInner; ++t)
        if (m(i, t) != 0) out[i][j] += m(i, t) * in[t][j];
    }
}
// out = in M^T
template <int kRows, int kInner, int kColumns, class M>
__device__ void multiply_right(M m, const float (&in)[kRows][kInner], float (&out)[kRows][kColumns]) {
#pragma unroll
  for (int i = 0; i < kRows; ++i)
#pragma unroll
    for (int j = 0; j < kColumns; ++j) {
      out[i][j] = 0;
#pragma unroll
      for (int t = 0; t < kInner; ++t)
        if (m(j, t) != 0) out[i][j] += m(j, t) * in[i][t];
    }
}

// Where the transformed tensors lie in the workspace; e counts the (m + 2)^2 elements of a tile.
struct WinogradBuffers {
  int rows, columns, tiles;  // of the output: tiles down, tiles across, all tiles of all images
  int pitch_k, pitch_t;      // k and tiles, rounded up to whole quads
  float *filter, *in, *out;  // [e][c][pitch_k], [e][c][pitch_t], [e][k][pitch_t]
  gemm::Product product;     // for every e: out = filter^T in
  void* gemm;                // its workspace
  std::size_t bytes;
};
template <int kM>
WinogradBuffers winograd_buffers(const Sizes& z, void* workspace) {
  WinogradBuffers b{};
  const auto quads = [](std::int64_t n) { return static_cast<int>(ceil_div(n, 4) * 4); };
  b.rows = static_cast<int>(ceil_div(z.p, kM)), b.columns = static_cast<int>(ceil_div(z.q, kM));
  b.tiles = z.n * b.rows * b.columns;
  b.pitch_k = quads(z.k), b.pitch_t = quads(b.tiles);
  const std::size_t e = (kM + 2) * (kM + 2);
  // In floats, rounded up so that each part begins on 256 bytes.
  const auto part = [&](std::size_t floats) {
    return std::exchange(b.bytes, b.bytes + (floats * 4 + 255) / 256 * 256);
  };
  const auto at = [&](std::size_t offset) {
    return reinterpret_cast<float*>(static_cast<char*>(workspace) + offset);
  };
  b.filter = at(part(e * z.c * b.pitch_k));
  b.in = at(part(e * z.c * b.pitch_t));
  b.out = at(part(e * z.k * b.pitch_t));
  b.gemm = at(b.bytes);
  b.product = gemm::row_major(z.k, b.tiles, z.c, true, false, 1, b.filter, b.pitch_k, b.in, b.pitch_t, 0,
                              b.out, b.pitch_t, e, std::int64_t(z.c) * b.pitch_k,
                              std::int64_t(z.c) * b.pitch_t, std::int64_t(z.k) * b.pitch_t);
  b.bytes += gemm::sgemm_workspace(b.product);
  return b;
}

// G g G^T. One thread for each (c, k), k first.
template <int kM>
__global__ void winograd_filter(Sizes z, const float* filter, WinogradBuffers b) {
  constexpr int kN = kM + 2;
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int k = i % z.k, c = i / z.k;
  if (i >= std::int64_t(z.c) * z.k) return;
  float g[3][3], half[kN][3], u[kN][kN];
#pragma unroll
  for (int t = 0; t < 9; ++t) g[t / 3][t % 3] = filter[(std::int64_t(k) * z.c + c) * 9 + t];
  multiply_left([](int x, int y) { return Winograd<kM>::g(x, y); }, g, half);
  multiply_right([](int x, int y) { return Winograd<kM>::g(x, y); }, half, u);
#pragma unroll
  for (int e = 0; e < kN * kN; ++e) b.filter[(std::int64_t(e) * z.c + c) * b.pitch_k + k] = u[e / kN][e % kN];
}

// B^T d B. One thread for each (c, tile), tiles first.
template <int kM>
__global__ void winograd_in(Sizes z, const float* x, WinogradBuffers b) {
  constexpr int kN = kM + 2;
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int tile = i % b.tiles, c = i / b.tiles;
  if (i >= std::int64_t(b.tiles) * z.c) return;
  const int n = tile / (b.rows * b.columns), h0 = tile / b.columns % b.rows * kM - z.pad;
  const int w0 = tile % b.columns * kM - z.pad;
  const float* plane = x + (std::int64_t(n) * z.c + c) * z.h * z.w;
  float d[kN][kN], half[kN][kN], v[kN][kN];
#pragma unroll
  for (int e = 0; e < kN * kN; ++e) {
    const int h = h0 + e / kN, w = w0 + e % kN;
    d[e / kN][e % kN] = h >= 0 && h < z.h && w >= 0 && w < z.w ? plane[h * z.w + w] : 0;
  }
  multiply_left([](int s, int t) { return Winograd<kM>::b(s, t); }, d, half);
  multiply_right([](int s, int t) { return Winograd<kM>::b(s, t); }, half, v);
#pragma unroll
  for (int e = 0; e < kN * kN; ++e) b.in[(std::int64_t(e) * z.c + c) * b.pitch_t + tile] = v[e / kN][e % kN];
}

// y = f(A^T m A). One thread for each (k, tile), tiles first.
template <int kM, class F>
__global__ void winograd_out(Sizes z, WinogradBuffers b, float* y, F f) {
  constexpr int kN = kM + 2;
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int tile = i % b.tiles, k = i / b.tiles;
  if (i >= std::int64_t(b.tiles) * z.k) return;
  float m[kN][kN], half[kM][kN], out[kM][kM];
#pragma unroll
  for (int e = 0; e < kN * kN; ++e) m[e / kN][e % kN] = b.out[(std::int64_t(e) * z.k + k) * b.pitch_t + tile];
  multiply_left([](int s, int t) { return Winograd<kM>::a(s, t); }, m, half);
  multiply_right([](int s, int t) { return Winograd<kM>::a(s, t); }, half, out);
  const int n = tile / (b.rows * b.columns);
  const int p0 = tile / b.columns % b.rows * kM, q0 = tile % b.columns * kM;
#pragma unroll
  for (int e = 0; e < kM * kM; ++e) {
    const int p = p0 + e / kM, q = q0 + e % kM;
    if (p < z.p && q < z.q) y[((std::int64_t(n) * z.k + k) * z.p + p) * z.q + q] = f(out[e / kM][e % kM], k);
  }
}

// What it takes.
inline bool is_winograd(const Sizes& z) {
  return !z.nhwc && z.r == 3 && z.s == 3 && z.stride == 1 && z.dilation == 1 && z.groups == 1;
}

// Enqueues it. z.n must not be 0; workspace: winograd_buffers<kM>(z, nullptr).bytes, 256-byte aligned.
template <int kM, class F>
void winograd(const Sizes& z, const float* x, const float* filter, float* y, F f, void* workspace,
              cudaStream_t stream) {
  constexpr int kThreads = 128;
  const auto blocks = [](std::int64_t items) { return static_cast<unsigned>(ceil_div(items, kThreads)); };
  const WinogradBuffers b = winograd_buffers<kM>(z, workspace);
  winograd_filter<kM><<<blocks(std::int64_t(z.c) * z.k), kThreads, 0, stream>>>(z, filter, b);
  winograd_in<kM><<<blocks(std::int64_t(z.c) * b.tiles), kThreads, 0, stream>>>(z, x, b);
  gemm::sgemm(b.product, b.gemm, stream);
  winograd_out<kM><<<blocks(std::int64_t(z.k) * b.tiles), kThreads, 0, stream>>>(z, b, y, f);
}

}  // namespace conv
