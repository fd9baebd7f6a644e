// Shared memory has 32 banks of 4 bytes; lanes that want different words of one bank wait for each other. The
// last rung collides twice, and two small changes of layout remove it.
//
//   loading b: lane t wanted floats 8t…8t+3:          now 4t…4t+3, and its other four at 64 + 4t:
//   banks 0-3 8-11 16-19 24-27 | 0-3 …  2 lanes each   banks 0-3 4-7 8-11 … 28-31   8 lanes, 32 banks
//
//   storing a[q][i]: rows 128 floats apart, so         rows 132 apart: q moves the bank by 4, and the
//   quads q and q+4 of a row meet in one bank          two halves of a warp use banks 0-15 and 16-31
//
// Counted, wavefronts (passes of shared memory) of a warp: b's loads 8 instead of 16 a step, a's stores 4
// instead of 8 a tile. Shared memory was the busiest unit, so up to twice as fast is possible where it was
// the bound.
#include "kernels/gemm/quad.cuh"
#include "problem.hpp"

constexpr int kTile = 128, kDepth = 8, kSide = 8, kThreads = 256, kHalf = kTile / 2;

static __global__ void __launch_bounds__(kThreads) sgemm_bank_conflicts(Sgemm::Args p) {
  __shared__ __align__(16) float a[kDepth][kTile + 4], b[kDepth][kTile];
  const int thread = threadIdx.x;
  const int tx = thread % 16 * 4, ty = thread / 16 * 4;  // first of this thread's columns and rows
  const int i0 = blockIdx.y * kTile, j0 = blockIdx.x * kTile;
  const int ai = thread / 2, aq = thread % 2 * 4;
  const int bq = thread / 32, bj = thread % 32 * 4;
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
      for (int h = 0; h < 2; ++h) {  // the two halves of the tile: 4 elements of each
        const float4 qa = *reinterpret_cast<const float4*>(&a[q][h * kHalf + ty]);
        const float4 qb = *reinterpret_cast<const float4*>(&b[q][h * kHalf + tx]);
        ra[4 * h] = qa.x, ra[4 * h + 1] = qa.y, ra[4 * h + 2] = qa.z, ra[4 * h + 3] = qa.w;
        rb[4 * h] = qb.x, rb[4 * h + 1] = qb.y, rb[4 * h + 2] = qb.z, rb[4 * h + 3] = qb.w;
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
      const int i = i0 + r / 4 * kHalf + ty + r % 4, j = j0 + s / 4 * kHalf + tx;
      if (i < p.m) gemm::store_quad(p.c + i * p.ldc + j, &sum[r][s], p.alpha, p.beta, p.n - j, true);
    }
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  const dim3 blocks((p.n + kTile - 1) / kTile, (p.m + kTile - 1) / kTile);
  sgemm_bank_conflicts<<<blocks, kThreads, 0, ctx.stream>>>(p);
}

static const bench::Rung<Sgemm> rung({
    .title = "Without bank conflicts",
    .idea = "a padded A and quads side by side: half the passes through shared memory for B",
    .run = launch,
    .needs = Sgemm::needs_quads,
});
