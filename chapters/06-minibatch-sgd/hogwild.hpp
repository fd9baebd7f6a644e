// Asynchronous SGD, judged by whether it gets there.
//
// Workers that do not wait for one another read weights that are half moved, so two runs differ and no step
// can be checked. What can be checked is the end. The problem is linear regression with one output, and the
// task is a target: after `visits` updates of one sample each, the mean loss over the whole set must be no
// higher than what sequential SGD in FP64 reaches with half as many. A worker that loses its updates, or
// diverges, misses it. The optimum w* and its loss L* are known in closed form, and the loss is exactly L(w)
// = L* + 1/2 (w - w*)^T H (w - w*), so reaching the target T also says where every weight must be: |w_j -
// w*_j| <= sqrt(2 (T - L*) (H^-1)_jj). A claimed loss below L*, or weights that do not earn it, fail.
#pragma once

#include "problem.hpp"

class Hogwild : public bench::Problem {
 public:
  static constexpr std::string_view kName = "hogwild";
  struct Args {
    int n, d, visits;    // samples, features, updates of one sample each
    int workers;         // that run at the same time, at most
    float lr;            // learning rate
    std::uint32_t seed;  // update v is for sample sgd::Order(n, 1, seed).sample(v, 0)
    const float* x;      // n x d, row-major
    const float* y;      // n
    float* w;            // d + 1, the last is the bias
    float* loss;         // one number: the mean of 1/2 (z - y)^2 over all n samples at the end
  };

  static std::vector<bench::Dim> dims() {
    return {{.name = "n", .fallback = 1000, .min = 2},
            {.name = "d", .fallback = 16, .min = 1, .max = 256},
            {.name = "visits", .fallback = 2000, .min = 2},
            {.name = "workers", .fallback = 16, .min = 1, .max = 4096},
            {.name = "lr", .fallback = 0.005, .whole = false},
            {.name = "seed", .fallback = 1}};
  }
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) {
    const auto shape = [](double n, double d, double visits, double workers, double lr) {
      return bench::Shape{{"n", n}, {"d", d}, {"visits", visits}, {"workers", workers}, {"lr", lr}};
    };
    switch (set) {
      case bench::ShapeSet::edge:
        return {shape(40, 1, 400, 1, 0.02), shape(200, 5, 800, 7, 0.01), shape(600, 33, 2000, 8, 0.005)};
      case bench::ShapeSet::count: return {shape(1000, 16, 2000, 16, 0.005)};
      case bench::ShapeSet::bench:
        return {shape(100000, 30, 20000, 64, 0.0005), shape(100000, 30, 50000, 1024, 0.0002)};
    }
    return {};
  }

  explicit Hogwild(const bench::Shape& s)
      : one_({{"n", s.real("n")},
              {"d", s.real("d")},
              {"k", 1},
              {"batch", 1},
              {"steps", std::floor(s.real("visits") / 2)},
              {"loss", 0},
              {"lr", s.real("lr")},
              {"seed", s.real("seed")}}),
        p_{int(s["n"]),
           int(s["d"]),
           int(s["visits"]),
           int(s["workers"]),
           float(s.real("lr")),
           std::uint32_t(s["seed"]),
           nullptr,
           nullptr,
           nullptr,
           nullptr} {}

  Args bind(std::span<void* const> data) const {
    Args p = p_;
    p.x = static_cast<const float*>(data[0]);
    p.y = static_cast<const float*>(data[1]);
    p.w = static_cast<float*>(data[2]);
    p.loss = static_cast<float*>(data[3]);
    return p;
  }
  std::vector<bench::Operand> operands() const override {
    auto all = one_.operands();
    all[3] = {.name = "loss", .count = 1, .access = bench::Access::out};
    return all;
  }
  bench::Work work() const override {
    const double visits = p_.visits, d = p_.d;
    return {.flops = 4 * visits * (d + 1) + 2.0 * p_.n * d,
            .bytes = 4 * (double(p_.n) * (d + 1) + 2 * (d + 1) + 1)};
  }
  std::int64_t roundings() const override { return 1; }
  double largest_integer() const override { return 1; }
  bool integers_are_exact() const override { return false; }
  void adjust(bench::HostData& inputs) const override { one_.adjust(inputs); }
  void prepare(const bench::HostData& inputs) override;
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t i) const override {
    constexpr double kUnits = 0x1p24;  // a scale is in units of u
    if (operand == 2) return bench::Truth{best_[i], radius_[i] * kUnits};
    return bench::Truth{(target_ + lowest_) / 2, ((target_ - lowest_) / 2 + loss_error_) * kUnits};
  }
  double target() const { return target_; }
  double lowest() const { return lowest_; }

 private:
  Sgd one_;
  Args p_;
  std::vector<double> best_, radius_;
  double lowest_ = 0, target_ = 0, loss_error_ = 0;
};

