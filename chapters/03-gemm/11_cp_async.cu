// Loads that do not wait. cp.async copies from global to shared memory without passing through registers, and
// the thread goes on: while tile t is multiplied, tiles t+1 … t+3 are on their way into other slots.
//
//   slots in shared memory      t = 0       1        2        3        4
//   0                           multiply    load 4   …
//   1                           loading     multiply load 5   …
//   2                           loading     loading  multiply load 6   …
//   3                           load 3      loading  loading  multiply …
//
// Counted: a load takes about 600 cycles from memory, and the multiply-adds of one 128 x 128 x 16 tile take a
// block 2048: with three tiles in flight the loads are done before they are needed. One barrier a tile
// instead of two, for a slot is refilled only when everybody has left it.
//
// A is turned on its way, 4 bytes a copy, because its quads lie along k and fragments are read along m; B
// comes in quads. A copy whose source does not exist writes zeros.
#include "kernels/gemm/copy.cuh"
#include "kernels/gemm/tile.cuh"
#include "problem.hpp"

using T = gemm::Tile<128, 128, 16, 32, 64, 8, 8>;
constexpr int kStages = 4, kSizeA = T::kK * gemm::kPitch<T::kM>, kSizeB = T::kK * gemm::kPitch<T::kN>;
constexpr int kSharedBytes = kStages * (kSizeA + kSizeB) * sizeof(float);

static __global__ void __launch_bounds__(T::kThreads) sgemm_cp_async(Sgemm::Args p) {
  extern __shared__ __align__(16) float shared[];
  float *const tiles_a = shared, *const tiles_b = shared + kStages * kSizeA;
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  const int i0 = blockIdx.y * T::kM, j0 = blockIdx.x * T::kN;
  const int tiles = (p.k + T::kK - 1) / T::kK;

  // Starts the copies of tile t, if there is one, as one group.
  const auto start = [&](int t) {
    const int slot = t % kStages, q0 = t * T::kK;
    if (t < tiles) {
      gemm::copy_elements<T::kM, T::kK, T::kThreads>(tiles_a + slot * kSizeA, p.a + i0 * p.lda + q0, p.lda, 1,
                                                     p.m - i0, p.k - q0, thread);
      gemm::copy_quads<T::kN, T::kK, T::kThreads>(tiles_b + slot * kSizeB, p.b + q0 * p.ldb + j0, p.ldb,
                                                  p.n - j0, p.k - q0, thread);
    }
    ptx::cp_async_commit();  // empty groups too, so that counting groups counts tiles
  };

  float sum[T::kThreadM][T::kThreadN] = {};
  for (int t = 0; t < kStages - 1; ++t) start(t);
  for (int t = 0; t < tiles; ++t) {
    ptx::cp_async_wait<kStages - 2>();  // this thread's part of tile t has landed …
    __syncthreads();                    // … and everybody's; and everybody has left tile t - 1
    start(t + kStages - 1);             // into the slot of tile t - 1
    const float *a = tiles_a + t % kStages * kSizeA, *b = tiles_b + t % kStages * kSizeB;
    for (int q = 0; q < T::kK; ++q) {
      float ra[T::kThreadM], rb[T::kThreadN];
      T::load_a(ra, a + q * gemm::kPitch<T::kM> + row);
      T::load_b(rb, b + q * gemm::kPitch<T::kN> + column);
      T::multiply(sum, ra, rb);
    }
  }
  ptx::cp_async_wait<0>();
  T::store(sum, p.c, p.ldc, p.m, p.n, i0, j0, thread, p.alpha, p.beta);
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  // More than 48 KiB of shared memory has to be asked for.
  cudaFuncSetAttribute(sgemm_cp_async, cudaFuncAttributeMaxDynamicSharedMemorySize, kSharedBytes);
  const dim3 blocks((p.n + T::kN - 1) / T::kN, (p.m + T::kM - 1) / T::kM);
  sgemm_cp_async<<<blocks, T::kThreads, kSharedBytes, ctx.stream>>>(p);
}

static const bench::Rung<Sgemm> rung({
    .title = "cp.async, four stages",
    .idea = "three tiles on their way while one is multiplied: global latency leaves the critical path",
    .run = launch,
    .needs = Sgemm::needs_quads,
    .min_sm = 80,
});
