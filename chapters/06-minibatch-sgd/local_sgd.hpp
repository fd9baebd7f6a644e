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
  static std::vector<bench::Shape> shapes(bench::ShapeSet set);

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
  void prepare(const bench::HostData& inputs) override;
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t i) const override;
  std::string where(std::size_t operand, std::int64_t i) const override { return one_.where(operand, i); }

 private:
  Sgd one_;
  Args args_;
  sgd::Training truth_;
};
