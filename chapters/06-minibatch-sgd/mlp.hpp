// Training a multilayer perceptron by minibatch SGD, checked step by step against the same training in FP64.
#pragma once

#include "chapters/06-minibatch-sgd/mlp_oracle.hpp"
#include "chapters/06-minibatch-sgd/problem.hpp"
#include "kernels/sgd/mlp.cuh"

// `steps` steps of minibatch SGD from the given weights, single precision. 10_mlp_reference.cpp has the
// formulas.
class MlpSgd : public bench::Problem {
 public:
  static constexpr std::string_view kName = "mlp_sgd";
  struct Args {
    sgd::Mlp m;
    int n, batch, steps;  // samples, samples a step; 1 <= batch <= n
    float lr;             // learning rate
    std::uint32_t seed;   // of sgd::Order(n, batch, seed)
    const float* x;       // n x d, row-major
    const float* y;       // n x k, row-major, as sgd::Loss has it
    float* w;             // m.weights(), as sgd::Mlp lays them out
    float* losses;        // `steps` numbers: the batch's mean loss before the step's update
  };

  static std::vector<bench::Dim> dims() {
    return {{.name = "n", .fallback = 1024, .min = 1},
            {.name = "d", .fallback = 32, .min = 1, .max = 1 << 14},
            {.name = "h", .fallback = 32, .min = 1, .max = 1 << 12},
            {.name = "layers", .fallback = 1, .min = 1, .max = 8},  // hidden ones
            {.name = "k", .fallback = 10, .min = 1, .max = 1 << 12},
            {.name = "batch", .fallback = 64, .min = 1},
            {.name = "steps", .fallback = 24},
            {.name = "act", .fallback = 0, .max = 3},   // sgd::Activation
            {.name = "loss", .fallback = 2, .max = 2},  // sgd::Loss
            {.name = "lr", .fallback = 0.05, .whole = false},
            {.name = "seed", .fallback = 1}};
  }

  static std::vector<bench::Shape> shapes(bench::ShapeSet set);

  explicit MlpSgd(const bench::Shape& s)
      : p_{.m = {.d = static_cast<int>(s["d"]),
                 .h = {},
                 .layers = static_cast<int>(s["layers"]),
                 .k = static_cast<int>(s["k"]),
                 .activation = static_cast<sgd::Activation>(s["act"]),
                 .loss = static_cast<sgd::Loss>(s["loss"])},
           .n = static_cast<int>(s["n"]),
           .batch = static_cast<int>(s["batch"]),
           .steps = static_cast<int>(s["steps"]),
           .lr = static_cast<float>(s.real("lr")),
           .seed = static_cast<std::uint32_t>(s["seed"]),
           .x = nullptr,
           .y = nullptr,
           .w = nullptr,
           .losses = nullptr} {
    std::fill_n(p_.m.h, p_.m.layers, static_cast<int>(s["h"]));
    check_run(p_);
  }

  Args bind(std::span<void* const> data) const { return bound(p_, data); }

  std::vector<bench::Operand> operands() const override {
    return {{.name = "x", .count = std::int64_t(p_.n) * p_.m.d},
            {.name = "y", .count = std::int64_t(p_.n) * p_.m.k},
            {.name = "w", .count = p_.m.weights(), .access = bench::Access::inout},
            {.name = "losses", .count = p_.steps, .access = bench::Access::out}};
  }
  // A product with every matrix forward, and two backward: its gradient, and, but for the first, its inputs'.
  bench::Work work() const override {
    const double visited = double(p_.steps) * p_.batch, rows = std::min<double>(visited, p_.n);
    const double weights = double(p_.m.weights());
    return {.flops = visited * (6 * weights - 2.0 * p_.m.offset(1)),
            .bytes = 4 * (rows * (p_.m.d + p_.m.k) + 2 * weights + p_.steps)};
  }
  std::int64_t roundings() const override { return 1; }  // the oracle's scale counts them all
  double largest_integer() const override { return 1; }
  bool integers_are_exact() const override { return false; }

  void adjust(bench::HostData& inputs) const override;

  sgd::MlpOracle oracle(const bench::HostData& inputs) const {
    const auto f = [&](int o) { return reinterpret_cast<const float*>(inputs[o].data()); };
    std::vector<sgd::Matrix> w;
    for (int l = 0; l <= p_.m.layers; ++l) {
      w.emplace_back(p_.m.out(l), p_.m.in(l) + 1);
      std::copy_n(f(2) + p_.m.offset(l), matrix_size(l), w.back().v.begin());
    }
    return sgd::MlpOracle(
        {.loss = p_.m.loss, .activation = p_.m.activation, .x = f(0), .y = f(1), .w = std::move(w)});
  }
  void prepare(const bench::HostData& inputs) override;
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t i) const override;
  std::string where(std::size_t operand, std::int64_t i) const override;

 private:
  std::int64_t matrix_size(int l) const { return std::int64_t(p_.m.out(l)) * (p_.m.in(l) + 1); }
  int layer_of(std::int64_t i) const {
    int l = p_.m.layers;
    while (i < p_.m.offset(l)) --l;
    return l;
  }

  Args p_;
  sgd::MlpOracle::Result truth_;
};
