// The whole network in shared memory. A block copies the weights in once, takes a slice of the batch and goes
// forward and backward through all layers; activations never leave the SM. What leaves it is one gradient a
// block:
//
//   block 0: samples 0..7    W in shared │ forward … residual … backward │→ partial 0 ┐
//   block 1: samples 8..15   W in shared │ forward … residual … backward │→ partial 1 ┼→ add in order, move W
//   …                                                                                 ┘
//
// Counted per step: 2 launches instead of 3 (layers + 1), and no activation in global memory; instead, each
// block reads the weights and writes as many numbers, 2 * 4 * weights bytes for 8 samples, all of it in the
// L2 cache. That is little for a network of a few thousand weights and too much for a wide one: fused MLPs
// pay while narrow.
#include "kernels/launch.cuh"
#include "kernels/sgd/mlp_slice.cuh"
#include "mlp.hpp"

constexpr int kSamples = 8, kThreads = 256;  // a block's

static __global__ void partial_gradients(const __grid_constant__ MlpSgd::Args p, int step, float* partials,
                                         float* losses) {
  extern __shared__ float shared[];
  const sgd::Mlp& m = p.m;
  const int weights = static_cast<int>(m.weights()), first = static_cast<int>(blockIdx.x) * kSamples;
  for (int i = static_cast<int>(threadIdx.x); i < weights; i += kThreads) shared[i] = p.w[i];
  const int count = p.batch - first < kSamples ? p.batch - first : kSamples;
  // The weights are complete at the barrier that slice_gradient begins with, after it has read the samples.
  sgd::slice_gradient(m, shared, shared + weights, sgd::Order(p.n, p.batch, p.seed), step, first, count, p.x,
                      p.y, partials + std::int64_t(blockIdx.x) * weights, losses);
}

static __global__ void update(const __grid_constant__ MlpSgd::Args p, int step, int blocks,
                              const float* partials, const float* losses) {
  const std::int64_t weights = p.m.weights();
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  float sum = 0;
  for (int b = 0; b < blocks && i < weights; ++b) sum += partials[b * weights + i];
  if (i < weights) p.w[i] -= p.lr / static_cast<float>(p.batch) * sum;
  if (blockIdx.x > 0 || threadIdx.x >= 32) return;
  float loss = 0;
  for (int b = static_cast<int>(threadIdx.x); b < p.batch; b += 32) loss += losses[b];
  loss = sgd::Warp().sum(loss);
  if (threadIdx.x == 0) p.losses[step] = loss / static_cast<float>(p.batch);
}

static std::size_t shared_bytes(const MlpSgd::Args& p) {
  return 4 * static_cast<std::size_t>(p.m.weights() + sgd::slice_floats(p.m, kSamples));
}
static std::size_t workspace(const MlpSgd::Args& p) {
  return 4 * static_cast<std::size_t>(ceil_div(p.batch, kSamples) * p.m.weights() + p.batch);
}

static void train(const MlpSgd::Args& p, const bench::Context& ctx) {
  const auto blocks = static_cast<int>(ceil_div(p.batch, kSamples));
  const auto bytes = static_cast<int>(shared_bytes(p));
  auto* partials = static_cast<float*>(ctx.workspace);
  float* losses = partials + blocks * p.m.weights();
  cudaFuncSetAttribute(reinterpret_cast<const void*>(partial_gradients),
                       cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  for (int t = 0; t < p.steps; ++t) {
    partial_gradients<<<static_cast<unsigned>(blocks), kThreads, bytes, ctx.stream>>>(p, t, partials, losses);
    update<<<static_cast<unsigned>(ceil_div(p.m.weights(), 256)), 256, 0, ctx.stream>>>(p, t, blocks,
                                                                                        partials, losses);
  }
}

static const bench::Rung<MlpSgd> rung({
    .title = "MLP, fused: weights and activations in shared memory",
    .idea = "2 launches a step whatever the depth; activations never leave the SM",
    .run = train,
    .needs = [](const MlpSgd::Args& p) -> std::string {
      return shared_bytes(p) <= 227 * 1024 ? ""
                                           : "needs the weights and 8 samples' activations to fit 227 KB";
    },
    .workspace = workspace,
});
