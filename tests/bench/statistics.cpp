#include "bench/statistics.hpp"

#include <cmath>
#include <vector>

#include "tests/catch.hpp"

using namespace bench;

TEST_CASE("quantiles interpolate as numpy's do") {
  const std::vector<double> x = {7, 1, 3, 10};  // numpy.quantile([7, 1, 3, 10], q)
  CHECK(median(x) == 5);
  CHECK(quantile(x, 0) == 1);
  CHECK(quantile(x, 1) == 10);
  CHECK(quantile(x, 0.25) == Approx(2.5));
  CHECK(quantile(x, 0.9) == Approx(9.1));
  CHECK(median(std::vector<double>{4}) == 4);
  CHECK_THROWS_AS(median(std::vector<double>()), std::invalid_argument);
}

TEST_CASE("the bootstrap's median is one of the samples, or halfway between two") {
  // Of {0, 1} a resample's median is 0, 1/2 or 1 with probabilities 1/4, 1/2, 1/4: both ends reach
  // beyond 2.5%.
  const Interval two = median_interval(std::vector<double>{0, 1});
  CHECK(two.lo == 0);
  CHECK(two.hi == 1);
  // Of three samples the median is the least with probability 7/27, far more than 2.5%.
  const Interval three = median_interval(std::vector<double>{5, 6, 9});
  CHECK(three.lo == 5);
  CHECK(three.hi == 9);
}

TEST_CASE("the bootstrap interval agrees with its exact distribution") {
  // For odd n the median of a resample is at most the k-th order statistic with probability P(Bin(n, k/n) >
  // n/2), so that the exact 2.5% and 97.5% points of n = 101 are known; 1000 resamples may miss them by an
  // order statistic or two.
  std::vector<double> x(101);
  for (int i = 0; i < 101; ++i) x[i] = i;
  const auto at_most = [](int k) {
    double sum = 0;
    for (int j = 51; j <= 101; ++j)
      sum += std::exp(std::lgamma(102) - std::lgamma(j + 1) - std::lgamma(102 - j) + j * std::log(k / 101.0) +
                      (101 - j) * std::log1p(-k / 101.0));
    return sum;
  };
  int lo = 1, hi = 1;
  while (at_most(lo) < 0.025) ++lo;
  while (at_most(hi) < 0.975) ++hi;
  const Interval i = median_interval(x);
  CHECK(std::abs(i.lo - (lo - 1)) <= 2);
  CHECK(std::abs(i.hi - (hi - 1)) <= 2);
  CHECK(relative_error(x) == Approx((i.hi - i.lo) / 2 / 50));
}

TEST_CASE("the bootstrap repeats itself for a seed, and ignores the order of the samples") {
  std::vector<double> x;
  for (int i = 0; i < 40; ++i) x.push_back(std::sin(i));
  const Interval a = median_interval(x, 7), b = median_interval(std::vector<double>(x.rbegin(), x.rend()), 7);
  CHECK(a.lo == b.lo);
  CHECK(a.hi == b.hi);
  const Interval same = median_interval(std::vector<double>(9, 2.5));
  CHECK(same.lo == 2.5);
  CHECK(same.hi == 2.5);
}

TEST_CASE("a paired ratio cancels what drifts") {
  std::vector<double> a, b;
  for (int i = 0; i < 100; ++i) {
    const double drift = 1 + 0.01 * i;  // the clock falls to half
    a.push_back(3 * drift);
    b.push_back(2 * drift);
  }
  const Ratio r = paired_ratio(a, b);
  CHECK(r.value == Approx(1.5));
  CHECK(r.ci95.hi - r.ci95.lo < 1e-12);
  CHECK_THROWS_AS(paired_ratio(a, std::vector<double>{1}), std::invalid_argument);
}
