// Wait less often. Every block is a worker with weights of its own in shared memory; it takes `period` steps
// as in 07_one_block, on its own samples, and only then do all replace their weights by the mean of them all:
//
//   block 0   step step step step ┐        ┌ step step step step ┐
//   block 1   step step step step ┼─ mean ─┼ step step step step ┼─ mean …       period = 4
//   …         step step step step ┘        └ step step step step ┘
//
// Counted: 2 launches for `period` steps of workers * batch samples, and all SMs at work, instead of 2 waits
// of the whole GPU for every step. It is another algorithm than SGD with the large batch: between meetings
// the replicas drift apart, and how much longer they may without harm is an experiment, not a theorem (period
// = 1 is the large batch). It is still deterministic, so it is held to an FP64 run of the same meetings. A
// meeting waits for the slowest worker: uneven work (experiment 4) shows as idle SMs.
#include "kernels/launch.cuh"
#include "kernels/sgd/step.cuh"
#include "local_sgd.hpp"

static __global__ void work_alone(LocalSgd::Args p, int from, int to, float* replicas, float* losses) {
  extern __shared__ float shared[];
  const int weights = p.sgd.k * (p.sgd.d + 1), me = static_cast<int>(blockIdx.x);
  float* r = shared + weights;
  float* sample_losses = r + p.sgd.batch * p.sgd.k;
  const sgd::Step step{.loss = p.sgd.loss,
                       .d = p.sgd.d,
                       .k = p.sgd.k,
                       .batch = p.sgd.batch,
                       .rate = p.sgd.lr / static_cast<float>(p.sgd.batch),
                       .order = p.order(),
                       .x = p.sgd.x,
                       .y = p.sgd.y,
                       .w = shared,
                       .losses = losses + std::int64_t(me) * p.sgd.steps,
                       .first = me * p.sgd.batch,
                       .rows = reinterpret_cast<int*>(sample_losses + p.sgd.batch),
                       .r = r,
                       .sample_losses = sample_losses};
  for (int i = static_cast<int>(threadIdx.x); i < weights; i += static_cast<int>(blockDim.x))
    shared[i] = p.sgd.w[i];
  __syncthreads();
  for (int t = from; t < to; ++t) {
    sgd::forward(step, t, 0, 1);
    __syncthreads();
    sgd::backward(step, t, 0, 1);
    __syncthreads();
  }
  for (int i = static_cast<int>(threadIdx.x); i < weights; i += static_cast<int>(blockDim.x))
    replicas[std::int64_t(me) * weights + i] = shared[i];
}

// means[i] = the mean over the workers of values[m * stride + i].
static __global__ void mean(int workers, std::int64_t count, std::int64_t stride, const float* values,
                            float* means) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  float sum = 0;
  for (int m = 0; m < workers; ++m) sum += values[m * stride + i];
  means[i] = sum / static_cast<float>(workers);
}

static std::size_t shared_bytes(const LocalSgd::Args& p) {
  return 4 * std::size_t(p.sgd.k) * (p.sgd.d + 1) + sgd::scratch(p.sgd.k, p.sgd.batch);
}

static void train(const LocalSgd::Args& p, const bench::Context& ctx) {
  const std::int64_t weights = std::int64_t(p.sgd.k) * (p.sgd.d + 1);
  auto* replicas = static_cast<float*>(ctx.workspace);
  float* losses = replicas + p.workers * weights;
  const auto bytes = static_cast<int>(shared_bytes(p));
  const auto blocks = [](std::int64_t threads) { return static_cast<unsigned>(ceil_div(threads, 256)); };
  cudaFuncSetAttribute(reinterpret_cast<const void*>(work_alone), cudaFuncAttributeMaxDynamicSharedMemorySize,
                       bytes);
  for (int t = 0; t < p.sgd.steps; t += p.period) {
    const int end = std::min(t + p.period, p.sgd.steps);
    work_alone<<<static_cast<unsigned>(p.workers), 256, bytes, ctx.stream>>>(p, t, end, replicas, losses);
    mean<<<blocks(weights), 256, 0, ctx.stream>>>(p.workers, weights, weights, replicas, p.sgd.w);
  }
  if (p.sgd.steps > 0)
    mean<<<blocks(p.sgd.steps), 256, 0, ctx.stream>>>(p.workers, p.sgd.steps, p.sgd.steps, losses,
                                                      p.sgd.losses);
}

static const bench::Rung<LocalSgd> rung({
    .title = "Local SGD: meet every few steps",
    .idea = "a replica in every block, averaged every `period` steps: 2 launches a period, all SMs at work",
    .run = train,
    .needs = [](const LocalSgd::Args& p) -> std::string {
      return shared_bytes(p) <= 227 * 1024 ? "" : "needs 4 (k (d + 1) + batch (k + 2)) of at most 227 KB";
    },
    .workspace =
        [](const LocalSgd::Args& p) {
          return 4 * std::size_t(p.workers) * (std::size_t(p.sgd.k) * (p.sgd.d + 1) + p.sgd.steps);
        },
});
