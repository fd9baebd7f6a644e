// SGEMM for Hopper: a producer keeps the copy engine (TMA) busy, the other warps only read shared memory
// and multiply.
//
//   producer: 1 thread                   ring of kStages slots          consumers: T::kThreads
//   wait empty[s] ───────────────────────── empty[s] ◄───────────────── a lane of each warp arrives
//   expect bytes, start 2 copies ──► A[s] B[s], full[s] ──────────────► wait full[s], read fragments,
//   multiply
//
// One thread starts a tile with two instructions, where cp.async took each thread a dozen with their address
// arithmetic; and no warp waits for another at a block-wide barrier. The producer is a warpgroup of its own,
// of which one thread works, because registers can be handed over between warpgroups only: a multiprocessor's
// quarter holds 512 for each lane, so three equal warps would get 168 each, too few for 128 sums and two sets
// of fragments. Both operands must lie with x contiguous (kernels/gemm/pack.cuh brings others into that
// order). Edges are the copy engine's: it writes zeros.
#pragma once

#include <algorithm>

#include "kernels/gemm/product.cuh"
#include "kernels/gemm/tensor_map.hpp"
#include "kernels/gemm/tile.cuh"
#include "kernels/ptx.cuh"

namespace gemm {

constexpr int kProducerThreads = 128, kProducerRegisters = 24;  // 24 is the least there is

// What is left of an SM's 65536 registers for a consumer thread, in steps of 8 and at most 240.
template <class T, int kBlocksPerSm>
constexpr int kConsumerRegisters = std::min(240,
                                            (65536 / kBlocksPerSm - kProducerThreads * kProducerRegisters) /
                                                T::kThreads / 8 * 8);

template <class T, int kStages>
constexpr int kTmaBytes = kStages* T::kK*(T::kM + T::kN) * int(sizeof(float));

// Grid: (tiles of C, 1, slices along k). Block: T::kThreads +
// kProducerThreads. Dynamic shared memory: kTmaBytes<T,
// kStages>. map_a and map_b are boxes of T::kK rows (k) of T::kM and T::kN floats (x); p.a and p.b are not
// used, and the slices must be pieces of one sum: slice z starts at row z * p.k of the maps.
template <class T, int kStages, int kBlocksPerSm>
__global__ void __launch_bounds__(T::kThreads + kProducerThreads, kBlocksPerSm)
    sgemm_tma(const __grid_constant__ CUtensorMap map_a, const __grid_constant__ CUtensorMap map_b,
              Product p) {
  if constexpr (!ptx::kHopper) return;
  constexpr int kSizeA = T::kK * T::kM, kSizeB = T::kK * T::kN;
  extern __shared__ __align__(128) float shared[];
  __shared__ std::uint64_t full[kStages], empty[kStages];
  float *const tiles_a = shared, *const tiles_b = shared + kStages * kSizeA;
  const int thread = threadIdx.x, z = blockIdx.z;
  const int2 tile = raster(blockIdx.x, pieces(p.m, T::kM), pieces(p.n, T::kN));
  const int i0 = tile.x * T::kM, j0 = tile.y * T::kN;
  const int k = z + 1 < p.slices ? p.k : p.k_last, tiles = pieces(k, T::kK);

  if (thread == 0) {
    for (int s = 0; s < kStages; ++s) {
      ptx::mbarrier_init(&full[s], 1);
      ptx::mbarrier_init(&empty[s], T::kThreads / 32);
    }
    ptx::fence_mbarrier_init();
  }
  __syncthreads();

  if (thread >= T::kThreads) {  // the producer
    ptx::fewer_registers<kProducerRegisters>();
    if (thread == T::kThreads)
      for (int t = 0; t < tiles; ++t) {
        const int slot = t % kStages, round = t / kStages;
        if (round > 0) ptx::mbarrier_wait(&empty[slot], (round - 1) % 2);
        ptx::mbarrier_arrive_expect(&full[slot], (kSizeA + kSizeB) * int(sizeof(float)));
        ptx::tma_load_2d(tiles_a + slot * kSizeA, &map_a, i0, z * p.k + t * T::kK, &full[slot]);
        ptx::tma_load_2d(tiles_b + slot * kSizeB, &map_b, j0, z * p.k + t * T::kK, &full[slot]);
      }
  } else {  // the consumers
    ptx::more_registers<kConsumerRegisters<T, kBlocksPerSm>>();
    float a[2][T::kThreadM], b[2][T::kThreadN], sum[T::kThreadM][T::kThreadN] = {};
    const float *const first_a = tiles_a + T::row(thread), *const first_b = tiles_b + T::column(thread);
    const auto load = [&](int set, int slot, int q) {
      T::load_a(a[set], first_a + slot * kSizeA + q * T::kM);
      T::load_b(b[set], first_b + slot * kSizeB + q * T::kN);
    };
    if (tiles > 0) {
      ptx::mbarrier_wait(&full[0], 0);
      load(0, 0, 0);
    }
    int slot = 0, parity = 0;  // of the tile being multiplied
    for (int t = 0; t < tiles; ++t) {
      const int here = slot;
      if (++slot == kStages) slot = 0, parity ^= 1;
#pragma unroll
      for (int q = 0; q < T::kK; ++q) {
        if (q + 1 < T::kK) {
          load((q + 1) % 2, here, q + 1);
        } else {
          __syncwarp();  // the warp's last fragments of this tile have been read
          if (thread % 32 == 0) ptx::mbarrier_arrive(&empty[here]);
          if (t + 1 < tiles) {
            ptx::mbarrier_wait(&full[slot], parity);
            load(0, slot, 0);
          }
        }
        T::multiply(sum, a[q % 2], b[q % 2]);
      }
    }
    T::store(sum, p.c + z * p.stride_c, p.ldc, p.m, p.n, i0, j0, thread, p.alpha, p.beta);
  }
}

// Whether the kernel can take this product as it is.
inline bool tma_takes(const Product& p) {
  const auto takes = [](const Matrix& x) { return x.stride_x == 1 && tma_can_read(x.data, x.stride_k); };
  return takes(p.a) && takes(p.b) && (p.slices == 1 || p.a.stride_z == p.k * p.a.stride_k);
}

// Enqueues the product. m, n, k and slices must not be 0, and tma_takes(p) must hold. Needs compute
// capability 9.0. Slices are pieces of one sum.
template <class T, int kStages, int kBlocksPerSm>
cudaError_t tma(const Product& p, cudaStream_t stream) {
  const std::int64_t depth = std::int64_t(p.slices - 1) * p.k + p.k_last;
  CUtensorMap a, b;
  if (const cudaError_t e = encode_tensor_map(a, p.a.data, depth, p.m, p.a.stride_k, T::kK, T::kM)) return e;
  if (const cudaError_t e = encode_tensor_map(b, p.b.data, depth, p.n, p.b.stride_k, T::kK, T::kN)) return e;
  constexpr int kBytes = kTmaBytes<T, kStages>;
  const auto kernel = sgemm_tma<T, kStages, kBlocksPerSm>;
  if (const cudaError_t e = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes))
    return e;
  const unsigned tiles = unsigned(pieces(p.m, T::kM)) * pieces(p.n, T::kN);
  kernel<<<dim3(tiles, 1, p.slices), T::kThreads + kProducerThreads, kBytes, stream>>>(a, b, p);
  return cudaGetLastError();
}

}  // namespace gemm
