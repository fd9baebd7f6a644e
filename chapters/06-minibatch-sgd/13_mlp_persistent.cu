// The network stays in shared memory for the whole training. Every block keeps a copy of its own and moves it
// by itself: after one grid sync, all partial gradients are there, and every block adds up all of them in the
// same order, so that all copies stay the same to the last bit and no second wait is needed.
//
//   block 0:  W │ slice → partial ║ add all, move W │ slice → partial ║ …      ║ = grid.sync(), one a step
//   block 1:  W │ slice → partial ║ add all, move W │ slice → partial ║ …
//
// Partials alternate between two buffers: a block may be writing step t + 1 while another still reads step t,
// and nobody can be two steps ahead. Counted per step: 1 grid sync, 1.5 us, instead of 2 launches, 5 us; the
// price is that each block reads every partial, blocks^2 * 4 * weights bytes from the L2 cache: 4 MB for 32
// blocks of a thousand weights, under 1 us, but 200 MB for 50 thousand. It pays for small networks only.
#include <cooperative_groups.h>

#include "kernels/launch.cuh"
#include "kernels/sgd/mlp_slice.cuh"
#include "mlp.hpp"

constexpr int kSamples = 8, kThreads = 256;  // of a slice; of a block

static __global__ void persistent(const __grid_constant__ MlpSgd::Args p, int slices, float* partials,
                                  float* losses) {
  extern __shared__ float shared[];
  const cooperative_groups::grid_group grid = cooperative_groups::this_grid();
  const sgd::Order order(p.n, p.batch, p.seed);
  const int weights = static_cast<int>(p.m.weights()), thread = static_cast<int>(threadIdx.x);
  const float rate = p.lr / static_cast<float>(p.batch);
  for (int i = thread; i < weights; i += kThreads) shared[i] = p.w[i];
  // New weights are complete at the barrier that slice_gradient begins with, after it has read the samples.
  for (int t = 0; t < p.steps; ++t) {
    float* mine = partials + t % 2 * std::int64_t(slices) * weights;
    float* my_losses = losses + t % 2 * p.batch;
    for (int s = static_cast<int>(blockIdx.x); s < slices; s += static_cast<int>(gridDim.x)) {
      const int first = s * kSamples, count = p.batch - first < kSamples ? p.batch - first : kSamples;
      sgd::slice_gradient(p.m, shared, shared + weights, order, t, first, count, p.x, p.y,
                          mine + std::int64_t(s) * weights, my_losses);
    }
    grid.sync();
    for (int i = thread; i < weights; i += kThreads) {
      float sum = 0;
      for (int s = 0; s < slices; ++s) sum += mine[std::int64_t(s) * weights + i];
      shared[i] -= rate * sum;
    }
    if (blockIdx.x == 0 && thread < 32) {
      float loss = 0;
      for (int b = thread; b < p.batch; b += 32) loss += my_losses[b];
      loss = sgd::Warp().sum(loss);
      if (thread == 0) p.losses[t] = loss / static_cast<float>(p.batch);
    }
  }
  for (int i = thread; i < weights && blockIdx.x == 0; i += kThreads) p.w[i] = shared[i];
}

static std::size_t shared_bytes(const MlpSgd::Args& p) {
  return 4 * static_cast<std::size_t>(p.m.weights() + sgd::slice_floats(p.m, kSamples));
}
static std::size_t workspace(const MlpSgd::Args& p) {
  return 2 * 4 * static_cast<std::size_t>(ceil_div(p.batch, kSamples) * p.m.weights() + p.batch);
}

static void train(const MlpSgd::Args& given, const bench::Context& ctx) {
  MlpSgd::Args p = given;
  auto slices = static_cast<int>(ceil_div(p.batch, kSamples));
  const std::size_t bytes = shared_bytes(p);
  auto* partials = static_cast<float*>(ctx.workspace);
  float* losses = partials + 2 * slices * p.m.weights();
  const void* kernel = reinterpret_cast<const void*>(persistent);
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
  int device = 0, multiprocessors = 1, blocks = 1;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
  cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, kThreads, bytes);
  const int grid = std::min(slices, multiprocessors * blocks);
  void* args[] = {&p, &slices, &partials, &losses};
  cudaLaunchCooperativeKernel(kernel, dim3(static_cast<unsigned>(grid)), dim3(kThreads), args, bytes,
                              ctx.stream);
}

static const bench::Rung<MlpSgd> rung({
    .title = "MLP, persistent: a copy of the network in every block",
    .idea = "all steps in one launch, one grid sync a step; every block adds up every gradient",
    .run = train,
    .needs = [](const MlpSgd::Args& p) -> std::string {
      return shared_bytes(p) <= 227 * 1024 ? ""
                                           : "needs the weights and 8 samples' activations to fit 227 KB";
    },
    .workspace = workspace,
});
