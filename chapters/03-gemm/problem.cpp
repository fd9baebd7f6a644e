// The shapes that Sgemm is verified and measured at, and its truth.
#include "problem.hpp"

#include "bench/registry.hpp"

std::vector<bench::Shape> Sgemm::shapes(bench::ShapeSet set) {
  using bench::Shape;
  const auto cube = [](double s) { return Shape{{"m", s}, {"n", s}, {"k", s}}; };
  const auto mnk = [](double m, double n, double k) { return Shape{{"m", m}, {"n", n}, {"k", k}}; };
  switch (set) {
    case bench::ShapeSet::edge:
      return {cube(1),
              cube(2),
              cube(3),
              mnk(1, 1, 97),
              mnk(31, 37, 41),
              mnk(33, 17, 25),
              {{"m", 127}, {"n", 127}, {"k", 127}, {"ldc", 128}},  // a row, a column less than a tile
              cube(128),
              cube(129),
              mnk(5, 7, 0),  // C = beta * C
              mnk(0, 5, 3),
              mnk(5, 0, 3),
              mnk(300, 3, 16),
              mnk(3, 300, 16),
              mnk(1, 3, 1000),  // empty, tall, wide, deep
              {{"m", 33}, {"n", 65}, {"k", 19}, {"alpha", -2}, {"beta", 0.5}},
              {{"m", 64}, {"n", 64}, {"k", 64}, {"alpha", 0}, {"beta", 2}},
              {{"m", 5}, {"n", 7}, {"k", 0}, {"beta", -1}, {"lda", 4}, {"ldb", 8}, {"ldc", 8}},
              {{"m", 61}, {"n", 67}, {"k", 29}, {"beta", 1}, {"lda", 31}, {"ldb", 70}, {"ldc", 68}},
              {{"m", 64}, {"n", 128}, {"k", 33}, {"lda", 36}, {"ldb", 132}, {"ldc", 136}},
              // rows on 16-byte boundaries, tails in every direction, blocks in both; then deep in k
              {{"m", 261}, {"n", 133}, {"k", 19}, {"beta", 1}, {"lda", 20}, {"ldb", 136}, {"ldc", 136}},
              {{"m", 41}, {"n", 39}, {"k", 1038}, {"lda", 1040}, {"ldb", 40}, {"ldc", 40}},
              {{"m", 5}, {"n", 8}, {"k", 1102}, {"alpha", 0.5}, {"beta", 2}, {"lda", 1104}, {"ldc", 9}},
              mnk(577, 65, 1),  // more rows of tiles than are walked down at a time
              {{"m", 65}, {"n", 33}, {"k", 31}, {"ta", 1}, {"beta", 1}},
              {{"m", 68}, {"n", 36}, {"k", 33}, {"ta", 1}, {"beta", 1}},
              {{"m", 65}, {"n", 33}, {"k", 31}, {"tb", 1}, {"ldb", 40}},
              {{"m", 64}, {"n", 132}, {"k", 68}, {"ta", 1}, {"tb", 1}, {"lda", 72}},
              {{"m", 17}, {"n", 35}, {"k", 21}, {"batch", 3}, {"alpha", 0.5}, {"beta", 1}},
              {{"m", 64}, {"n", 64}, {"k", 32}, {"batch", 2}, {"tb", 1}},
              {{"m", 9}, {"n", 6}, {"k", 0}, {"batch", 2}, {"ta", 1}, {"beta", 3}},
              // nothing, with rows on 16-byte boundaries; no matrix; wider and deeper than a CPU's blocks
              {{"m", 0}, {"n", 8}, {"k", 4}, {"lda", 4}, {"ldb", 8}, {"ldc", 8}},
              {{"m", 8}, {"n", 0}, {"k", 4}, {"lda", 4}, {"ldb", 4}, {"ldc", 4}},
              {{"m", 5}, {"n", 7}, {"k", 3}, {"batch", 0}},
              mnk(5, 700, 300)};
    case bench::ShapeSet::count: return {cube(128), cube(256)};
    case bench::ShapeSet::bench:
      return {cube(256),
              cube(512),
              cube(1024),
              cube(2048),
              cube(4096),
              cube(8192),
              cube(16384),
              cube(4097),
              mnk(8192, 128, 8192),
              mnk(128, 8192, 8192),
              mnk(256, 256, 65536),
              mnk(16384, 16384, 64),
              {{"m", 4096}, {"n", 4096}, {"k", 4096}, {"tb", 1}},
              {{"m", 4096}, {"n", 4096}, {"k", 4096}, {"ta", 1}},
              {{"m", 128}, {"n", 128}, {"k", 128}, {"batch", 512}}};
  }
  return {};
}

