// The samples of a batch do not depend on one another: every core takes its share, adds up a gradient of its
// own, and the gradients are added in the order of the threads.
//
//   batch   │ thread 0 │ thread 1 │ thread 2 │        each: z, r, its own G
//           └────┬─────┴────┬─────┴────┬─────┘
//   W -= lr / batch * (G0 + G1 + G2)                  each: a share of the weights
//
// Counted: the arithmetic divides by the number of cores; two barriers a step are new (a few microseconds
// each), and so are threads * weights additions. A batch of 64 small samples is too little work to hide that:
// measure where it starts to pay. Each thread's share is fixed, so a machine gives the same bits every time;
// another number of threads adds in another order.
#include <omp.h>

#include <vector>

#include "problem.hpp"

static void train(const Sgd::Args& p, const bench::Context&) {
  const int width = p.d + 1, threads = std::min(omp_get_max_threads(), p.batch);
  const std::int64_t weights = std::int64_t(p.k) * width;
  const sgd::Order order(p.n, p.batch, p.seed);
  std::vector<float> gradients(threads * weights), losses(threads);

#pragma omp parallel num_threads(threads)
  {
    const int me = omp_get_thread_num(), team = omp_get_num_threads();
    float* gradient = &gradients[me * weights];
    std::vector<float> z(p.k);
    for (int step = 0; step < p.steps; ++step) {
      const sgd::Permutation shuffled = order.epoch(step);
      std::fill_n(gradient, weights, 0.0f);
      float loss = 0;
#pragma omp for schedule(static)
      for (int b = 0; b < p.batch; ++b) {
        const std::int64_t i = shuffled(order.start(step) + b);
        const float* x = p.x + i * p.d;
        for (int c = 0; c < p.k; ++c) {
          const float* w = p.w + std::int64_t(c) * width;
          float sum = w[p.d];
#pragma omp simd reduction(+ : sum)
          for (int j = 0; j < p.d; ++j) sum += w[j] * x[j];
          z[c] = sum;
        }
        loss += sgd::loss_and_residual(p.loss, p.k, p.y + i * p.k, z.data(), sgd::Alone());
        losses[me] = loss;
        for (int c = 0; c < p.k; ++c) {
          float* g = gradient + std::int64_t(c) * width;
          for (int j = 0; j < p.d; ++j) g[j] += z[c] * x[j];
          g[p.d] += z[c];
        }
      }  // the first barrier: all gradients and losses are there
#pragma omp single nowait
      {  // before the second, behind which a faster thread writes the next step's
        float sum = 0;
        for (int t = 0; t < team; ++t) sum += losses[t];
        p.losses[step] = sum / p.batch;
      }
#pragma omp for schedule(static)
      for (std::int64_t w = 0; w < weights; ++w) {
        float sum = 0;
        for (int t = 0; t < team; ++t) sum += gradients[t * weights + w];
        p.w[w] -= p.lr / p.batch * sum;
      }  // the second: all weights are new
    }
  }
}

static const bench::Rung<Sgd> rung({
    .title = "OpenMP, the batch shared out",
    .idea = "every core takes part of each batch; two barriers a step",
    .run = train,
    .where = bench::Where::cpu,
});
