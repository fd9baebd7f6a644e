// A whole matrix product checked in O(m*n + m*k + k*n): Freivalds 1979. C*x must equal alpha*A*(B*x) +
// beta*C0*x for a random vector x. On whole numbers all of it can be done modulo 2^64, where nothing is
// rounded: a row that is wrong by d passes with a probability of at most 2^(t - 64), where 2^t is the largest
// power of two that divides all of 8*d.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace bench {

// The first row i of C (m x n) that cannot be alpha*A*B + beta*C0, or -1. a(i, p), b(p, j), c0(i, j) and c(i,
// j) give elements as doubles; all but c must be whole, and alpha and beta multiples of 1/8. c0 is not asked
// where beta is 0.
template <class A, class B, class C0, class C>
std::int64_t wrong_row(std::int64_t m, std::int64_t n, std::int64_t k, double alpha, double beta, A a, B b,
                       C0 c0, C c, std::uint64_t seed) {
  using Word = std::uint64_t;  // unsigned arithmetic wraps, by definition
  const auto whole = [](double v) { return static_cast<Word>(static_cast<std::int64_t>(v)); };
  std::vector<Word> x(static_cast<std::size_t>(n)), bx(static_cast<std::size_t>(k));
  for (Word& v : x) {
    v = seed += 0x9E3779B97F4A7C15ull;  // SplitMix64 (Steele, Lea, Flood 2014)
    v = (v ^ (v >> 30)) * 0xBF58476D1CE4E5B9ull;
    v = (v ^ (v >> 27)) * 0x94D049BB133111EBull;
    v ^= v >> 31;
  }
  constexpr std::int64_t kStrip = 256;  // b is stored by columns: walk them in strips
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t strip = 0; strip < k; strip += kStrip)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t p = strip; p < std::min(strip + kStrip, k); ++p) bx[p] += whole(b(p, j)) * x[j];

  std::int64_t first = m;
#pragma omp parallel for schedule(dynamic, 16) reduction(min : first)
  for (std::int64_t i = 0; i < m; ++i) {
    Word want = 0, got = 0, old = 0;
    bool sane = true;
    for (std::int64_t p = 0; p < k; ++p) want += whole(a(i, p)) * bx[p];
    for (std::int64_t j = 0; j < n; ++j) {
      const double eighths = 8 * c(i, j);
      sane &= std::abs(eighths) < 0x1p53 && eighths == std::floor(eighths);  // false for NaN too
      got += (sane ? whole(eighths) : 0) * x[j];
      if (beta != 0) old += whole(c0(i, j)) * x[j];
    }
    if (!sane || got != whole(8 * alpha) * want + whole(8 * beta) * old) first = std::min(first, i);
  }
  return first == m ? -1 : first;
}

}  // namespace bench
