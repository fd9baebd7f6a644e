#include "kernels/sgd/permutation.cuh"

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

#include "tests/catch.hpp"

namespace {

std::vector<int> whole(std::uint32_t n, std::uint32_t seed, std::uint32_t epoch) {
  const sgd::Permutation permutation(n, seed, epoch);
  std::vector<int> order;
  for (std::uint32_t i = 0; i < n; ++i) order.push_back(static_cast<int>(permutation(i)));
  return order;
}

}  // namespace

TEST_CASE("An epoch visits every sample exactly once") {
  for (std::uint32_t n : {1u, 2u, 3u, 4u, 5u, 31u, 32u, 33u, 1000u, 1024u, 1025u, 60000u})
    for (std::uint32_t seed : {0u, 1u, 77u}) {
      std::vector<int> order = whole(n, seed, 2), sorted(n);
      std::ranges::sort(order);
      std::iota(sorted.begin(), sorted.end(), 0);
      REQUIRE(order == sorted);
    }
}

TEST_CASE("Seeds and epochs shuffle differently, and the same ones alike") {
  REQUIRE(whole(1000, 1, 0) == whole(1000, 1, 0));
  REQUIRE(whole(1000, 1, 0) != whole(1000, 1, 1));
  REQUIRE(whole(1000, 1, 0) != whole(1000, 2, 0));
}

TEST_CASE("The order is the one that results were recorded with") {
  // Written down once: a change here would change every training run that somebody wants to repeat.
  REQUIRE(whole(8, 1, 0) == std::vector<int>{2, 7, 3, 6, 1, 4, 5, 0});
}

// Pearson's chi-square of a table of counts that should all be alike, in standard deviations from its mean:
// under the null hypothesis it has df degrees of freedom, mean df and variance 2 df. Seeds are fixed, so a
// pass is a fact about this generator and not luck; 6 deviations would come by chance once in more than a
// million tables.
static double deviations(const std::vector<int>& counts, double df) {
  const double expected =
      std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
  double chi2 = 0;
  for (int count : counts) chi2 += (count - expected) * (count - expected) / expected;
  return (chi2 - df) / std::sqrt(2 * df);
}

TEST_CASE("Every sample is equally likely in every place") {
  for (std::uint32_t n : {10u, 16u, 37u}) {
    std::vector<int> counts(n * n);
    for (std::uint32_t epoch = 0; epoch < 20000; ++epoch) {
      const auto order = whole(n, 5, epoch);
      for (std::uint32_t i = 0; i < n; ++i) ++counts[i * n + static_cast<std::uint32_t>(order[i])];
    }
    REQUIRE(std::abs(deviations(counts, (n - 1.0) * (n - 1))) < 6);
  }
}

TEST_CASE("Neighbours in an epoch are no more often the same two samples than chance has it") {
  constexpr std::uint32_t n = 12;
  std::vector<int> counts(n * (n - 1));
  for (std::uint32_t epoch = 0; epoch < 20000; ++epoch) {
    const auto order = whole(n, 9, epoch);
    const auto a = static_cast<std::uint32_t>(order[3]), b = static_cast<std::uint32_t>(order[4]);
    ++counts[a * (n - 1) + (b > a ? b - 1 : b)];
  }
  REQUIRE(std::abs(deviations(counts, n * (n - 1) - 1.0)) < 6);
}

TEST_CASE("All 24 orders of 4 samples come about equally often") {
  std::map<std::vector<int>, int> seen;
  for (std::uint32_t epoch = 0; epoch < 24000; ++epoch) ++seen[whole(4, 3, epoch)];
  REQUIRE(seen.size() == 24);
  std::vector<int> counts;
  for (const auto& [order, count] : seen) counts.push_back(count);
  REQUIRE(std::abs(deviations(counts, 23)) < 6);
}

TEST_CASE("Steps take whole batches of an epoch; what is left over waits") {
  const sgd::Order order(10, 3, 1);
  REQUIRE(order.steps_per_epoch() == 3);
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::vector<int> seen;
    for (int step = 3 * epoch; step < 3 * epoch + 3; ++step)
      for (int i = 0; i < 3; ++i) seen.push_back(order.sample(step, i));
    const auto expected = whole(10, 1, static_cast<std::uint32_t>(epoch));
    REQUIRE(seen == std::vector<int>(expected.begin(), expected.begin() + 9));
  }
}
