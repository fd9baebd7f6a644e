// Asynchronous copies of a tile of op(A) or op(B) into shared memory. Either way the tile lies there as
// kK rows of kX floats, x being a row of op(A) or a column of op(B), so that a thread's fragment is
// contiguous.
#pragma once

#include <cstdint>

#include "kernels/ptx.cuh"

namespace gemm {

// Rows of a shared tile are padded by one quad: that keeps quads aligned, and moves the bank by 4 from row to
// row, so that copy_elements' 8 x 4 patches fill all 32 banks.
template <int kX>
constexpr int kPitch = kX + 4;

// Element (x, k) of the source is from[k * stride_k + x]: quads along x, 16 bytes each. `from` and every row
// must be 16-byte aligned. Elements at k >= k_left or x >= x_left become zero and are not read.
template <int kX, int kK, int kThreads>
__device__ void copy_quads(float* tile, const float* from, std::int64_t stride_k, int x_left, int k_left,
                           int thread) {
  constexpr int kQuads = kX / 4, kRows = kThreads / kQuads;  // rows that the block copies at a time
  static_assert(kThreads % kQuads == 0 && kK % kRows == 0);
  const int x = thread % kQuads * 4, k = thread / kQuads;
  const int valid = 4 * min(max(x_left - x, 0), 4);
  tile += k * kPitch<kX> + x;
  from += k * stride_k + x;
#pragma unroll
  for (int row = 0; row < kK; row += kRows, from += kRows * stride_k)
    ptx::cp_async_16(tile + row * kPitch<kX>, from, k + row < k_left ? valid : 0);
}

// Element (x, k) of the source is from[x * stride_x + k * stride_k], any strides and any alignment: 4 bytes a
// copy. A warp copies patches of 8 k by 4 x: where k is contiguous, those are whole 32-byte sectors, turned
// on their way.
template <int kX, int kK, int kThreads>
__device__ void copy_elements(float* tile, const float* from, std::int64_t stride_x, std::int64_t stride_k,
                              int x_left, int k_left, int thread) {
  constexpr int kPatches = kK / 8,
                kColumns = kThreads / kK;  // patches along k; x that the block copies at a time
  static_assert(kK % 8 == 0 && kThreads / 32 % kPatches == 0 && kX % kColumns == 0);
  const int lane = thread % 32, warp = thread / 32;
  const int k = warp % kPatches * 8 + lane % 8, x = warp / kPatches * 4 + lane / 8;
  tile += k * kPitch<kX> + x;
  from += x * stride_x + k * stride_k;
  if (k >= k_left) x_left = 0;
#pragma unroll
  for (int column = 0; column < kX; column += kColumns, from += kColumns * stride_x)
    ptx::cp_async_4(tile + column, from, x + column < x_left ? 4 : 0);
}

}  // namespace gemm
