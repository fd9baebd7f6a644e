// A whole matrix product checked in O(m*n + m*k + k*n): Freivalds 1979. C*x must equal alpha*A*(B*x) +
// beta*C0*x for a random vector x. On whole numbers all of it can be done modulo 2^64, where nothing is
// rounded: a row that is wrong by d passes with a probability of at most 2^(t - 64), where 2^t is the largest
// power of two that divides all of 8*d.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "bench/random.hpp"

namespace bench {

// Arithmetic modulo 2^64: unsigned, so that it wraps by definition.
using Word = std::uint64_t;
inline Word word(double whole) { return static_cast<Word>(static_cast<std::int64_t>(whole)); }

inline std::vector<Word> random_words(std::int64_t count, std::uint64_t seed) {
  std::vector<Word> words(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) words[i] = mix(mix(seed) + static_cast<Word>(i));
  return words;
}

// The sum of weight * value over a result's values, and whether they are whole at all: a NaN is not.
struct Fingerprint {
  Word sum = 0;
  bool whole = true;
  void add(Word weight, double value) {
    const bool sane = std::abs(value) < 0x1p53 && value == std::floor(value);
    whole &= sane;
    sum += weight * (sane ? word(value) : 0);
  }
  bool operator==(Word want) const { return whole && sum == want; }
};

// The first of `count` items that is not right, or -1. right(i) is called in parallel.
template <class Right>
std::int64_t first_wrong(std::int64_t count, Right right) {
  std::int64_t first = count;
#pragma omp parallel for schedule(dynamic, 16) reduction(min : first)
  for (std::int64_t i = 0; i < count; ++i)
    if (!right(i) && i < first) first = i;
  return first == count ? -1 : first;
}

// The first row i of C (m x n) that cannot be alpha*A*B + beta*C0, or -1. a(i, p), b(p, j), c0(i, j) and c(i,
// j) give elements as doubles; all but c must be whole, and alpha and beta multiples of 1/8. c0 is not asked
// where beta is 0.
template <class A, class B, class C0, class C>
std::int64_t wrong_row(std::int64_t m, std::int64_t n, std::int64_t k, double alpha, double beta, A a, B b,
                       C0 c0, C c, std::uint64_t seed) {
  const std::vector<Word> x = random_words(n, seed);
  std::vector<Word> bx(static_cast<std::size_t>(k));
  constexpr std::int64_t kStrip = 256;  // b is stored by columns: walk them in strips
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t strip = 0; strip < k; strip += kStrip)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t p = strip; p < std::min(strip + kStrip, k); ++p) bx[p] += word(b(p, j)) * x[j];

  return first_wrong(m, [&](std::int64_t i) {
    Word want = 0, old = 0;
    Fingerprint eighths;
    for (std::int64_t p = 0; p < k; ++p) want += word(a(i, p)) * bx[p];
    for (std::int64_t j = 0; j < n; ++j) {
      eighths.add(x[j], 8 * c(i, j));
      if (beta != 0) old += word(c0(i, j)) * x[j];
    }
    return eighths == word(8 * alpha) * want + word(8 * beta) * old;
  });
}

}  // namespace bench
