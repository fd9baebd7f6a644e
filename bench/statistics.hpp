// What a set of timing samples says, and how surely. No distribution is assumed: medians and resampling.
#pragma once

#include <cstdint>
#include <span>

namespace bench {

struct Interval {
  double lo = 0, hi = 0;
};

// The q-quantile, 0 <= q <= 1, by linear interpolation between order statistics (Hyndman and Fan's type 7,
// numpy's default). Throws std::invalid_argument for no samples.
double quantile(std::span<const double> samples, double q);
double median(std::span<const double> samples);

// The 95% percentile bootstrap interval of the median (Efron 1979): 1000 resamples, the same for the same
// seed on every machine. One sample gives an interval of no width, which says nothing: take more.
Interval median_interval(std::span<const double> samples, std::uint64_t seed = 1);

// Half the interval's width over the median: how far off the median may be.
double relative_error(std::span<const double> samples);

struct Ratio {
  double value = 0;
  Interval ci95;
};

// The median over pairs of numerator[i] / denominator[i], which were taken one right after the other, so that
// whatever drifted with time cancels. Throws std::invalid_argument for lengths that differ.
Ratio paired_ratio(std::span<const double> numerator, std::span<const double> denominator);

}  // namespace bench
