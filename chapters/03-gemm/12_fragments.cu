// The same overlap one level down: while step q is multiplied, the fragments of step q+1 are already being
// read from shared memory into a second set of registers. The last step of a tile reads the first fragments
// of the next one, so the barrier between tiles is met early, with 64 multiply-adds still to issue behind it.
//
//   registers   q = 0        1          2      …    15         | next tile
//   set 0       multiply     load 2     multiply    load 0'    |
//   set 1       load 1       multiply   load 3      multiply   |
//                                              ↑ wait and barrier here
//
// Counted: a shared load takes about 30 cycles, and before this its first use came right behind it. Now a
// step's 64 multiply-adds lie between. 16 more registers buy that; no more bytes move, and no fewer.
#include "kernels/gemm/copy.cuh"
#include "kernels/gemm/tile.cuh"
#include "problem.hpp"

using T = gemm::Tile<128, 128, 16, 32, 64, 8, 8>;
constexpr int kStages = 4, kSizeA = T::kK * gemm::kPitch<T::kM>, kSizeB = T::kK * gemm::kPitch<T::kN>;
constexpr int kSharedBytes = kStages * (kSizeA + kSizeB) * sizeof(float);

static __global__ void __launch_bounds__(T::kThreads) sgemm_fragments(Sgemm::Args p) {
  extern __shared__ __align__(16) float shared[];
  float *const tiles_a = shared, *const tiles_b = shared + kStages * kSizeA;
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  const int i0 = blockIdx.y * T::kM, j0 = blockIdx.x * T::kN;
  const int tiles = (p.k + T::kK - 1) / T::kK;

  const auto start = [&](int t) {
    const int slot = t % kStages, q0 = t * T::kK;
    if (t < tiles) {
      gemm::copy_elements<T::kM, T::kK, T::kThreads>(tiles_a + slot * kSizeA, p.a + i0 * p.lda + q0, p.lda, 1,
                                                     p.m - i0, p.k - q0, thread);
      gemm::copy_quads<T::kN, T::kK, T::kThreads>(tiles_b + slot * kSizeB, p.b + q0 * p.ldb + j0, p.ldb,
                                                  p.n - j0, p.k - q0, thread);
    }
    ptx::cp_async_commit();
  };
  float ra[2][T::kThreadM], rb[2][T::kThreadN];
  const auto load = [&](int set, int t, int q) {
    T::load_a(ra[set], tiles_a + t % kStages * kSizeA + q * gemm::kPitch<T::kM> + row);
    T::load_b(rb[set], tiles_b + t % kStages * kSizeB + q * gemm::kPitch<T::kN> + column);
  };

  float sum[T::kThreadM][T::kThreadN] = {};
  for (int t = 0; t < kStages; ++t) start(t);
  ptx::cp_async_wait<kStages - 1>();
  __syncthreads();
  if (tiles > 0) load(0, 0, 0);
  for (int t = 0; t < tiles; ++t) {
#pragma unroll
    for (int q = 0; q < T::kK; ++q) {
      if (q + 1 < T::kK) {
        load((q + 1) % 2, t, q + 1);
      } else {
        ptx::cp_async_wait<kStages - 2>();  // tile t + 1 has landed
        __syncthreads();                    // for everybody; and all fragments of tile t have been read
        start(t + kStages);                 // into the slot of tile t
        if (t + 1 < tiles) load(0, t + 1, 0);
      }
      T::multiply(sum, ra[q % 2], rb[q % 2]);
    }
  }
  ptx::cp_async_wait<0>();
  T::store(sum, p.c, p.ldc, p.m, p.n, i0, j0, thread, p.alpha, p.beta);
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  cudaFuncSetAttribute(sgemm_fragments, cudaFuncAttributeMaxDynamicSharedMemorySize, kSharedBytes);
  const dim3 blocks((p.n + T::kN - 1) / T::kN, (p.m + T::kM - 1) / T::kM);
  sgemm_fragments<<<blocks, T::kThreads, kSharedBytes, ctx.stream>>>(p);
}

static const bench::Rung<Sgemm> rung({
    .title = "Fragments read a step ahead",
    .idea = "two sets of operand registers: shared-memory latency hides behind 64 multiply-adds",
    .run = launch,
    .needs = Sgemm::needs_quads,
    .min_sm = 80,
});