inline void Hogwild::prepare(const bench::HostData& inputs) {
  const auto* x = reinterpret_cast<const float*>(inputs[0].data());
  const auto* y = reinterpret_cast<const float*>(inputs[1].data());
  const int size = p_.d + 1;
  // [H | X^T y / n | I], and Gauss-Jordan with pivoting turns it into [I | w* | H^-1].
  sgd::Matrix a(size, 2 * size + 1);
  for (int i = 0; i < p_.n; ++i)
    for (int r = 0; r < size; ++r) {
      const double v = (r < p_.d ? double(x[std::int64_t(i) * p_.d + r]) : 1) / p_.n;
      for (int c = 0; c < size; ++c) a(r, c) += v * (c < p_.d ? double(x[std::int64_t(i) * p_.d + c]) : 1);
      a(r, size) += v * y[i];
    }
  for (int r = 0; r < size; ++r) a(r, size + 1 + r) = 1;
  for (int c = 0; c < size; ++c) {
    int pivot = c;
    for (int r = c; r < size; ++r)
      if (std::abs(a(r, c)) > std::abs(a(pivot, c))) pivot = r;
    if (std::abs(a(pivot, c)) < 1e-8)
      throw bench::BadInput("n must be well above d: these samples do not determine the weights");
    for (int j = 0; j < a.cols; ++j) std::swap(a(c, j), a(pivot, j));
    const double scale = 1 / a(c, c);
    for (int j = 0; j < a.cols; ++j) a(c, j) *= scale;
    for (int r = 0; r < size; ++r) {
      const double factor = a(r, c);
      for (int j = 0; j < a.cols && r != c; ++j) a(r, j) -= factor * a(c, j);
    }
  }
  best_.resize(size);
  radius_.resize(size);
  for (int r = 0; r < size; ++r) best_[r] = a(r, size);

  std::vector<int> all(p_.n);
  for (int i = 0; i < p_.n; ++i) all[i] = i;
  sgd::GlmOracle oracle = one_.oracle(inputs);
  oracle.train(sgd::Order(p_.n, 1, p_.seed), 1, p_.visits / 2, p_.lr);
  target_ = oracle.loss(all);
  oracle = one_.oracle(inputs);
  oracle.train(sgd::Order(p_.n, 1, p_.seed), 1, p_.visits, p_.lr);
  const double end = oracle.loss(all);
  oracle.set_weights(best_);
  lowest_ = oracle.loss(all);
  if (!(end - lowest_ <= (target_ - lowest_) / 4))
    throw bench::BadInput(
        "sequential SGD gains too little in its second half for a target: use a smaller lr or fewer visits, "
        "or "
        "more visits where lr is very small");
  for (int r = 0; r < size; ++r) radius_[r] = std::sqrt(2 * (target_ - lowest_) * a(r, size + 1 + r));

  // FP32 computes a sample's z within gamma * (|x| |w|), its loss therefore within |r| times that
  // (Cauchy-Schwarz over the samples), and the mean within gamma times itself.
  double largest = 0;
  for (int i = 0; i < p_.n; ++i) {
    double sum = 0;
    for (int r = 0; r < size; ++r)
      sum +=
          std::abs(r < p_.d ? double(x[std::int64_t(i) * p_.d + r]) : 1) * (std::abs(best_[r]) + radius_[r]);
    largest = std::max(largest, sum);
  }
  loss_error_ =
      0x1p-24 * (sgd::gamma(p_.n + 4) * target_ + std::sqrt(2 * target_) * (sgd::gamma(p_.d + 2) * largest));
}
