// The host leaves the loop: every thread computes by itself which samples a step takes (sgd::Order), and the
// loss stays on the GPU until the end. The host only queues kernels, far ahead of the GPU, and waits for
// nothing.
//
//   host:   queue queue queue queue queue … done
//   GPU:    Z = X[order] W^T → loss, R → mean → G = R^T X[order] → W -= …│ next step …
//
// Counted per step: 5 launches instead of 7, no gathered copy of the batch written and read again, and no
// round trip: what was 10 us of waiting is gone, and the launches overlap with the work before them. New
// cost: some 30 integer instructions to find a sample, per sample and not per feature, because `forward`
// notes the rows down.
#include "kernels/launch.cuh"
#include "kernels/sgd/warp.cuh"
#include "problem.hpp"

static __global__ void forward(sgd::Order order, int step, int batch, int d, int k, const float* x,
                               const float* w, int* rows, float* z) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= std::int64_t(batch) * k) return;
  const int b = static_cast<int>(i / k), c = static_cast<int>(i % k), row = order.sample(step, b);
  if (c == 0) rows[b] = row;
  const float *features = x + std::int64_t(row) * d, *weights = w + std::int64_t(c) * (d + 1);
  float sum = weights[d];
  for (int j = 0; j < d; ++j) sum += weights[j] * features[j];
  z[i] = sum;
}

static __global__ void residual(sgd::Loss loss, int batch, int k, const int* rows, const float* y, float* z,
                                float* sample_losses) {
  const std::int64_t b = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (b >= batch) return;
  const float* target = y + std::int64_t(rows[b]) * k;
  sample_losses[b] = sgd::loss_and_residual(loss, k, target, z + b * k, sgd::Alone());
}

static __global__ void mean(int n, const float* values, float* result) {  // one warp
  float sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < n; i += 32) sum += values[i];
  sum = sgd::Warp().sum(sum);
  if (threadIdx.x == 0) *result = sum / n;
}

static __global__ void gradient(int batch, int d, int k, const int* rows, const float* x, const float* r,
                                float* g) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= std::int64_t(k) * (d + 1)) return;
  const std::int64_t c = i / (d + 1), j = i % (d + 1);
  float sum = 0;
  for (std::int64_t b = 0; b < batch; ++b)
    sum += r[b * k + c] * (j < d ? x[std::int64_t(rows[b]) * d + j] : 1.0f);
  g[i] = sum;
}

static __global__ void update(std::int64_t weights, float rate, const float* g, float* w) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < weights) w[i] -= rate * g[i];
}

static std::size_t workspace(const Sgd::Args& p) {  // Z, the samples' losses, G, the rows
  return 4 * (std::size_t(p.batch) * (p.k + 2) + std::size_t(p.k) * (p.d + 1));
}

static void train(const Sgd::Args& p, const bench::Context& ctx) {
  const std::int64_t batch = p.batch, weights = std::int64_t(p.k) * (p.d + 1);
  auto* z = static_cast<float*>(ctx.workspace);
  float *l = z + batch * p.k, *g = l + batch;
  auto* rows = reinterpret_cast<int*>(g + weights);
  const auto blocks = [](std::int64_t threads) { return static_cast<unsigned>(ceil_div(threads, 256)); };
  const sgd::Order order(p.n, p.batch, p.seed);
  for (int step = 0; step < p.steps; ++step) {
    forward<<<blocks(batch * p.k), 256, 0, ctx.stream>>>(order, step, p.batch, p.d, p.k, p.x, p.w, rows, z);
    residual<<<blocks(batch), 256, 0, ctx.stream>>>(p.loss, p.batch, p.k, rows, p.y, z, l);
    mean<<<1, 32, 0, ctx.stream>>>(p.batch, l, p.losses + step);
    gradient<<<blocks(weights), 256, 0, ctx.stream>>>(p.batch, p.d, p.k, rows, p.x, z, g);
    update<<<blocks(weights), 256, 0, ctx.stream>>>(weights, p.lr / p.batch, g, p.w);
  }
}

static const bench::Rung<Sgd> rung({
    .title = "Order and loss on the GPU",
    .idea = "nothing crosses to the host: 5 launches a step, queued ahead, and no wait",
    .run = train,
    .workspace = workspace,
});
