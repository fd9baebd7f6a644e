#include "bench/crossover.hpp"

#include <sstream>

#include "bench/device.hpp"
#include "bench/shape.hpp"
#include "tests/catch.hpp"

using bench::crossing;

namespace {
const std::vector<std::int64_t> kSizes = {1024, 4096, 16384};
}

TEST_CASE("the crossing lies between the last loss and the first win") {
  // At 4096 the GPU takes twice the CPU's time, at 16384 half: equal at the geometric mean of the sizes.
  const auto c = crossing(kSizes, std::vector{1., 2., 4.}, std::vector{4., 4., 2.});
  REQUIRE(c);
  CHECK(c->n == Approx(8192));
  CHECK(c->loses_at == 4096);
  CHECK(c->wins_at == 16384);
}

TEST_CASE("a win that does not last is no crossing") {
  CHECK_FALSE(crossing(kSizes, std::vector{1., 1., 1.}, std::vector{2., .5, 2.}));
  CHECK_FALSE(crossing(kSizes, std::vector{1., 1., 1.}, std::vector{2., 2., 1.}));  // a tie is not a win
  const auto c = crossing(kSizes, std::vector{1., 1., 1.}, std::vector{.5, 1., .5});
  REQUIRE(c);
  CHECK(c->n == Approx(4096));
}

TEST_CASE("a GPU that always wins has its crossing at the smallest size measured") {
  const auto c = crossing(kSizes, std::vector{1., 1., 1.}, std::vector{.5, .5, .5});
  REQUIRE(c);
  CHECK(c->n == 1024);
  CHECK(c->loses_at == 0);
  CHECK(c->wins_at == 1024);
}

TEST_CASE("without a GPU nothing is timed as one") {
  int count = 0;
  if (bench::device_kind() == "gpu" && cudaGetDeviceCount(&count) == cudaSuccess && count > 0)
    SKIP_TEST("this machine has a GPU");
  std::ostringstream out;
  CHECK_THROWS_AS(bench::crossover({}, {}, out), bench::BadInput);
  CHECK(out.str().empty());
}
