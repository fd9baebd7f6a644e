// What a sample's outputs cost, and in which direction to move them.
#pragma once

#include <cuda_runtime.h>

#include <cmath>

namespace sgd {

enum class Loss {
  squared,   // linear regression: l = 1/2 (z - y)^2, summed over the outputs
  logistic,  // logistic regression: l = softplus(z) - y z with y in [0, 1]: binary cross-entropy of
             // sigmoid(z)
  softmax,   // softmax regression: l = sum_k y_k (logsumexp(z) - z_k), y >= 0 with sum 1: cross-entropy
};

// Who works on one sample: one thread alone here, or a warp whose lanes share the outputs (warp.cuh).
struct Alone {
  __host__ __device__ int rank() const { return 0; }
  __host__ __device__ int size() const { return 1; }
  __host__ __device__ float sum(float v) const { return v; }
  __host__ __device__ float max(float v) const { return v; }
  __host__ __device__ void sync() const {}
};

// Replaces the k outputs z of one sample by dl/dz, which for all three losses is prediction - target, and
// returns l. Called by the whole group; z may be shared or global memory that the group has finished writing.
// Exponentials have arguments <= 0 only, so nothing overflows: a large z costs precision, never an infinity.
template <class Group>
__host__ __device__ float loss_and_residual(Loss loss, int k, const float* y, float* z, Group group) {
  float l = 0;
  if (loss == Loss::softmax) {
    float top = -INFINITY, total = 0;
    for (int c = group.rank(); c < k; c += group.size()) top = fmaxf(top, z[c]);
    top = group.max(top);
    for (int c = group.rank(); c < k; c += group.size()) total += expf(z[c] - top);
    total = group.sum(total);
    const float log_total = logf(total);
    for (int c = group.rank(); c < k; c += group.size()) {
      l += y[c] * (log_total - (z[c] - top));
      z[c] = expf(z[c] - top) / total - y[c];
    }
  } else {
    for (int c = group.rank(); c < k; c += group.size()) {
      if (loss == Loss::logistic) {
        const float e = expf(-fabsf(z[c]));
        l += fmaxf(z[c], 0.0f) - y[c] * z[c] + log1pf(e);
        z[c] = (z[c] >= 0 ? 1 : e) / (1 + e) - y[c];
      } else {
        z[c] -= y[c];
        l += 0.5f * z[c] * z[c];
      }
    }
  }
  group.sync();
  return group.sum(l);
}

}  // namespace sgd
