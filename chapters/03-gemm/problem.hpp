// C = alpha * op(A) * op(B) + beta * C in single precision, row-major: the BLAS's SGEMM with rows and columns
// as C programmers have them. op(X) is X or its transpose; op(A) is m x k, op(B) is k x n, C is m x n.
#pragma once

#include <cmath>

#include "bench/freivalds.hpp"
#include "bench/rung.hpp"

class Sgemm : public bench::Problem {
 public:
  static constexpr std::string_view kName = "sgemm";

  // Element (i, j) of a row-major X lies at X[i * ldx + j]. With ta, A is stored k x m; with tb, B is stored
  // n x k. Matrix b of a batch starts b * stride_x elements after the first. With beta == 0, C is written and
  // never read.
  struct Args {
    int m, n, k;
    bool ta, tb;
    float alpha, beta;
    const float* a;
    std::int64_t lda;
    const float* b;
    std::int64_t ldb;
    float* c;
    std::int64_t ldc;
    int batch;
    std::int64_t stride_a, stride_b, stride_c;
  };

  // The preconditions of the rungs that teach one idea on the plain product; the summit takes everything.
  // The bound on m and n keeps rows and columns of blocks within a grid's 65535.
  static std::string needs_plain(const Args& p) {
    if (p.ta || p.tb || p.batch != 1) return "needs ta = 0, tb = 0 and batch = 1";
    return p.m > 2'000'000 || p.n > 2'000'000 ? "needs m and n of at most 2000000" : "";
  }
  // Of those that move 16 bytes at a time: every row must start on a 16-byte boundary.
  static std::string needs_quads(const Args& p) {
    const std::string plain = needs_plain(p);
    return !plain.empty() || (p.lda % 4 == 0 && p.ldb % 4 == 0 && p.ldc % 4 == 0)
               ? plain
               : "needs lda, ldb and ldc to be multiples of 4";
  }

  // A leading dimension of 0 stands for the tightest one.
  static std::vector<bench::Dim> dims() {
    return {{.name = "m", .fallback = 256},
            {.name = "n", .fallback = 256},
            {.name = "k", .fallback = 256},
            {.name = "alpha", .fallback = 1, .whole = false},
            {.name = "beta", .fallback = 0, .whole = false},
            {.name = "ta", .fallback = 0, .max = 1},
            {.name = "tb", .fallback = 0, .max = 1},
            {.name = "lda", .fallback = 0},
            {.name = "ldb", .fallback = 0},
            {.name = "ldc", .fallback = 0},
            {.name = "batch", .fallback = 1, .max = 65535}};
  }
  static std::vector<bench::Shape> shapes(bench::ShapeSet set);

  explicit Sgemm(const bench::Shape& s)
      : m_(s["m"]),
        n_(s["n"]),
        k_(s["k"]),
        batch_(s["batch"]),
        ta_(s["ta"]),
        tb_(s["tb"]),
        alpha_(static_cast<float>(s.real("alpha"))),
        beta_(static_cast<float>(s.real("beta"))) {
    const auto leading = [&](const char* name, std::int64_t columns) {
      if (s[name] != 0 && s[name] < columns)
        throw bench::BadInput(std::string(name) + " must be 0 or at least " + std::to_string(columns));
      return s[name] ? s[name] : std::max<std::int64_t>(columns, 1);
    };
    lda_ = leading("lda", ta_ ? m_ : k_);
    ldb_ = leading("ldb", tb_ ? k_ : n_);
    ldc_ = leading("ldc", n_);
  }

  Args bind(std::span<void* const> data) const {
    return {.m = static_cast<int>(m_),
            .n = static_cast<int>(n_),
            .k = static_cast<int>(k_),
            .ta = ta_,
            .tb = tb_,
            .alpha = alpha_,
            .beta = beta_,
            .a = static_cast<const float*>(data[0]),
            .lda = lda_,
            .b = static_cast<const float*>(data[1]),
            .ldb = ldb_,
            .c = static_cast<float*>(data[2]),
            .ldc = ldc_,
            .batch = static_cast<int>(batch_),
            .stride_a = rows_a() * lda_,
            .stride_b = rows_b() * ldb_,
            .stride_c = m_ * ldc_};
  }

  std::vector<bench::Operand> operands() const override {
    using bench::Access;
    return {{.name = "A", .count = batch_ * rows_a() * lda_},
            {.name = "B", .count = batch_ * rows_b() * ldb_},
            {.name = "C", .count = batch_ * m_ * ldc_, .access = beta_ == 0 ? Access::out : Access::inout}};
  }
  bench::Work work() const override {
    const double m = m_, n = n_, k = k_;
    return {.flops = batch_ * 2 * m * n * k,
            .bytes = batch_ * 4 * (m * k + k * n + (beta_ == 0 ? 1 : 2) * m * n)};
  }
  // k products and sums, the scaling by alpha, and the addition of beta * C.
  std::int64_t roundings() const override { return k_ + 2; }
  double largest_integer() const override { return std::sqrt(0x1p23 / (k_ + 1)) / 8; }
  bool integers_are_exact() const override { return dyadic(alpha_) && dyadic(beta_); }

  // NaN between the rows of A and B: what is read there by mistake is seen.
  void adjust(bench::HostData& inputs) const override;
  void prepare(const bench::HostData& inputs) override;
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t index) const override;
  std::optional<std::int64_t> find_wrong(std::size_t operand, const std::vector<std::byte>& got,
                                         std::uint64_t seed) const override;
  std::string where(std::size_t operand, std::int64_t index) const override;

 private:
  std::int64_t rows_a() const { return ta_ ? k_ : m_; }
  std::int64_t rows_b() const { return tb_ ? n_ : k_; }
  static bool dyadic(float f) { return std::abs(f) <= 8 && 8 * f == std::floor(8 * f); }

  std::int64_t m_, n_, k_, batch_, lda_ = 0, ldb_ = 0, ldc_ = 0;
  bool ta_, tb_;
  float alpha_, beta_;
  // op(A) by rows and op(B) by columns, so that each element of the product is one contiguous dot product.
  std::vector<double> rows_of_a_, columns_of_b_;
  const bench::HostData* inputs_ = nullptr;
};
