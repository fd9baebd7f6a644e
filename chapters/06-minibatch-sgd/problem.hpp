// Training a generalised linear model by minibatch SGD, checked step by step against the same training in
// FP64.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/rung.hpp"
#include "chapters/06-minibatch-sgd/oracle.hpp"
#include "kernels/sgd/loss.cuh"
#include "kernels/sgd/permutation.cuh"

// Of both problems' Args: a run that cannot be is told as bench::BadInput; and a run with its arrays.
template <class Args>
void check_run(const Args& p) {
  if (p.batch > p.n) throw bench::BadInput("batch must be at most n: a step takes its samples once");
  if (!(p.lr >= 0) || !std::isfinite(p.lr)) throw bench::BadInput("lr must be a finite number of at least 0");
}
template <class Args>
Args bound(Args p, std::span<void* const> data) {
  p.x = static_cast<const float*>(data[0]);
  p.y = static_cast<const float*>(data[1]);
  p.w = static_cast<float*>(data[2]);
  p.losses = static_cast<float*>(data[3]);
  return p;
}

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

  static std::vector<bench::Shape> shapes(bench::ShapeSet set);

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
    check_run(p_);
  }

  Args bind(std::span<void* const> data) const { return bound(p_, data); }

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
  void adjust(bench::HostData& inputs) const override;

  sgd::GlmOracle oracle(const bench::HostData& inputs) const {
    const auto f = [&](int o) { return reinterpret_cast<const float*>(inputs[o].data()); };
    return sgd::GlmOracle({.loss = p_.loss,
                           .d = p_.d,
                           .k = p_.k,
                           .x = f(0),
                           .y = f(1),
                           .w = std::vector<double>(f(2), f(2) + weights())});
  }
  void prepare(const bench::HostData& inputs) override;
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t i) const override;
  std::string where(std::size_t operand, std::int64_t i) const override;

 private:
  std::int64_t weights() const { return std::int64_t(p_.k) * (p_.d + 1); }

  Args p_;
  sgd::Training truth_;
};
