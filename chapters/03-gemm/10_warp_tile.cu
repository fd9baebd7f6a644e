// A warp computes a compact rectangle of C instead of a thin strip, so that its lanes share more of what they
// read. The sharing-out moves to kernels/gemm/tile.cuh, which every later rung uses.
//
//   last rung: a warp = 2 x 16 threads           now: 4 x 8 threads, a 32 x 64 rectangle
//   ┌────────────────────────────────┐ 16 rows   ┌────────────────┐
//   └────────────────────────────────┘           │                │ 32 rows
//     128 columns                                └────────────────┘ 64 columns
//
// Counted for one step of k by one warp: 16 + 128 different floats read before, 32 + 64 now, for the same
// 2048 multiply-adds. And where neighbouring lanes read the same quad, half a warp's 16-byte loads fit into
// one pass: 8 passes a step where there were 12. (simt counts quarters of a warp, 16 for both.)
#include "kernels/gemm/tile.cuh"
#include "problem.hpp"

using T = gemm::Tile<128, 128, 8, 32, 64, 8, 8>;

static __global__ void __launch_bounds__(T::kThreads) sgemm_warp_tile(Sgemm::Args p) {
  __shared__ __align__(16) float a[T::kK][T::kM + 4], b[T::kK][T::kN];
  const int thread = threadIdx.x, row = T::row(thread), column = T::column(thread);
  const int i0 = blockIdx.y * T::kM, j0 = blockIdx.x * T::kN;
  const int ai = thread / 2, aq = thread % 2 * 4;
  const int bq = thread / 32, bj = thread % 32 * 4;
  float sum[T::kThreadM][T::kThreadN] = {};
  for (int q0 = 0; q0 < p.k; q0 += T::kK) {
    const float4 va = gemm::load_quad(p.a + (i0 + ai) * p.lda + q0 + aq, i0 + ai < p.m ? p.k - q0 - aq : 0);
    const float4 vb = gemm::load_quad(p.b + (q0 + bq) * p.ldb + j0 + bj, q0 + bq < p.k ? p.n - j0 - bj : 0);
    a[aq][ai] = va.x, a[aq + 1][ai] = va.y, a[aq + 2][ai] = va.z, a[aq + 3][ai] = va.w;
    *reinterpret_cast<float4*>(&b[bq][bj]) = vb;
    __syncthreads();
    for (int q = 0; q < T::kK; ++q) {
      float ra[T::kThreadM], rb[T::kThreadN];
      T::load_a(ra, &a[q][row]);
      T::load_b(rb, &b[q][column]);
      T::multiply(sum, ra, rb);
    }
    __syncthreads();
  }
  T::store(sum, p.c, p.ldc, p.m, p.n, i0, j0, thread, p.alpha, p.beta);
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  const dim3 blocks((p.n + T::kN - 1) / T::kN, (p.m + T::kM - 1) / T::kM);
  sgemm_warp_tile<<<blocks, T::kThreads, 0, ctx.stream>>>(p);
}

static const bench::Rung<Sgemm> rung({
    .title = "Warp tile",
    .idea =
        "a compact rectangle a warp: 96 floats read for 2048 multiply-adds instead of 144, in fewer passes",
    .run = launch,
    .needs = Sgemm::needs_quads,
});
