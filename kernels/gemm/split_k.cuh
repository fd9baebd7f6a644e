// One product cut into slices along k, whose sums are added up in a fixed order: deterministic, at the price
// of a workspace.
#pragma once

#include "kernels/gemm/product.cuh"
#include "kernels/gemm/quad.cuh"

namespace gemm {

// Rows of a slice's m x n sums start on 16-byte boundaries.
inline std::int64_t slice_pitch(int n) { return (std::int64_t(n) + 3) / 4 * 4; }
inline std::size_t slices_bytes(int m, int n, int slices) {
  return slices > 1 ? slices * m * slice_pitch(n) * sizeof(float) : 0;
}

// The same product in slices of `depth` along k, which leave their bare sums in `sums`. p has one slice.
inline Product cut(Product p, int depth, float* sums) {
  p.slices = pieces(p.k, depth);
  p.k_last = p.k - (p.slices - 1) * depth;
  p.k = depth;
  p.a.stride_z = depth * p.a.stride_k;
  p.b.stride_z = depth * p.b.stride_k;
  p.c = sums;
  p.ldc = slice_pitch(p.n);
  p.stride_c = p.m * p.ldc;
  p.alpha = 1;
  p.beta = 0;
  return p;
}

// C = alpha * (sum of the slices, first to last) + beta * C, a quad of a row a thread.
static __global__ void __launch_bounds__(256)
    add_slices(const float* sums, int slices, int m, int n, float* c, std::int64_t ldc, float alpha,
               float beta) {
  const std::int64_t pitch = (std::int64_t(n) + 3) / 4 * 4, size = m * pitch;
  const std::int64_t e = 4 * (std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x);
  if (e >= size) return;
  float4 sum = {0, 0, 0, 0};
  const std::int64_t i = e / pitch;
  const int j = static_cast<int>(e % pitch);
  for (int z = 0; z < slices; ++z) {
    const float4 s = load_quad(sums + z * size + e, n - j);
    sum = {sum.x + s.x, sum.y + s.y, sum.z + s.z, sum.w + s.w};
  }
  const float quad[4] = {sum.x, sum.y, sum.z, sum.w};
  float* to = c + i * ldc + j;
  store_quad(to, quad, alpha, beta, n - j, reinterpret_cast<std::uintptr_t>(to) % 16 == 0);
}

inline cudaError_t add_slices(const Product& slices, float* c, std::int64_t ldc, float alpha, float beta,
                              cudaStream_t stream) {
  const std::int64_t quads = slices.stride_c / 4;
  add_slices<<<static_cast<unsigned>((quads + 255) / 256), 256, 0, stream>>>(
      slices.c, slices.slices, slices.m, slices.n, c, ldc, alpha, beta);
  return cudaGetLastError();
}

}  // namespace gemm
