// Backpropagation as the chain rule reads. A layer is z = W (a, 1); a hidden one passes a' = act(z) on:
//
//   x = a0 ─ W0 ─ z0 ─ act ─ a1 ─ W1 ─ z1 ─ loss                            forward: keep every a and act'(z)
//   dl/dz1 = prediction - target                                            backward, from the loss down:
//   dl/dW1 = dl/dz1 (a1, 1)^T       dl/da1 = W1^T dl/dz1       dl/dz0 = dl/da1 * act'(z0)       …
//
// Each matrix is used three times a sample: forward, for its gradient, and to pass the error down; the first
// matrix only twice, because nobody needs dl/dx. All gradients are taken at the old weights; then all move.
#include <vector>

#include "mlp.hpp"

static void train(const MlpSgd::Args& p, const bench::Context&) {
  const sgd::Mlp& m = p.m;
  const sgd::Order order(p.n, p.batch, p.seed);
  std::vector<float> gradient(m.weights()), delta, below;
  std::vector<std::vector<float>> a(m.layers + 1), slope(m.layers);
  for (int step = 0; step < p.steps; ++step) {
    const sgd::Permutation shuffled = order.epoch(step);
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    float loss = 0;
    for (int b = 0; b < p.batch; ++b) {
      const std::int64_t row = shuffled(order.start(step) + b);
      a[0].assign(p.x + row * m.d, p.x + (row + 1) * m.d);
      for (int l = 0; l <= m.layers; ++l) {
        const int in = m.in(l), out = m.out(l);
        std::vector<float> z(out);
        for (int c = 0; c < out; ++c) {
          const float* w = p.w + m.offset(l) + std::int64_t(c) * (in + 1);
          z[c] = w[in];
          for (int j = 0; j < in; ++j) z[c] += w[j] * a[l][j];
        }
        if (l == m.layers) {
          delta = std::move(z);
          break;
        }
        a[l + 1].resize(out);
        slope[l].resize(out);
        for (int c = 0; c < out; ++c) a[l + 1][c] = sgd::activate(m.activation, z[c], slope[l][c]);
      }
      loss += sgd::loss_and_residual(m.loss, m.k, p.y + row * m.k, delta.data(), sgd::Alone());
      for (int l = m.layers; l >= 0; --l) {
        const int in = m.in(l), out = m.out(l);
        below.assign(in, 0.0f);
        for (int c = 0; c < out; ++c) {
          const float* w = p.w + m.offset(l) + std::int64_t(c) * (in + 1);
          float* g = gradient.data() + m.offset(l) + std::int64_t(c) * (in + 1);
          for (int j = 0; j < in; ++j) g[j] += delta[c] * a[l][j];
          g[in] += delta[c];
          for (int j = 0; j < in && l > 0; ++j) below[j] += w[j] * delta[c];
        }
        for (int j = 0; j < in && l > 0; ++j) below[j] *= slope[l - 1][j];
        delta.swap(below);
      }
    }
    for (std::size_t i = 0; i < gradient.size(); ++i) p.w[i] -= p.lr / p.batch * gradient[i];
    p.losses[step] = loss / p.batch;
  }
}

static const bench::Rung<MlpSgd> rung({
    .title = "MLP, sequential CPU",
    .idea = "the chain rule, a sample after another",
    .run = train,
    .where = bench::Where::cpu,
});
