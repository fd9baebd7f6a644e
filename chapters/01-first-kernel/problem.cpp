// The shapes that the problems are verified and measured at, and their truth.
#include "problem.hpp"

#include <algorithm>

#include "bench/registry.hpp"

std::vector<bench::Shape> Saxpy::shapes(bench::ShapeSet set) {
  std::vector<bench::Shape> all;
  switch (set) {
    case bench::ShapeSet::edge:
      for (double n : {0, 1, 2, 3, 31, 32, 33, 127, 255, 256, 257, 1021, 1024, 65537})
        all.push_back({{"n", n}});
      all.push_back({{"n", 1000}, {"a", 0}});
      // More than a GPU holds threads, at four elements each: grid-stride loops go round again.
      all.push_back({{"n", 1300003}});
      break;
    case bench::ShapeSet::count: all = {{{"n", 1 << 14}}}; break;
    case bench::ShapeSet::bench:
      for (int log2 = 10; log2 <= 28; log2 += 2) all.push_back({{"n", std::exp2(log2)}});
  }
  return all;
}

std::optional<bench::Truth> Saxpy::truth(std::size_t, std::int64_t i) const {
  const double ax = double(a_) * bench::load(bench::DType::f32, (*inputs_)[0].data(), i);
  const double y = bench::load(bench::DType::f32, (*inputs_)[1].data(), i);
  return bench::Truth{ax + y, std::abs(ax) + std::abs(y)};
}

std::vector<bench::Shape> Copy::shapes(bench::ShapeSet set) {
  std::vector<bench::Shape> all;
  for (const bench::Shape& s : Saxpy::shapes(set))
    if (bench::Shape n{{"n", s.real("n")}}; std::ranges::find(all, n) == all.end()) all.push_back(n);
  return all;
}

std::optional<bench::Truth> Copy::truth(std::size_t, std::int64_t i) const {
  const double x = bench::load(bench::DType::f32, (*inputs_)[0].data(), i);
  return bench::Truth{x, std::abs(x)};
}

std::vector<bench::Shape> Transpose::shapes(bench::ShapeSet set) {
  using bench::Shape;
  const auto mn = [](double m, double n, double pad = 0) {
    return Shape{{"m", m}, {"n", n}, {"lda", pad ? n + pad : 0}, {"ldb", pad ? m + pad : 0}};
  };
  switch (set) {
    case bench::ShapeSet::edge:
      return {mn(0, 5),   mn(5, 0),   mn(1, 1),      mn(2, 3),      mn(1, 97),    mn(97, 1),
              mn(31, 33), mn(32, 32), mn(33, 17),    mn(64, 64),    mn(127, 129), mn(128, 128),
              mn(7, 500), mn(500, 7), mn(33, 65, 3), mn(64, 64, 4), mn(61, 32, 1)};
    case bench::ShapeSet::count: return {mn(256, 256)};
    case bench::ShapeSet::bench:
      return {mn(256, 256),   mn(1024, 1024),   mn(4096, 4096),
              mn(4097, 4095), mn(16384, 16384), mn(1048576, 64)};
  }
  return {};
}

std::optional<bench::Truth> Transpose::truth(std::size_t, std::int64_t i) const {
  const std::int64_t row = i / ldb_, column = i % ldb_;
  if (column >= m_) return std::nullopt;
  const double a = bench::load(bench::DType::f32, (*inputs_)[0].data(), column * lda_ + row);
  return bench::Truth{a, std::abs(a)};
}

std::string Transpose::where(std::size_t, std::int64_t i) const {
  return "B[row " + std::to_string(i / ldb_) + ", column " + std::to_string(i % ldb_) + "]";
}

template struct bench::Rung<Saxpy>;
template struct bench::Rung<Copy>;
template struct bench::Rung<Transpose>;