void Sgemm::adjust(bench::HostData& inputs) const {
  const auto poison = [](std::vector<std::byte>& matrix, std::int64_t rows, std::int64_t columns,
                         std::int64_t leading) {
    auto* x = reinterpret_cast<float*>(matrix.data());
    for (std::int64_t i = 0; i < rows; ++i) std::fill(x + i * leading + columns, x + (i + 1) * leading, NAN);
  };
  poison(inputs[0], batch_ * rows_a(), ta_ ? m_ : k_, lda_);
  poison(inputs[1], batch_ * rows_b(), tb_ ? k_ : n_, ldb_);
}

void Sgemm::prepare(const bench::HostData& inputs) {
  inputs_ = &inputs;
  rows_of_a_.resize(static_cast<std::size_t>(batch_ * m_ * k_));
  columns_of_b_.resize(static_cast<std::size_t>(batch_ * n_ * k_));
  const auto* a = reinterpret_cast<const float*>(inputs[0].data());
  const auto* b = reinterpret_cast<const float*>(inputs[1].data());
#pragma omp parallel for
  for (std::int64_t r = 0; r < batch_ * m_; ++r)
    for (std::int64_t p = 0; p < k_; ++p) {
      const std::int64_t i = r % m_, start = r / m_ * rows_a() * lda_;
      rows_of_a_[r * k_ + p] = a[start + (ta_ ? p * lda_ + i : i * lda_ + p)];
    }
#pragma omp parallel for
  for (std::int64_t r = 0; r < batch_ * n_; ++r)
    for (std::int64_t p = 0; p < k_; ++p) {
      const std::int64_t j = r % n_, start = r / n_ * rows_b() * ldb_;
      columns_of_b_[r * k_ + p] = b[start + (tb_ ? j * ldb_ + p : p * ldb_ + j)];
    }
}

std::optional<bench::Truth> Sgemm::truth(std::size_t, std::int64_t index) const {
  const std::int64_t r = index / ldc_, j = index % ldc_;
  if (j >= n_) return std::nullopt;
  const double* a = &rows_of_a_[r * k_];
  const double* b = &columns_of_b_[(r / m_ * n_ + j) * k_];
  double sum = 0, scale = 0;
#pragma omp simd reduction(+ : sum, scale)
  for (std::int64_t p = 0; p < k_; ++p) {
    sum += a[p] * b[p];
    scale += std::abs(a[p] * b[p]);
  }
  const double c = beta_ == 0 ? 0 : beta_ * bench::load(bench::DType::f32, (*inputs_)[2].data(), index);
  return bench::Truth{alpha_ * sum + c, std::abs(alpha_) * scale + std::abs(c)};
}

std::optional<std::int64_t> Sgemm::find_wrong(std::size_t operand, const std::vector<std::byte>& got,
                                              std::uint64_t seed) const {
  for (std::int64_t matrix = 0; matrix < batch_; ++matrix) {
    const double* a = rows_of_a_.data() + matrix * m_ * k_;
    const double* b = columns_of_b_.data() + matrix * n_ * k_;
    const std::int64_t start = matrix * m_ * ldc_;
    const auto* c = reinterpret_cast<const float*>(got.data()) + start;
    const auto* c0 = reinterpret_cast<const float*>((*inputs_)[operand].data()) + start;
    const std::int64_t row = bench::wrong_row(
        m_, n_, k_, alpha_, beta_, [&](auto i, auto p) { return a[i * k_ + p]; },
        [&](auto p, auto j) { return b[j * k_ + p]; },
        [&](auto i, auto j) { return double(c0[i * ldc_ + j]); },
        [&](auto i, auto j) { return double(c[i * ldc_ + j]); }, seed);
    if (row >= 0) return start + row * ldc_;
  }
  return -1;
}

std::string Sgemm::where(std::size_t, std::int64_t index) const {
  const std::int64_t r = index / ldc_;
  return "C[row " + std::to_string(r % m_) + ", column " + std::to_string(index % ldc_) + "]" +
         (batch_ > 1 ? " of matrix " + std::to_string(r / m_) : "");
}

template struct bench::Rung<Sgemm>;
