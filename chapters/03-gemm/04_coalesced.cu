// The same kernel with two names exchanged: threadIdx.x walks along a row of C. Now the lanes of a warp share
// the row of A and read neighbouring columns of B.
//
//           A (m x k)                    B (k x n)
//   all     ████████→ row i: one         ↓↓↓↓↓↓↓↓ columns j … j+31
//   lanes   address for the whole warp   lanes 0 … 31: 128 bytes in a row
//
// Counted for one step of k by one warp: 1 sector of A (a broadcast) and 4 of B, all 128 bytes used: 5
// sectors instead of 33 for the same 32 multiply-adds, and the stores of C shrink from 32 sectors to 4.
// Predicted: up to 33/5 = 6.6 times faster.
#include "problem.hpp"

static __global__ void sgemm_coalesced(Sgemm::Args p) {
  const int i = blockIdx.y * blockDim.y + threadIdx.y;  // row
  const int j = blockIdx.x * blockDim.x + threadIdx.x;  // column: neighbouring threads, neighbouring columns
  if (i >= p.m || j >= p.n) return;
  float sum = 0;
  for (int q = 0; q < p.k; ++q) sum += p.a[i * p.lda + q] * p.b[q * p.ldb + j];
  float& c = p.c[i * p.ldc + j];
  c = p.alpha * sum + (p.beta == 0 ? 0 : p.beta * c);
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  const dim3 threads(32, 32), blocks((p.n + 31) / 32, (p.m + 31) / 32);
  sgemm_coalesced<<<blocks, threads, 0, ctx.stream>>>(p);
}

static const bench::Rung<Sgemm> rung({
    .title = "Coalesced",
    .idea = "neighbouring threads on neighbouring columns: 5 sectors a warp and step instead of 33",
    .run = launch,
    .needs = Sgemm::needs_plain,
});
