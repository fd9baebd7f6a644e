// A kernel for each thing that must wait for another: every layer forward, the loss, every layer backward.
//
//   forward 0 → forward 1 → residual → below 1 → update 1 → update 0        with one hidden layer
//   (batch x h)  (batch x k)           (batch x h)  a thread a weight, gradient and update at once
//
// Counted per step: 3 (layers + 1) launches, 6 for one hidden layer and 9 for two; activations and slopes
// make the way through global memory, 4 * batch * h * 2 bytes a layer, written once and read three times. For
// 256 samples of 30 features and 32 units that is 64 KB beside 30 KB of samples: small, but every launch in
// between waits for it.
#include "kernels/launch.cuh"
#include "kernels/sgd/warp.cuh"
#include "mlp.hpp"

// a = act(W (input, 1)): a thread a (sample, unit). The first layer finds the step's samples and notes them
// down.
static __global__ void forward(const __grid_constant__ sgd::Mlp m, int l, sgd::Order order, int step,
                               int batch, const float* input, const float* w, int* rows, float* a,
                               float* slope) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int in = m.in(l), out = m.out(l);
  if (i >= std::int64_t(batch) * out) return;
  const int b = static_cast<int>(i / out), c = static_cast<int>(i % out);
  const int row = l == 0 ? order.sample(step, b) : b;
  if (l == 0 && c == 0) rows[b] = row;
  const float* from = input + std::int64_t(row) * in;
  const float* v = w + m.offset(l) + std::int64_t(c) * (in + 1);
  float z = v[in];
  for (int j = 0; j < in; ++j) z += v[j] * from[j];
  a[i] = l < m.layers ? sgd::activate(m.activation, z, slope[i]) : z;
}

static __global__ void residual(sgd::Mlp m, int batch, const int* rows, const float* y, float* z,
                                float* loss) {  // one block; the losses are added in the order of the threads
  __shared__ float sums[256];
  float sum = 0;
  for (int b = static_cast<int>(threadIdx.x); b < batch; b += 256)
    sum += sgd::loss_and_residual(m.loss, m.k, y + std::int64_t(rows[b]) * m.k, z + std::int64_t(b) * m.k,
                                  sgd::Alone());
  sums[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x > 0) return;
  for (int t = 1; t < 256; ++t) sum += sums[t];
  *loss = sum / static_cast<float>(batch);
}

// dl/dz of the layer below from `delta`, dl/dz of layer l.
static __global__ void below(const __grid_constant__ sgd::Mlp m, int l, int batch, const float* w,
                             const float* delta, const float* slope, float* result) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int in = m.in(l), out = m.out(l);
  if (i >= std::int64_t(batch) * in) return;
  float sum = 0;
  for (int c = 0; c < out; ++c)
    sum += delta[i / in * out + c] * w[m.offset(l) + std::int64_t(c) * (in + 1) + i % in];
  result[i] = sum * slope[i];
}

static __global__ void update(const __grid_constant__ sgd::Mlp m, int l, int batch, float rate,
                              const int* rows, const float* delta, const float* input, float* w) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const int in = m.in(l), out = m.out(l);
  if (i >= std::int64_t(out) * (in + 1)) return;
  const std::int64_t c = i / (in + 1), j = i % (in + 1);
  float sum = 0;
  for (int b = 0; b < batch; ++b) {
    const std::int64_t row = l == 0 ? rows[b] : b;
    sum += delta[std::int64_t(b) * out + c] * (j < in ? input[row * in + j] : 1.0f);
  }
  w[m.offset(l) + i] -= rate * sum;
}

// Of every hidden layer activations, slopes and deltas; the outputs; the rows.
static std::size_t workspace(const MlpSgd::Args& p) {
  return 4 * std::size_t(p.batch) * (3 * std::size_t(p.m.hidden(p.m.layers)) + p.m.k + 1);
}

static void train(const MlpSgd::Args& p, const bench::Context& ctx) {
  const sgd::Mlp& m = p.m;
  const std::int64_t hidden = std::int64_t(p.batch) * m.h[0];  // of each hidden layer: all are equally wide
  auto* a = static_cast<float*>(ctx.workspace);
  float *slope = a + m.layers * hidden, *delta = slope + m.layers * hidden;  // delta[layers] is the outputs'
  auto* rows = reinterpret_cast<int*>(delta + m.layers * hidden + std::int64_t(p.batch) * m.k);
  const auto blocks = [](std::int64_t threads) { return static_cast<unsigned>(ceil_div(threads, 256)); };
  const auto input = [&](int l) { return l == 0 ? p.x : a + (l - 1) * hidden; };
  const sgd::Order order(p.n, p.batch, p.seed);
  for (int t = 0; t < p.steps; ++t) {
    for (int l = 0; l <= m.layers; ++l)
      forward<<<blocks(std::int64_t(p.batch) * m.out(l)), 256, 0, ctx.stream>>>(
          m, l, order, t, p.batch, input(l), p.w, rows, (l < m.layers ? a : delta) + l * hidden,
          slope + l * hidden);
    residual<<<1, 256, 0, ctx.stream>>>(m, p.batch, rows, p.y, delta + m.layers * hidden, p.losses + t);
    for (int l = m.layers; l > 0; --l)
      below<<<blocks(hidden), 256, 0, ctx.stream>>>(m, l, p.batch, p.w, delta + l * hidden,
                                                    slope + (l - 1) * hidden, delta + (l - 1) * hidden);
    for (int l = m.layers; l >= 0; --l)
      update<<<blocks(std::int64_t(m.out(l)) * (m.in(l) + 1)), 256, 0, ctx.stream>>>(
          m, l, p.batch, p.lr / p.batch, rows, delta + l * hidden, input(l), p.w);
  }
}

static const bench::Rung<MlpSgd> rung({
    .title = "MLP, a kernel per layer and direction",
    .idea = "every sample and unit at once; 3 (layers + 1) launches a step",
    .run = train,
    .workspace = workspace,
});
