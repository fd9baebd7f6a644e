// SGEMM for compute capability 8.0 and up: cp.async through a ring of stages, fragments read a step ahead.
// Takes every layout: an operand comes in quads where it is contiguous along x and on 16-byte boundaries, and
// by single elements otherwise.
#pragma once

#include "kernels/gemm/copy.cuh"
#include "kernels/gemm/product.cuh"
#include "kernels/gemm/tile.cuh"

namespace gemm {

template <class T, int kStages>
constexpr int kMultistageBytes = kStages* T::kK*(kPitch<T::kM> + kPitch<T::kN>)*int(sizeof(float));

// Grid: (tiles of C, 1, slices). Block: T::kThreads. Dynamic shared memory: kMultistageBytes<T, kStages>.
template <class T, int kStages, int kBlocksPerSm, bool kQuadsA, bool kQuadsB>
__global__ void __launch_bounds__(T::kThreads, kBlocksPerSm) sgemm_multistage(Product p) {
  constexpr int kSizeA = T::kK * kPitch<T::kM>, kSizeB = T::kK * kPitch<T::kN>;
  extern __shared__ __align__(128) float shared[];
  float *const tiles_a = shared, *const tiles_b = shared + kStages * kSizeA;
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  const int2 tile = raster(blockIdx.x, pieces(p.m, T::kM), pieces(p.n, T::kN));
  const int i0 = tile.x * T::kM, j0 = tile.y * T::kN, z = blockIdx.z;
  const int k = z + 1 < p.slices ? p.k : p.k_last;
  const float* from_a = p.a.data + z * p.a.stride_z + i0 * p.a.stride_x;
  const float* from_b = p.b.data + z * p.b.stride_z + j0 * p.b.stride_x;

  int k_left = k;  // to copy
  const auto start = [&](int slot) {
    if (k_left > 0) {
      float *const a = tiles_a + slot * kSizeA, *const b = tiles_b + slot * kSizeB;
      if constexpr (kQuadsA)
        copy_quads<T::kM, T::kK, T::kThreads>(a, from_a, p.a.stride_k, p.m - i0, k_left, thread);
      else
        copy_elements<T::kM, T::kK, T::kThreads>(a, from_a, p.a.stride_x, p.a.stride_k, p.m - i0, k_left,
                                                 thread);
      if constexpr (kQuadsB)
        copy_quads<T::kN, T::kK, T::kThreads>(b, from_b, p.b.stride_k, p.n - j0, k_left, thread);
      else
        copy_elements<T::kN, T::kK, T::kThreads>(b, from_b, p.b.stride_x, p.b.stride_k, p.n - j0, k_left,
                                                 thread);
      from_a += T::kK * p.a.stride_k;
      from_b += T::kK * p.b.stride_k;
      k_left -= T::kK;
    }
    ptx::cp_async_commit();
  };
  float a[2][T::kThreadM], b[2][T::kThreadN];
  const auto load = [&](int set, int slot, int q) {
    T::load_a(a[set], tiles_a + slot * kSizeA + q * kPitch<T::kM> + row);
    T::load_b(b[set], tiles_b + slot * kSizeB + q * kPitch<T::kN> + column);
  };

  float sum[T::kThreadM][T::kThreadN] = {};
  for (int slot = 0; slot < kStages; ++slot) start(slot);
  ptx::cp_async_wait<kStages - 1>();
  __syncthreads();
  if (k > 0) load(0, 0, 0);
  for (int slot = 0, left = k; left > 0; left -= T::kK) {
    const int next = slot + 1 < kStages ? slot + 1 : 0;
#pragma unroll
    for (int q = 0; q < T::kK; ++q) {
      if (q + 1 < T::kK) {
        load((q + 1) % 2, slot, q + 1);
      } else {
        ptx::cp_async_wait<kStages - 2>();
        __syncthreads();  // the next tile is complete, and this one's fragments have all been read
        start(slot);
        if (left > T::kK) load(0, next, 0);
      }
      T::multiply(sum, a[q % 2], b[q % 2]);
    }
    slot = next;
  }
  ptx::cp_async_wait<0>();
  T::store(sum, p.c + z * p.stride_c, p.ldc, p.m, p.n, i0, j0, thread, p.alpha, p.beta);
}

// Enqueues the product; m, n and slices must not be 0, slices at most 65535.
template <class T, int kStages, int kBlocksPerSm>
cudaError_t multistage(const Product& p, cudaStream_t stream) {
  const auto quads = [](const Matrix& x) {
    return x.stride_x == 1 && x.stride_k % 4 == 0 && x.stride_z % 4 == 0 &&
           reinterpret_cast<std::uintptr_t>(x.data) % 16 == 0;
  };
  const auto kernel = quads(p.a)   ? quads(p.b) ? sgemm_multistage<T, kStages, kBlocksPerSm, true, true>
                                                : sgemm_multistage<T, kStages, kBlocksPerSm, true, false>
                        : quads(p.b) ? sgemm_multistage<T, kStages, kBlocksPerSm, false, true>
                                   : sgemm_multistage<T, kStages, kBlocksPerSm, false, false>;
  constexpr int kBytes = kMultistageBytes<T, kStages>;
  if (const cudaError_t e = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes))
    return e;
  const unsigned tiles = unsigned(pieces(p.m, T::kM)) * pieces(p.n, T::kN);
  kernel<<<dim3(tiles, 1, p.slices), T::kThreads, kBytes, stream>>>(p);
  return cudaGetLastError();
}

}  // namespace gemm
