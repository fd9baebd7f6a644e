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
  static std::vector<bench::Shape> shapes(bench::ShapeSet set);

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
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t i) const override;
  double target() const { return target_; }
  double lowest() const { return lowest_; }

 private:
  Sgd one_;
  Args p_;
  std::vector<double> best_, radius_;
  double lowest_ = 0, target_ = 0, loss_error_ = 0;
};
