#include "bench/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace bench {
namespace {

double quantile_of_sorted(std::span<const double> sorted, double q) {
  if (sorted.empty()) throw std::invalid_argument("a quantile of no samples");
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::vector<double> sorted(std::span<const double> samples) {
  std::vector<double> s(samples.begin(), samples.end());
  std::ranges::sort(s);
  return s;
}

// xorshift64* (Vigna 2016): the standard library's distributions differ between implementations.
struct Random {
  std::uint64_t state;
  std::size_t below(std::size_t n) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    const std::uint64_t high = (state * 0x2545F4914F6CDD1Dull) >> 32;
    return static_cast<std::size_t>(high * n >> 32);
  }
};

}  // namespace

double quantile(std::span<const double> samples, double q) { return quantile_of_sorted(sorted(samples), q); }

double median(std::span<const double> samples) { return quantile(samples, 0.5); }

Interval median_interval(std::span<const double> samples, std::uint64_t seed) {
  const std::vector<double> order = sorted(samples);
  if (order.empty()) throw std::invalid_argument("an interval of no samples");
  constexpr int kResamples = 1000;
  Random random{seed | 1};
  std::vector<double> medians(kResamples);
  std::vector<std::uint32_t> times(order.size());  // how often each sample was drawn
  const std::size_t n = order.size(), low = (n - 1) / 2, high = n / 2;
  for (double& m : medians) {
    std::ranges::fill(times, 0u);
    for (std::size_t i = 0; i < n; ++i) ++times[random.below(n)];
    // The drawn samples are in order already: count up to the middle two (one and the same where n is odd).
    std::size_t seen = 0, i = 0;
    while ((seen += times[i]) <= low) ++i;
    const double first = order[i];
    while (seen <= high) seen += times[++i];
    m = (first + order[i]) / 2;
  }
  std::ranges::sort(medians);
  return {quantile_of_sorted(medians, 0.025), quantile_of_sorted(medians, 0.975)};
}

double relative_error(std::span<const double> samples) {
  const Interval i = median_interval(samples);
  return (i.hi - i.lo) / 2 / median(samples);
}

Ratio paired_ratio(std::span<const double> numerator, std::span<const double> denominator) {
  if (numerator.size() != denominator.size())
    throw std::invalid_argument("a ratio of samples that are not paired");
  std::vector<double> ratios(numerator.size());
  for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] = numerator[i] / denominator[i];
  return {median(ratios), median_interval(ratios)};
}

}  // namespace bench
