// Minibatch stochastic gradient descent as the definition reads. A generalised linear model: outputs
// z = W (x, 1), one row of W an output, its last column the bias. A step takes the next `batch` samples of a
// shuffled order and moves the weights against the mean gradient of their loss:
//
//   order   │ 17  4 22  9 │ 30  1 12  8 │ …        a permutation of the samples, a new one each epoch
//           └── step 0 ───┴── step 1 ───┘
//
//   for every sample:   z = W (x, 1)      r = dl/dz = prediction - target      G += r (x, 1)^T
//   after the batch:    W -= lr / batch * G                                    losses[step] = mean l
//
// Step t + 1 needs the weights of step t: steps are a chain, and only the samples within one can be shared
// out. Everything this chapter does to go faster is about how little to wait between the links of that chain.
#include <vector>

#include "problem.hpp"

static void train(const Sgd::Args& p, const bench::Context&) {
  const int width = p.d + 1;
  const sgd::Order order(p.n, p.batch, p.seed);
  std::vector<float> z(p.k), gradient(static_cast<std::size_t>(p.k) * width);
  for (int step = 0; step < p.steps; ++step) {
    const sgd::Permutation shuffled = order.epoch(step);
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    float loss = 0;
    for (int b = 0; b < p.batch; ++b) {
      const std::int64_t i = shuffled(order.start(step) + b);
      const float* x = p.x + i * p.d;
      for (int c = 0; c < p.k; ++c) {
        const float* w = p.w + std::int64_t(c) * width;
        z[c] = w[p.d];
        for (int j = 0; j < p.d; ++j) z[c] += w[j] * x[j];
      }
      loss += sgd::loss_and_residual(p.loss, p.k, p.y + i * p.k, z.data(), sgd::Alone());
      for (int c = 0; c < p.k; ++c) {
        float* g = gradient.data() + std::int64_t(c) * width;
        for (int j = 0; j < p.d; ++j) g[j] += z[c] * x[j];
        g[p.d] += z[c];
      }
    }
    const float rate = p.lr / p.batch;
    for (std::size_t w = 0; w < gradient.size(); ++w) p.w[w] -= rate * gradient[w];
    p.losses[step] = loss / p.batch;
  }
}

static const bench::Rung<Sgd> rung({
    .title = "Sequential CPU",
    .idea = "the definition: a sample after another, a step after another",
    .run = train,
    .where = bench::Where::cpu,
});
