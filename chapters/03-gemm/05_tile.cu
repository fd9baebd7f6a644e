// A block fetches a 32 x 32 tile of A and one of B into shared memory, and all its threads read them there.
//
//                 B   ┌──┐ 32             for each pair of tiles along k:
//                     │▒▒│                  every thread copies one element of A and one of B
//                     └──┘                  __syncthreads: the tiles are complete
//   A ┌──┬──┬──┐  C   ┌──┐                  32 multiply-adds, all operands from shared memory
//     │▒▒│  │  │      │▓▓│ 32 x 32          __syncthreads: nobody overwrites what another still reads
//     └──┴──┴──┘      └──┘ a block's
//
// Counted: an element that is loaded once serves 32 threads: 8 bytes of global memory for 32 multiply-adds,
// where the last rung asked the caches for 20 sectors' bytes. Edges are filled with zeros: they add nothing
// to a sum. What is left: 2 shared loads for each multiply-add, so shared memory is the next bound.
#include "problem.hpp"

constexpr int kTile = 32;

static __global__ void sgemm_tile(Sgemm::Args p) {
  __shared__ float a[kTile][kTile], b[kTile][kTile];
  const int ty = threadIdx.y, tx = threadIdx.x;
  const int i = blockIdx.y * kTile + ty, j = blockIdx.x * kTile + tx;
  float sum = 0;
  for (int q0 = 0; q0 < p.k; q0 += kTile) {
    a[ty][tx] = i < p.m && q0 + tx < p.k ? p.a[i * p.lda + q0 + tx] : 0;
    b[ty][tx] = q0 + ty < p.k && j < p.n ? p.b[(q0 + ty) * p.ldb + j] : 0;
    __syncthreads();
    for (int q = 0; q < kTile; ++q) sum += a[ty][q] * b[q][tx];
    __syncthreads();
  }
  if (i >= p.m || j >= p.n) return;  // only now: every thread is needed at the barriers
  float& c = p.c[i * p.ldc + j];
  c = p.alpha * sum + (p.beta == 0 ? 0 : p.beta * c);
}

static void launch(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  const dim3 threads(kTile, kTile), blocks((p.n + kTile - 1) / kTile, (p.m + kTile - 1) / kTile);
  sgemm_tile<<<blocks, threads, 0, ctx.stream>>>(p);
}

static const bench::Rung<Sgemm> rung({
    .title = "Shared-memory tile",
    .idea = "each loaded element serves 32 threads from shared memory: global traffic falls by 32",
    .run = launch,
    .needs = Sgemm::needs_plain,
});
