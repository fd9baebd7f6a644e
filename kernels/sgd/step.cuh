// The two halves of an SGD step of a generalised linear model, for whoever launches them: a kernel each, a
// graph, or one kernel that stays. Any number of blocks of whole warps may share a half; between the halves,
// and between steps, all of them must wait for one another. Bitwise reproducible for a given shape, whatever
// the grid.
#pragma once

#include <cstdint>

#include "kernels/sgd/loss.cuh"
#include "kernels/sgd/permutation.cuh"
#include "kernels/sgd/warp.cuh"

namespace sgd {

struct Step {
  Loss loss;
  int d, k, batch;
  float rate;  // lr / batch
  Order order;
  const float* x;  // n x d, row-major
  const float* y;  // n x k, row-major
  float* w;        // k x (d + 1), row-major, biases in the last column
  float* losses;   // one a step
  int first = 0;   // where in the step's samples this batch begins: not 0 where workers share a step
  // Scratch, written by the first half and read by the second:
  int* rows;             // batch: which samples
  float* r;              // batch x k, row-major: residuals
  float* sample_losses;  // batch
};

// Bytes of a Step's scratch.
inline std::size_t scratch(int k, int batch) { return 4 * std::size_t(batch) * (k + 2); }

// Residuals and losses of the batch: one warp a sample, lanes along the features.
__device__ inline void forward(const Step& p, int step, unsigned block, unsigned blocks) {
  const Permutation shuffled = p.order.epoch(step);
  const int warps = static_cast<int>(blockDim.x / 32), lane = static_cast<int>(threadIdx.x % 32);
  for (int b = static_cast<int>(block * warps + threadIdx.x / 32); b < p.batch;
       b += static_cast<int>(blocks) * warps) {
    const int row = static_cast<int>(shuffled(static_cast<std::uint32_t>(p.order.start(step) + p.first + b)));
    const float* x = p.x + std::int64_t(row) * p.d;
    float* r = p.r + std::int64_t(b) * p.k;
    for (int c = 0; c < p.k; ++c) {
      const float* w = p.w + std::int64_t(c) * (p.d + 1);
      float sum = 0;
      for (int j = lane; j < p.d; j += 32) sum += w[j] * x[j];
      sum = Warp().sum(sum) + w[p.d];
      if (lane == 0) r[c] = sum;
    }
    __syncwarp();
    const float loss = loss_and_residual(p.loss, p.k, p.y + std::int64_t(row) * p.k, r, Warp());
    if (lane == 0) {
      p.rows[b] = row;
      p.sample_losses[b] = loss;
    }
  }
}

// New weights from the residuals: one thread a weight, neighbours along the features, so that reads of x
// coalesce and all lanes read the same residual. The first warp also sums up the loss.
__device__ inline void backward(const Step& p, int step, unsigned block, unsigned blocks) {
  const std::int64_t width = p.d + 1, weights = p.k * width;
  for (std::int64_t i = std::int64_t(block) * blockDim.x + threadIdx.x; i < weights;
       i += std::int64_t(blocks) * blockDim.x) {
    const std::int64_t c = i / width, j = i % width;
    float sum = 0;
    for (std::int64_t b = 0; b < p.batch; ++b)
      sum += p.r[b * p.k + c] * (j < p.d ? p.x[std::int64_t(p.rows[b]) * p.d + j] : 1.0f);
    p.w[i] -= p.rate * sum;
  }
  if (block == 0 && threadIdx.x < 32) {
    float sum = 0;
    for (int b = static_cast<int>(threadIdx.x); b < p.batch; b += 32) sum += p.sample_losses[b];
    sum = Warp().sum(sum);
    if (threadIdx.x == 0) p.losses[step] = sum / static_cast<float>(p.batch);
  }
}

}  // namespace sgd
