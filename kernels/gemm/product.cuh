// A product as the kernels under kernels/gemm see it: strides instead of transposes, and slices.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace gemm {

// op(A) or op(B). Element (x, k), x being a row of op(A) or a column of op(B), is
// data[x * stride_x + k * stride_k], one of the strides being 1; slice z begins z * stride_z further on.
struct Matrix {
  const float* data;
  std::int64_t stride_x, stride_k, stride_z;
};

// For every slice z: C_z = alpha * op(A_z) * op(B_z) + beta * C_z, all m x n, summed over k elements, over
// k_last in the last slice. The slices are a batch, or pieces of one sum along k. With beta == 0 C is not
// read.
struct Product {
  int m, n, k, k_last, slices;
  Matrix a, b;
  float* c;
  std::int64_t ldc, stride_c;
  float alpha, beta;
};

// The product of row-major matrices: op(X) is X or, with tx, its transpose, X having leading dimension ldx. A
// batch's matrices are stride_x floats apart.
inline Product row_major(int m, int n, int k, bool ta, bool tb, float alpha, const float* a, std::int64_t lda,
                         const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc,
                         int batch = 1, std::int64_t stride_a = 0, std::int64_t stride_b = 0,
                         std::int64_t stride_c = 0) {
  return {.m = m,
          .n = n,
          .k = k,
          .k_last = k,
          .slices = batch,
          .a = {a, ta ? 1 : lda, ta ? lda : 1, stride_a},
          .b = {b, tb ? ldb : 1, tb ? 1 : ldb, stride_b},
          .c = c,
          .ldc = ldc,
          .stride_c = stride_c,
          .alpha = alpha,
          .beta = beta};
}

// How many pieces of size `piece` cover `size`; unlike (size + piece - 1) / piece it cannot overflow.
__host__ __device__ constexpr int pieces(int size, int piece) { return size / piece + (size % piece != 0); }

// The block's tile (row, column in tiles). Blocks that run at the same time should share what they read of A
// and B in the L2 cache: 8 rows of tiles are walked down before the next column is.
//
//   0  8 16 …      a wave of 128 blocks reads 8 tiles of A and 16 of B instead of 1 and 128
//   1  9 17
//   …
//   7 15 23
__device__ inline int2 raster(int block, int rows, int columns) {
  constexpr int kGroup = 8;
  const int first = block / (kGroup * columns) * kGroup, height = min(kGroup, rows - first);
  const int r = block % (kGroup * columns);
  return {first + r % height, r / height};
}

}  // namespace gemm
