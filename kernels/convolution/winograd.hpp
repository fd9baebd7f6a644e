// The matrices of Winograd's minimal filtering F(m x m, 3 x 3) (Lavin and Gray 2016; the points are 0, 1, -1
// and, for m = 4, 2 and -2), and what they do to rounding errors.
#pragma once

#include <cuda_runtime.h>

namespace conv {

template <int kM>
struct Winograd;

template <>
struct Winograd<2> {
  __host__ __device__ static constexpr float b(int i, int j) {
    constexpr float bt[4][4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
    return bt[i][j];
  }
  __host__ __device__ static constexpr float g(int i, int j) {
    constexpr float gs[4][3] = {{1, 0, 0}, {0.5f, 0.5f, 0.5f}, {0.5f, -0.5f, 0.5f}, {0, 0, 1}};
    return gs[i][j];
  }
  __host__ __device__ static constexpr float a(int i, int j) {
    constexpr float at[2][4] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
    return at[i][j];
  }
};

template <>
struct Winograd<4> {
  __host__ __device__ static constexpr float b(int i, int j) {
    constexpr float bt[6][6] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
    return bt[i][j];
  }
  __host__ __device__ static constexpr float g(int i, int j) {
    constexpr float u = 1.0f / 6, v = 1.0f / 12, w = 1.0f / 24;
    constexpr float gs[6][3] = {{0.25f, 0, 0}, {-u, -u, -u}, {-u, u, -u}, {w, v, u}, {w, -v, u}, {0, 0, 1}};
    return gs[i][j];
  }
  __host__ __device__ static constexpr float a(int i, int j) {
    constexpr float at[4][6] = {
        {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};
    return at[i][j];
  }
};

// The bound's growth beside a plain sum of the same 9 * C products. With x and g at most 1 in magnitude, one
// dimension's row i can reach kappa = max over i of sum over j of |A_ij| |G_j|_1 |B_j|_1 before terms cancel,
// two dimensions kappa^2 for each channel, where the plain sum reaches 9. And the longest path has C
// additions and 2 * (4 + 4 + 6) roundings of the transforms (their rows' entries, and the constants of G): at
// most 3 times the 9 * C of the plain sum, for C = 1. Norm-wise only: a tile's large pixels disturb outputs
// they do not belong to.
template <int kM>
constexpr double winograd_growth() {
  const auto abs = [](double v) { return v < 0 ? -v : v; };
  double kappa = 0;
  for (int i = 0; i < kM; ++i) {
    double reach = 0;
    for (int j = 0; j < kM + 2; ++j) {
      double g = 0, b = 0;
      for (int t = 0; t < 3; ++t) g += abs(Winograd<kM>::g(j, t));
      for (int t = 0; t < kM + 2; ++t) b += abs(Winograd<kM>::b(j, t));
      reach += abs(Winograd<kM>::a(i, j)) * g * b;
    }
    kappa = kappa > reach ? kappa : reach;
  }
  return 3 * kappa * kappa / 9;
}

}  // namespace conv
