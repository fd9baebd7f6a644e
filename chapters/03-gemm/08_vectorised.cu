// Everything moves 16 bytes at a time: float4 loads from global memory, float4 loads from shared memory. For
// the second, a thread's 8 elements of A must lie side by side, so A's tile is turned while it is stored.
//
//   global A, row i:  |q q q q|        shared a[q][i]:   i →
//                      one float4      q │ ·  ·  ·  ·        four scalar stores, 128 floats apart
//                                      ↓ │ ·│8 of i│ ·       then two float4 loads a step
//
// Counted: 4 shared-load instructions for 64 multiply-adds instead of 16, and 1 global-load instruction where
// there were 4. The bytes are the same: this saves issue slots, of which a multiply-add needs one as well.
#include "kernels/gemm/quad.cuh"
#include "problem.hpp"

constexpr int kTile = 128, kDepth = 8, kSide = 8, kThreads = 256;

static __global__ void __launch_bounds__(kThreads) sgemm_vectorised(Sgemm::Args p) {
  __shared__ __align__(16) float a[kDepth][kTile], b[kDepth][kTile];
  const int thread = threadIdx.x;
  const int tx = thread % 16 * kSide, ty = thread / 16 * kSide;
  const int i0 = blockIdx.y * kTile, j0 = blockIdx.x * kTile;
  const int ai = thread / 2, aq = thread % 2 * 4;    // the quad of A this thread copies: along k
  const int bq = thread / 32, bj = thread % 32 * 4;  // and of B: along n
  float sum[kSide][kSide] = {};
  for (int q0 = 0; q0 < p.k; q0 += kDepth) {
    const float4 va = gemm::load_quad(p.a + (i0 + ai) * p.lda + q0 + aq, i0 + ai < p.m ? p.k - q0 - aq : 0);
    const float4 vb = gemm::load_quad(p.b + (q0 + bq) * p.ldb + j0 + bj, q0 + bq < p.k ? p.n - j0 - bj : 0);
    a[aq][ai] = va.x, a[aq + 1][ai] = va.y, a[aq + 2][ai] = va.z, a[aq + 3][ai] = va.w;
    *reinterpret_cast<float4*>(&b[bq][bj]) = vb;
    __syncthreads();
    for (int q = 0; q < kDepth; ++q) {
      float ra[kSide], rb[kSide];
#pragma unroll
      for (int r = 0; r < kSide; r += 4) {
        const float4 qa = *reinterpret_cast<const float4*>(&a[q][ty + r]);
        const float4 qb = *reinterpret_cast<const float4*>(&b[q][tx + r]);
        ra[r] = qa.x, ra[r + 1] = qa.y, ra[r + 2] = qa.z, ra[r + 3] = qa.w;
        rb[r] = qb.x, rb[r + 1] = qb.y, rb[r + 2] = qb.z, rb[r + 3] = qb.w;
      }
      for (int r = 0; r < kSide; ++r)
        for (int s = 0; s < kSide; ++s) sum[r][s] += ra[r] * rb[s];
    }
    __syncthreads();
  }
#pragma unroll
  for (int r = 0; r < kSide; ++r)
#pragma unroll
    for (int s = 0; s < kSide; s += 4) {
      const int i = i0 + ty + r, j = j0 + tx + s;
      if (i < p.m) gemm::store_quad(p.c + i * p.ldc + j, &sum[r][s], p.alpha, p.beta, p.n - j, true);
    }
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  const dim3 blocks((p.n + kTile - 1) / kTile, (p.m + kTile - 1) / kTile);
  sgemm_vectorised<<<blocks, kThreads, 0, ctx.stream>>>(p);
}

static const bench::Rung<Sgemm> rung({
    .title = "Vectorised",
    .idea = "16 bytes an instruction: 4 shared loads for 64 multiply-adds instead of 16",
    .run = launch,
    .needs = Sgemm::needs_quads,
});
