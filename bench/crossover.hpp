// From which size on a GPU wins over the CPU, the way to the GPU and back included.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bench {

struct Crossing {
  double n = 0;               // where the times are equal, by interpolation; both axes logarithmic
  std::int64_t loses_at = 0;  // the largest size measured at which the CPU wins; 0: none
  std::int64_t wins_at = 0;   // the next size measured: from here on the GPU wins
};

// Times by size, sizes ascending. nullopt: the GPU does not win at the largest size, so there is no such
// point.
std::optional<Crossing> crossing(std::span<const std::int64_t> sizes, std::span<const double> cpu,
                                 std::span<const double> gpu);

struct CrossoverOptions {
  std::string out;    // the result file; empty: none
  int max_log2 = 26;  // the largest n is 2 to this
  std::uint64_t seed = 1;
  double budget_s = 2;  // wall-clock a size
};

// Measures SAXPY over sizes: each CPU rung; the chapter's last GPU rung with its data already on the GPU, and
// with the copies there and back from pageable memory, from pinned memory, and in chunks over several
// streams; and the copies alone. Prints one JSON object a line to `out`. Throws BadInput where no NVIDIA GPU
// is.
int crossover(const CrossoverOptions& options, const std::vector<std::string>& argv, std::ostream& out);

}  // namespace bench
