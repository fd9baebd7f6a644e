// How a block shares out its tile of C: warps in a grid over the tile, lanes in a grid over the warp's
// rectangle, and in each thread quads (4 floats) of rows times quads of columns.
//
//   block kM x kN          warp kWarpM x kWarpN            thread kThreadM x kThreadN, here 8 x 8
//   ┌────┬────┐            quads of lane (m, n):           ┌──┐    ┌──┐
//   │ w0 │ w1 │            rows    4m + 4*kLanesM * g      └──┘    └──┘    four squares of 4 x 4,
//   ├────┼────┤            columns 4n + 4*kLanesN * h      ┌──┐    ┌──┐    one for each pair (g, h)
//   │ w2 │ w3 │                                            └──┘    └──┘
//   └────┴────┘
//
// A fragment is loaded as 16-byte quads that lie side by side across the lanes, so no two lanes meet in a
// bank. Lanes are numbered so that lane ^ 1 differs in m only and lane ^ 2 in n: lanes that read the same
// quad are neighbours, which is the pattern in which the hardware serves half a warp's 16-byte loads at once.
#pragma once

#include <cstdint>

#include "kernels/gemm/quad.cuh"

namespace gemm {

template <int M, int N, int K, int WarpM, int WarpN, int ThreadM, int ThreadN>
struct Tile {
  static constexpr int kM = M, kN = N, kK = K;  // of C, and the depth of one step along k
  static constexpr int kThreadM = ThreadM, kThreadN = ThreadN;
  static constexpr int kLanesM = WarpM / ThreadM, kLanesN = WarpN / ThreadN;
  static constexpr int kThreads = 32 * (M / WarpM) * (N / WarpN);
  static_assert(kLanesM * kLanesN == 32 && kLanesM % 2 == 0 && kLanesN % 2 == 0);
  static_assert(ThreadM % 4 == 0 && ThreadN % 4 == 0 && M % WarpM == 0 && N % WarpN == 0);

  // Row and column, within the block's tile, of the thread's first quad.
  __device__ static int row(int thread) {
    const int lane = thread % 32, warp = thread / 32;
    return warp / (N / WarpN) * WarpM + 4 * (lane % 2 + lane / (2 * kLanesN) * 2);
  }
  __device__ static int column(int thread) {
    const int lane = thread % 32, warp = thread / 32;
    return warp % (N / WarpN) * WarpN + 4 * (lane / 2 % kLanesN);
  }

  // The thread's elements of one row of the shared tiles: `from` is at its first quad, 16-byte aligned.
  __device__ static void load_a(float (&a)[ThreadM], const float* from) { load<ThreadM, kLanesM>(a, from); }
  __device__ static void load_b(float (&b)[ThreadN], const float* from) { load<ThreadN, kLanesN>(b, from); }

  // sum += a * b (outer product)
  __device__ static void multiply(float (&sum)[ThreadM][ThreadN], const float (&a)[ThreadM],
                                  const float (&b)[ThreadN]) {
#pragma unroll
    for (int r = 0; r < ThreadM; ++r)
#pragma unroll
      for (int s = 0; s < ThreadN; ++s) sum[r][s] += a[r] * b[s];
  }

  // The m x n matrix C (row-major, leading dimension ldc) = alpha * sum + beta * C, for the tile whose first
  // element is (i0, j0). What lies beyond m and n is dropped.
  __device__ static void store(const float (&sum)[ThreadM][ThreadN], float* c, std::int64_t ldc, int m, int n,
                               int i0, int j0, int thread, float alpha, float beta) {
    const bool aligned = ldc % 4 == 0 && reinterpret_cast<std::uintptr_t>(c) % 16 == 0;
    const bool whole = aligned && i0 + M <= m && j0 + N <= n;
    i0 += row(thread);
    j0 += column(thread);
#pragma unroll
    for (int r = 0; r < ThreadM; ++r) {
      const int i = i0 + r / 4 * 4 * kLanesM + r % 4;
#pragma unroll
      for (int s = 0; s < ThreadN; s += 4) {
        const int j = j0 + s * kLanesN;
        float* to = c + i * ldc + j;
        // Decided for the whole tile, so that the usual case has no branch around each quad.
        if (whole)
          store_quad(to, &sum[r][s], alpha, beta, 4, true);
        else if (i < m)
          store_quad(to, &sum[r][s], alpha, beta, n - j, false);
      }
    }
  }

 private:
  template <int kCount, int kLanes>
  __device__ static void load(float (&fragment)[kCount], const float* from) {
#pragma unroll
    for (int q = 0; q < kCount; q += 4) {
      const float4 quad = *reinterpret_cast<const float4*>(from + q * kLanes);
      fragment[q] = quad.x, fragment[q + 1] = quad.y, fragment[q + 2] = quad.z, fragment[q + 3] = quad.w;
    }
  }
};

}  // namespace gemm
