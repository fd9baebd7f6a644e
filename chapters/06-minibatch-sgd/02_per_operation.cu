// As a framework does it: the host shuffles, and one kernel for each operation, every intermediate result in
// global memory, and the loss fetched by the host after every step to print it.
//
//   host:    shuffle ─ H2D order                                        wait ─ losses[step]
//   GPU:     gather X_B,Y_B → Z = X_B W^T → loss, R → mean → G = R^T X_B → W -= …  └ D2H loss
//            └── kernel ──┘   └─ kernel ┘   └kernel┘  └k. ┘  └─ kernel ┘   └kernel┘
//
// Counted per step: 7 launches (two of them gather) (about 2.5 us each) and one round trip to the host (about
// 10 us) in which the GPU does nothing: 27 us, where a batch of 64 with 784 features and 10 outputs takes
// 0.05 us to read. This rung waits for the GPU on purpose: that wait is what it measures.
#include <vector>

#include "kernels/launch.cuh"
#include "problem.hpp"

static __global__ void gather(int batch, int columns, const int* rows, const float* from, float* to) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < std::int64_t(batch) * columns)
    to[i] = from[rows[i / columns] * std::int64_t(columns) + i % columns];
}

static __global__ void forward(int batch, int d, int k, const float* x, const float* w, float* z) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= std::int64_t(batch) * k) return;
  const float *row = x + i / k * d, *weights = w + i % k * (d + 1);
  float sum = weights[d];
  for (int j = 0; j < d; ++j) sum += weights[j] * row[j];
  z[i] = sum;
}

static __global__ void residual(sgd::Loss loss, int batch, int k, const float* y, float* z,
                                float* sample_losses) {
  const std::int64_t b = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (b < batch) sample_losses[b] = sgd::loss_and_residual(loss, k, y + b * k, z + b * k, sgd::Alone());
}

static __global__ void mean(int n, const float* values,
                            float* result) {  // one thread: nobody has optimised it yet
  float sum = 0;
  for (int i = 0; i < n; ++i) sum += values[i];
  *result = sum / n;
}

static __global__ void gradient(int batch, int d, int k, const float* x, const float* r, float* g) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= std::int64_t(k) * (d + 1)) return;
  const std::int64_t c = i / (d + 1), j = i % (d + 1);
  float sum = 0;
  for (std::int64_t b = 0; b < batch; ++b) sum += r[b * k + c] * (j < d ? x[b * d + j] : 1.0f);
  g[i] = sum;
}

static __global__ void update(std::int64_t weights, float rate, const float* g, float* w) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < weights) w[i] -= rate * g[i];
}

static std::size_t workspace(const Sgd::Args& p) {  // X_B, Y_B, Z, the samples' losses, G, the order
  return 4 * (std::size_t(p.batch) * (p.d + 2 * p.k + 1) + std::size_t(p.k) * (p.d + 1) + p.n);
}

static void train(const Sgd::Args& p, const bench::Context& ctx) {
  const std::int64_t batch = p.batch, weights = std::int64_t(p.k) * (p.d + 1);
  auto* x = static_cast<float*>(ctx.workspace);
  float *y = x + batch * p.d, *z = y + batch * p.k, *l = z + batch * p.k, *g = l + batch;
  auto* rows = reinterpret_cast<int*>(g + weights);
  const auto blocks = [](std::int64_t threads) { return static_cast<unsigned>(ceil_div(threads, 256)); };

  const sgd::Order order(p.n, p.batch, p.seed);
  std::vector<int> shuffled(p.n);
  for (int step = 0; step < p.steps; ++step) {
    if (order.start(step) == 0) {
      const sgd::Permutation epoch = order.epoch(step);
      for (int i = 0; i < p.n; ++i) shuffled[i] = static_cast<int>(epoch(i));
      cudaMemcpyAsync(rows, shuffled.data(), sizeof(int) * p.n, cudaMemcpyHostToDevice, ctx.stream);
    }
    const int* mine = rows + order.start(step);
    gather<<<blocks(batch * p.d), 256, 0, ctx.stream>>>(p.batch, p.d, mine, p.x, x);
    gather<<<blocks(batch * p.k), 256, 0, ctx.stream>>>(p.batch, p.k, mine, p.y, y);
    forward<<<blocks(batch * p.k), 256, 0, ctx.stream>>>(p.batch, p.d, p.k, x, p.w, z);
    residual<<<blocks(batch), 256, 0, ctx.stream>>>(p.loss, p.batch, p.k, y, z, l);
    mean<<<1, 1, 0, ctx.stream>>>(p.batch, l, p.losses + step);
    gradient<<<blocks(weights), 256, 0, ctx.stream>>>(p.batch, p.d, p.k, x, z, g);
    update<<<blocks(weights), 256, 0, ctx.stream>>>(weights, p.lr / p.batch, g, p.w);
    float loss = 0;
    cudaMemcpyAsync(&loss, p.losses + step, sizeof loss, cudaMemcpyDeviceToHost, ctx.stream);
    cudaStreamSynchronize(ctx.stream);
  }
}

static const bench::Rung<Sgd> rung({
    .title = "One kernel per operation, order and loss on the host",
    .idea = "the GPU does the arithmetic; 7 launches and a round trip to the host every step",
    .run = train,
    .workspace = workspace,
});
