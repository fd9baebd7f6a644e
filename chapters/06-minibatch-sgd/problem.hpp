// Training a generalised linear model by minibatch SGD, checked step by step against the same training in
// FP64.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/registry.hpp"
#include "chapters/06-minibatch-sgd/oracle.hpp"
#include "kernels/sgd/loss.cuh"
#include "kernels/sgd/permutation.cuh"

// `steps` steps of minibatch SGD from the given weights, single precision. 00_reference.cpp has the formula.
class Sgd : public bench::Problem {
 public:
  static constexpr std::string_view kName = "sgd";
  struct Args {
    int n, d, k, batch, steps;  // samples, features, outputs, samples a step; 1 <= batch <= n
    float lr;                   // learning rate
    sgd::Loss loss;
    std::uint32_t seed;  // of the order in which samples are visited: sgd::Order(n, batch, seed)
    const float* x;      // n x d, row-major
    const float* y;  // n x k, row-major: numbers, probabilities in [0, 1], or rows that sum to 1 (sgd::Loss)
    float* w;        // k x (d + 1), row-major, the last column is the bias
    float* losses;   // `steps` numbers: the batch's mean loss before the step's update
  };

  static std::vector<bench::Dim> dims() {
    return {{.name = "n", .fallback = 1024, .min = 1},
            {.name = "d", .fallback = 64, .min = 1, .max = 1 << 20},
            {.name = "k", .fallback = 10, .min = 1, .max = 1 << 16},
            {.name = "batch", .fallback = 64, .min = 1},
            {.name = "steps", .fallback = 32},
            {.name = "loss", .fallback = 2, .max = 2},  // sgd::Loss
            {.name = "lr", .fallback = 0.05, .whole = false},
            {.name = "seed", .fallback = 1}};
  }

  static std::vector<bench::Shape> shapes(bench::ShapeSet set) {
    const auto shape = [](double n, double d, double k, double batch, double steps, double loss, double lr) {
      return bench::Shape{{"n", n},         {"d", d},       {"k", k},  {"batch", batch},
                          {"steps", steps}, {"loss", loss}, {"lr", lr}};
    };
    switch (set) {
      case bench::ShapeSet::edge:
        return {shape(1, 1, 1, 1, 3, 0, 0.5),      // the least there is
                shape(5, 3, 2, 5, 0, 1, 0.1),      // no step: the weights stay
                shape(7, 5, 1, 3, 1, 1, 0.1),      // one step, which leaves a sample over
                shape(64, 31, 1, 16, 24, 0, 0.1),  // linear regression over six epochs
                shape(97, 33, 3, 32, 21, 0, 0.1),  // and with tails everywhere
                shape(50, 7, 1, 50, 20, 1, 0.5),   // the whole set as one batch
                shape(129, 65, 5, 17, 22, 1, 0.2),   shape(61, 4, 2, 8, 20, 2, 0.2),
                shape(100, 13, 37, 33, 20, 2, 0.2),  // more outputs than a warp has lanes
                shape(40, 257, 10, 20, 20, 2, 0.02), shape(300, 20, 4, 1, 40, 2, 0.05),
                shape(30, 6, 3, 10, 20, 2, 0)};  // a rate of zero
      case bench::ShapeSet::count: return {shape(512, 64, 10, 64, 24, 2, 0.05)};
      case bench::ShapeSet::bench:
        // 2 and 30 features like tabular data, 784 like small pictures; an epoch each, or a thousand steps.
        return {shape(100000, 30, 1, 256, 390, 1, 0.1), shape(60000, 784, 10, 64, 937, 2, 0.01),
                shape(60000, 784, 10, 256, 234, 2, 0.01), shape(60000, 784, 10, 4096, 14, 2, 0.01),
                shape(1000, 64, 1, 32, 1000, 0, 0.02)};
    }
    return {};
  }

