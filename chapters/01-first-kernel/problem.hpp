// The three problems of this chapter. They move bytes and compute next to nothing, so memory bandwidth is
// their ceiling.
#pragma once

#include <cmath>

#include "bench/rung.hpp"

// y = a*x + y, single precision, n elements, both arrays contiguous.
class Saxpy : public bench::Problem {
 public:
  static constexpr std::string_view kName = "saxpy";
  struct Args {
    std::int64_t n;
    float a;
    const float* x;
    float* y;
  };

  static std::vector<bench::Dim> dims() {
    return {{.name = "n", .fallback = 1 << 20, .max = 0x1p36},
            {.name = "a", .fallback = 0.5, .whole = false}};
  }
  static std::vector<bench::Shape> shapes(bench::ShapeSet set);

  explicit Saxpy(const bench::Shape& s) : n_(s["n"]), a_(static_cast<float>(s.real("a"))) {
    if (!std::isfinite(a_)) throw bench::BadInput("a must be a finite float");
  }
  Args bind(std::span<void* const> data) const {
    return {n_, a_, static_cast<const float*>(data[0]), static_cast<float*>(data[1])};
  }

  std::vector<bench::Operand> operands() const override {
    return {{.name = "x", .count = n_}, {.name = "y", .count = n_, .access = bench::Access::inout}};
  }
  // x and y are read, y is written.
  bench::Work work() const override { return {.flops = 2.0 * n_, .bytes = 12.0 * n_}; }
  std::int64_t roundings() const override { return 2; }  // the product and the sum; one where they are fused
  bool integers_are_exact() const override { return std::abs(a_) <= 8 && 8 * a_ == std::floor(8 * a_); }
  void prepare(const bench::HostData& inputs) override { inputs_ = &inputs; }
  std::optional<bench::Truth> truth(std::size_t, std::int64_t i) const override;

 private:
  std::int64_t n_;
  float a_;
  const bench::HostData* inputs_ = nullptr;
};

// y = x: n floats, both arrays contiguous. The yardstick for the transposes, which move the same bytes in
// another order.
class Copy : public bench::Problem {
 public:
  static constexpr std::string_view kName = "copy";
  struct Args {
    std::int64_t n;
    const float* x;
    float* y;
  };

  static std::vector<bench::Dim> dims() { return {{.name = "n", .fallback = 1 << 20, .max = 0x1p36}}; }
  static std::vector<bench::Shape> shapes(bench::ShapeSet set);

  explicit Copy(const bench::Shape& s) : n_(s["n"]) {}
  Args bind(std::span<void* const> data) const {
    return {n_, static_cast<const float*>(data[0]), static_cast<float*>(data[1])};
  }

  std::vector<bench::Operand> operands() const override {
    return {{.name = "x", .count = n_}, {.name = "y", .count = n_, .access = bench::Access::out}};
  }
  bench::Work work() const override { return {.flops = 0, .bytes = 8.0 * n_}; }
  std::int64_t roundings() const override { return 0; }
  void prepare(const bench::HostData& inputs) override { inputs_ = &inputs; }
  std::optional<bench::Truth> truth(std::size_t, std::int64_t i) const override;

 private:
  std::int64_t n_;
  const bench::HostData* inputs_ = nullptr;
};

// B = A transposed: A is m x n, B is n x m, both row-major with leading dimensions lda >= n and ldb >= m.
class Transpose : public bench::Problem {
 public:
  static constexpr std::string_view kName = "transpose";
  struct Args {
    int m, n;
    const float* a;
    std::int64_t lda;
    float* b;
    std::int64_t ldb;
  };

  // A leading dimension of 0 stands for the tightest one.
  static std::vector<bench::Dim> dims() {
    return {{.name = "m", .fallback = 1024},
            {.name = "n", .fallback = 1024},
            {.name = "lda", .fallback = 0},
            {.name = "ldb", .fallback = 0}};
  }
  static std::vector<bench::Shape> shapes(bench::ShapeSet set);

  explicit Transpose(const bench::Shape& s)
      : m_(s["m"]), n_(s["n"]), lda_(s["lda"] ? s["lda"] : n_), ldb_(s["ldb"] ? s["ldb"] : m_) {
    if (lda_ < n_) throw bench::BadInput("lda must be at least n");
    if (ldb_ < m_) throw bench::BadInput("ldb must be at least m");
  }
  Args bind(std::span<void* const> data) const {
    return {static_cast<int>(m_),
            static_cast<int>(n_),
            static_cast<const float*>(data[0]),
            lda_,
            static_cast<float*>(data[1]),
            ldb_};
  }

  std::vector<bench::Operand> operands() const override {
    return {{.name = "A", .count = m_ * lda_},
            {.name = "B", .count = n_ * ldb_, .access = bench::Access::out}};
  }
  bench::Work work() const override { return {.flops = 0, .bytes = 8.0 * m_ * n_}; }
  std::int64_t roundings() const override { return 0; }
  void prepare(const bench::HostData& inputs) override { inputs_ = &inputs; }
  std::optional<bench::Truth> truth(std::size_t, std::int64_t i) const override;
  std::string where(std::size_t, std::int64_t i) const override;

 private:
  std::int64_t m_, n_, lda_, ldb_;
  const bench::HostData* inputs_ = nullptr;
};
