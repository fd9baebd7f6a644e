// Small models do not need the grid. One block trains alone: its weights and residuals live in shared memory,
// and __syncthreads, some 30 ns, takes the place of the grid sync of 1500 ns.
//
//   one SM    [ W in shared memory ]   f │ b │ f │ b │ …      │ = __syncthreads
//   others    idle: free to train other models (other seeds, other rates)
//
// Counted per step: 2 block barriers of about 0.03 us against 3 us of grid syncs; but one SM reads at most
// about 50 GB/s of random rows from memory, a batch of 64 x 784 floats in 4 us, and computes at 1/132 of the
// rate. So it wins while a step is small: below about 100 KB of batch, and only while k * (d + 1) weights fit
// 227 KB.
#include "glm.hpp"

static __global__ void __launch_bounds__(1024) one_block(sgd::Step p, int steps) {
  extern __shared__ float shared[];
  const int weights = p.k * (p.d + 1), threads = static_cast<int>(blockDim.x);
  float* w = p.w;
  p.w = shared;
  p.r = p.w + weights;
  p.sample_losses = p.r + p.batch * p.k;
  p.rows = reinterpret_cast<int*>(p.sample_losses + p.batch);
  for (int i = static_cast<int>(threadIdx.x); i < weights; i += threads) p.w[i] = w[i];
  __syncthreads();
  for (int t = 0; t < steps; ++t) {
    sgd::forward(p, t, 0, 1);
    __syncthreads();
    sgd::backward(p, t, 0, 1);
    __syncthreads();
  }
  for (int i = static_cast<int>(threadIdx.x); i < weights; i += threads) w[i] = p.w[i];
}

static std::size_t shared_bytes(const Sgd::Args& p) {
  return 4 * std::size_t(p.k) * (p.d + 1) + sgd::scratch(p.k, p.batch);
}

static void train(const Sgd::Args& p, const bench::Context& ctx) {
  const auto bytes = static_cast<int>(shared_bytes(p));
  cudaFuncSetAttribute(reinterpret_cast<const void*>(one_block), cudaFuncAttributeMaxDynamicSharedMemorySize,
                       bytes);
  one_block<<<1, 1024, bytes, ctx.stream>>>(make_step(p, ctx), p.steps);
}

static const bench::Rung<Sgd> rung({
    .title = "One block, weights in shared memory",
    .idea = "block barriers instead of grid syncs, for a model that one SM can hold",
    .run = train,
    .needs = [](const Sgd::Args& p) -> std::string {
      return shared_bytes(p) <= 227 * 1024 ? "" : "needs 4 (k (d + 1) + batch (k + 2)) of at most 227 KB";
    },
});