  explicit Sgd(const bench::Shape& s)
      : p_{.n = static_cast<int>(s["n"]),
           .d = static_cast<int>(s["d"]),
           .k = static_cast<int>(s["k"]),
           .batch = static_cast<int>(s["batch"]),
           .steps = static_cast<int>(s["steps"]),
           .lr = static_cast<float>(s.real("lr")),
           .loss = static_cast<sgd::Loss>(s["loss"]),
           .seed = static_cast<std::uint32_t>(s["seed"]),
           .x = nullptr,
           .y = nullptr,
           .w = nullptr,
           .losses = nullptr} {
    if (p_.batch > p_.n) throw bench::BadInput("batch must be at most n: a step takes its samples once");
    if (!(p_.lr >= 0) || !std::isfinite(p_.lr))
      throw bench::BadInput("lr must be a finite number of at least 0");
  }

  Args bind(std::span<void* const> data) const {
    Args p = p_;
    p.x = static_cast<const float*>(data[0]);
    p.y = static_cast<const float*>(data[1]);
    p.w = static_cast<float*>(data[2]);
    p.losses = static_cast<float*>(data[3]);
    return p;
  }

  std::vector<bench::Operand> operands() const override {
    const std::int64_t n = p_.n;
    return {{.name = "x", .count = n * p_.d},
            {.name = "y", .count = n * p_.k},
            {.name = "w", .count = weights(), .access = bench::Access::inout},
            {.name = "losses", .count = p_.steps, .access = bench::Access::out}};
  }
  // Every sample costs a product with W forward and one backward; no implementation can read a batch less
  // than once, and a set that is visited again may have stayed in a cache.
  bench::Work work() const override {
    const double visited = double(p_.steps) * p_.batch, rows = std::min<double>(visited, p_.n);
    return {.flops = 4 * visited * weights(),
            .bytes = 4 * (rows * (p_.d + p_.k) + 2.0 * weights() + p_.steps)};
  }
  std::int64_t roundings() const override { return 1; }  // the oracle's scale counts them all
  double largest_integer() const override { return 1; }
  bool integers_are_exact() const override { return false; }  // lr / batch and the exponentials round

  // Weights start small; targets are what a hidden model says of x, with noise, so that there is something to
  // learn.
  void adjust(bench::HostData& inputs) const override {
    auto* x = reinterpret_cast<const float*>(inputs[0].data());
    auto* y = reinterpret_cast<float*>(inputs[1].data());
    auto* w = reinterpret_cast<float*>(inputs[2].data());
    const float spread = 1 / std::sqrt(static_cast<float>(p_.d + 1));
    for (std::int64_t i = 0; i < weights(); ++i) w[i] *= spread;
    const std::vector<float> hidden = sgd::hidden_model(p_.k, p_.d);
#pragma omp parallel for if (p_.n > 10000)
    for (std::int64_t i = 0; i < p_.n; ++i) {
      sgd::label(p_.loss, p_.d, p_.k, hidden.data(), x + i * p_.d, y + i * p_.k);
    }
  }

  sgd::GlmOracle oracle(const bench::HostData& inputs) const {
    const auto f = [&](int o) { return reinterpret_cast<const float*>(inputs[o].data()); };
    return sgd::GlmOracle({.loss = p_.loss,
                           .d = p_.d,
                           .k = p_.k,
                           .x = f(0),
                           .y = f(1),
                           .w = std::vector<double>(f(2), f(2) + weights())});
  }
  void prepare(const bench::HostData& inputs) override {
    truth_ = oracle(inputs).train(sgd::Order(p_.n, p_.batch, p_.seed), p_.batch, p_.steps, p_.lr);
  }
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t i) const override {
    if (operand == 2) return bench::Truth{truth_.w[i], truth_.w_error};
    return bench::Truth{truth_.losses[i], truth_.loss_errors[i]};
  }
  std::string where(std::size_t operand, std::int64_t i) const override {
    if (operand == 3) return "the loss of step " + std::to_string(i);
    return "w[output " + std::to_string(i / (p_.d + 1)) + ", feature " + std::to_string(i % (p_.d + 1)) + "]";
  }

 private:
  std::int64_t weights() const { return std::int64_t(p_.k) * (p_.d + 1); }

  Args p_;
  sgd::Training truth_;
};
