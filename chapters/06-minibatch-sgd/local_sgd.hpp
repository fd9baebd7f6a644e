// Local SGD: workers that train by themselves and meet now and then, checked against the same meetings in
// FP64.
#pragma once

#include "problem.hpp"

// `workers` replicas start from the same weights. In a step, each takes its own `batch` of the step's
// workers * batch samples and moves its own weights; every `period` steps, and at the end, all continue from
// the mean of their weights. With period = 1 that is, rounding aside, SGD with the large batch.
class LocalSgd : public bench::Problem {
 public:
  static constexpr std::string_view kName = "local_sgd";
  struct Args {
    Sgd::Args sgd;  // batch: a worker's. Sample i of worker m in a step: order().sample(step, m * batch + i)
    int workers, period;
    __host__ __device__ sgd::Order order() const { return {sgd.n, sgd.batch * workers, sgd.seed}; }
  };

  static std::vector<bench::Dim> dims() {
    auto all = Sgd::dims();
    all.push_back({.name = "workers", .fallback = 8, .min = 1, .max = 1024});
    all.push_back({.name = "period", .fallback = 4, .min = 1});
    return all;
  }
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) {
    const auto shape = [](double n, double d, double k, double batch, double steps, double loss, double lr,
                          double workers, double period) {
      return bench::Shape{{"n", n},          {"d", d},       {"k", k},   {"batch", batch},
                          {"steps", steps},  {"loss", loss}, {"lr", lr}, {"workers", workers},
                          {"period", period}};
    };
    switch (set) {
      case bench::ShapeSet::edge:
        return {shape(1, 1, 1, 1, 3, 0, 0.5, 1, 1), shape(64, 5, 1, 8, 0, 1, 0.1, 4, 2),
                shape(64, 31, 1, 16, 20, 0, 0.05, 4, 1),  // meeting after every step
                shape(97, 13, 3, 7, 23, 1, 0.2, 3, 5),    // the last stretch is shorter
                shape(90, 9, 37, 10, 20, 2, 0.1, 5, 20)};
      case bench::ShapeSet::count: return {shape(512, 64, 10, 16, 24, 2, 0.05, 4, 4)};
      case bench::ShapeSet::bench:
        return {shape(100000, 30, 1, 64, 128, 1, 0.1, 128, 8),
                shape(60000, 784, 10, 16, 28, 2, 0.01, 128, 4)};
    }
    return {};
  }

  explicit LocalSgd(const bench::Shape& s)
      : one_(s), args_{one_.bind(std::vector<void*>(4)), int(s["workers"]), int(s["period"])} {
    if (std::int64_t(args_.workers) * args_.sgd.batch > args_.sgd.n)
      throw bench::BadInput("workers * batch must be at most n: a step takes its samples once");
  }
  Args bind(std::span<void* const> data) const { return {one_.bind(data), args_.workers, args_.period}; }

  std::vector<bench::Operand> operands() const override { return one_.operands(); }
  bench::Work work() const override {
    bench::Work all = one_.work();
    return {.flops = all.flops * args_.workers, .bytes = all.bytes * args_.workers};
  }
  std::int64_t roundings() const override { return 1; }
  double largest_integer() const override { return 1; }
  bool integers_are_exact() const override { return false; }
  void adjust(bench::HostData& inputs) const override { one_.adjust(inputs); }

  // Every worker's error follows the same recurrence (oracle.hpp); a mean of numbers that are off by e is off
  // by e.
  void prepare(const bench::HostData& inputs) override {
    const Sgd::Args& p = args_.sgd;
    const sgd::Order order = args_.order();
    std::vector<sgd::GlmOracle> workers(args_.workers, one_.oracle(inputs));
    std::vector<double> errors(args_.workers);
    std::vector<int> rows(p.batch);
    truth_ = {.w = workers[0].weights(), .losses = {}, .loss_errors = {}};
    for (int t = 0; t < p.steps; ++t) {
      double loss = 0, loss_error = 0;
      for (int m = 0; m < args_.workers; ++m) {
        for (int i = 0; i < p.batch; ++i) rows[i] = order.sample(t, m * p.batch + i);
        double own = 0;
        loss += workers[m].step(rows, p.lr, errors[m], own) / args_.workers;
        loss_error += own / args_.workers;
      }
      truth_.losses.push_back(loss);
      truth_.loss_errors.push_back(loss_error + sgd::gamma(args_.workers + 1) * loss);
      if ((t + 1) % args_.period != 0 && t + 1 < p.steps) continue;
      double error = 0, size = 0;
      std::fill(truth_.w.begin(), truth_.w.end(), 0.0);
      for (int m = 0; m < args_.workers; ++m) {
        error += errors[m] / args_.workers;
        size += sgd::norm(workers[m].weights()) / args_.workers;
        for (std::size_t i = 0; i < truth_.w.size(); ++i)
          truth_.w[i] += workers[m].weights()[i] / args_.workers;
      }
      truth_.w_error = error + sgd::gamma(args_.workers + 1) * size;
      for (auto& worker : workers) worker.set_weights(truth_.w);
      std::fill(errors.begin(), errors.end(), truth_.w_error);
    }
  }
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t i) const override {
    if (operand == 2) return bench::Truth{truth_.w[i], truth_.w_error};
    return bench::Truth{truth_.losses[i], truth_.loss_errors[i]};
  }
  std::string where(std::size_t operand, std::int64_t i) const override { return one_.where(operand, i); }

 private:
  Sgd one_;
  Args args_;
  sgd::Training truth_;
};
