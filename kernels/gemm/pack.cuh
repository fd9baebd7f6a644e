// Copies op(A) or op(B) into the order in which the copy engine can bring it: x contiguous, rows of k on
// 16-byte boundaries. m*k reads and writes beside m*n*k multiply-adds: for large products far less than what
// it saves.
#pragma once

#include "kernels/gemm/product.cuh"

namespace gemm {

inline std::int64_t packed_pitch(int x) { return (std::int64_t(x) + 31) / 32 * 32; }

// to[k * pitch + x] = element (x, k) of `from`, for x < size and k < depth. 32 x 32 tiles go through shared
// memory, because the source is read along k (or x, whichever is contiguous) and the copy is written along x.
// Grid: tiles. Block: 32 x 8.
static __global__ void __launch_bounds__(256)
    pack_tiles(Matrix from, int size, int depth, float* to, std::int64_t pitch) {
  __shared__ float tile[32][33];
  const int tiles_x = pieces(size, 32);
  const int x0 = blockIdx.x % tiles_x * 32, k0 = blockIdx.x / tiles_x * 32;
  const bool along_k = from.stride_k == 1;
  for (int y = threadIdx.y; y < 32; y += 8) {
    const int x = along_k ? y : threadIdx.x, k = along_k ? threadIdx.x : y;
    if (x0 + x < size && k0 + k < depth)
      tile[k][x] = from.data[(x0 + x) * from.stride_x + (k0 + k) * from.stride_k];
  }
  __syncthreads();
  for (int k = threadIdx.y; k < 32; k += 8)
    if (x0 + int(threadIdx.x) < size && k0 + k < depth)
      to[(k0 + k) * pitch + x0 + threadIdx.x] = tile[k][threadIdx.x];
}

// Enqueues the copy and returns the packed matrix; `to` has depth * packed_pitch(size) floats.
inline Matrix pack(const Matrix& from, int size, int depth, float* to, cudaStream_t stream) {
  const unsigned tiles = unsigned(pieces(size, 32)) * pieces(depth, 32);
  pack_tiles<<<tiles, dim3(32, 8), 0, stream>>>(from, size, depth, to, packed_pitch(size));
  return {.data = to, .stride_x = 1, .stride_k = packed_pitch(size), .stride_z = 0};
}

}  // namespace gemm
