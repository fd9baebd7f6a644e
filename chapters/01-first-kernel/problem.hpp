// The three problems of this chapter. They move bytes and compute next to nothing, so memory bandwidth is
// their ceiling.
#pragma once

#include <algorithm>
#include <cmath>

#include "bench/registry.hpp"

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
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) {
    std::vector<bench::Shape> all;
    switch (set) {
      case bench::ShapeSet::edge:
        for (double n : {0, 1, 2, 3, 31, 32, 33, 127, 255, 256, 257, 1021, 1024, 65537})
          all.push_back({{"n", n}});
        all.push_back({{"n", 1000}, {"a", 0}});
        break;
      case bench::ShapeSet::count: all = {{{"n", 1 << 14}}}; break;
      case bench::ShapeSet::bench:
        for (int log2 = 10; log2 <= 28; log2 += 2) all.push_back({{"n", std::exp2(log2)}});
    }
    return all;
  }

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
  std::optional<bench::Truth> truth(std::size_t, std::int64_t i) const override {
    const double ax = double(a_) * bench::load(bench::DType::f32, (*inputs_)[0].data(), i);
    const double y = bench::load(bench::DType::f32, (*inputs_)[1].data(), i);
    return bench::Truth{ax + y, std::abs(ax) + std::abs(y)};
  }

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
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) {
    std::vector<bench::Shape> all;
    for (const bench::Shape& s : Saxpy::shapes(set))
      if (bench::Shape n{{"n", s.real("n")}}; std::ranges::find(all, n) == all.end()) all.push_back(n);
    return all;
  }

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
  std::optional<bench::Truth> truth(std::size_t, std::int64_t i) const override {
    const double x = bench::load(bench::DType::f32, (*inputs_)[0].data(), i);
    return bench::Truth{x, std::abs(x)};
  }

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
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) {
    using bench::Shape;
    const auto mn = [](double m, double n, double pad = 0) {
      return Shape{{"m", m}, {"n", n}, {"lda", pad ? n + pad : 0}, {"ldb", pad ? m + pad : 0}};
    };
    switch (set) {
      case bench::ShapeSet::edge:
        return {mn(0, 5),   mn(1, 1),      mn(2, 3),      mn(1, 97),    mn(97, 1),    mn(31, 33),
                mn(32, 32), mn(33, 17),    mn(64, 64),    mn(127, 129), mn(128, 128), mn(7, 500),
                mn(500, 7), mn(33, 65, 3), mn(64, 64, 4), mn(61, 32, 1)};
      case bench::ShapeSet::count: return {mn(256, 256)};
      case bench::ShapeSet::bench:
        return {mn(256, 256),   mn(1024, 1024),   mn(4096, 4096),
                mn(4097, 4095), mn(16384, 16384), mn(1048576, 64)};
    }
    return {};
  }

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
  std::optional<bench::Truth> truth(std::size_t, std::int64_t i) const override {
    const std::int64_t row = i / ldb_, column = i % ldb_;
    if (column >= m_) return std::nullopt;
    const double a = bench::load(bench::DType::f32, (*inputs_)[0].data(), column * lda_ + row);
    return bench::Truth{a, std::abs(a)};
  }
  std::string where(std::size_t, std::int64_t i) const override {
    return "B[row " + std::to_string(i / ldb_) + ", column " + std::to_string(i % ldb_) + "]";
  }

 private:
  std::int64_t m_, n_, lda_, ldb_;
  const bench::HostData* inputs_ = nullptr;
};
