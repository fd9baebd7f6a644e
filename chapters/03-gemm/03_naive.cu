// One thread an element of C, and the loop over k inside it: the reference with its two outer loops turned
// into threads. threadIdx.x walks down the rows, which is the natural reading of C[x][y] and the wrong one.
//
//           A (m x k)                B (k x n)            C (m x n)
//   lane 0  ████████→ row 0          ↓                    C[0][j]
//   lane 1  ████████→ row 1          ↓ column j:          C[1][j]
//   lane 2  ████████→ row 2          ↓ all lanes the same C[2][j]
//     …     32 rows, lda apart
//
// Counted for one step of k by one warp: 32 lanes read 32 different rows of A, each in its own 32-byte
// sector, of which 4 bytes are used: 32 sectors for A and 1 for B, for 32 multiply-adds. One sector a
// multiply-add is 32 bytes for 2 FLOPs; even from a cache, that is what bounds this kernel and not
// arithmetic.
#include "problem.hpp"

static __global__ void sgemm_naive(Sgemm::Args p) {
  const int i = blockIdx.y * blockDim.x + threadIdx.x;  // row: neighbouring threads are rows apart
  const int j = blockIdx.x * blockDim.y + threadIdx.y;  // column
  if (i >= p.m || j >= p.n) return;
  float sum = 0;
  for (int q = 0; q < p.k; ++q) sum += p.a[i * p.lda + q] * p.b[q * p.ldb + j];
  float& c = p.c[i * p.ldc + j];
  c = p.alpha * sum + (p.beta == 0 ? 0 : p.beta * c);
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;  // a launch with no block is an error
  const dim3 threads(32, 32), blocks((p.n + 31) / 32, (p.m + 31) / 32);
  sgemm_naive<<<blocks, threads, 0, ctx.stream>>>(p);
}

static const bench::Rung<Sgemm> rung({
    .title = "One thread an element",
    .idea = "m*n threads instead of one core; but a warp reads 32 rows of A at once, a sector for each lane",
    .run = launch,
    .needs = Sgemm::needs_plain,
});
