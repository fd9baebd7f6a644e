// The counts are what the memory system of a GPU would do, whatever the schedule and the number of workers.
#include "counts.hpp"

#include <string>

#include "simt/check.hpp"
#include "simt/control.hpp"
#include "tests/catch.hpp"

namespace {

template <class F>
simt::Counts counts_of(F&& run) {
  simt::count_launches(true);
  simt::take_counts();
  run();
  const auto launches = simt::take_counts();
  REQUIRE(launches.size() == 1);
  simt::Counts lines;
  for (const auto& line : launches[0].lines) {
    CHECK(line.place.line > 0);
    CHECK(line.place.file.find("counts.cu") != std::string::npos);
    lines.global_load_requests += line.counts.global_load_requests;
    lines.shared_store_wavefronts += line.counts.shared_store_wavefronts;
  }
  CHECK(lines.global_load_requests == launches[0].total.global_load_requests);
  CHECK(lines.shared_store_wavefronts == launches[0].total.shared_store_wavefronts);
  return launches[0].total;
}

double wavefronts_per_request(const simt::Counts& c) {
  return double(c.shared_load_wavefronts + c.shared_store_wavefronts) /
         double(c.shared_load_requests + c.shared_store_requests);
}

}  // namespace

TEST_CASE("transposes: sectors and wavefronts per request") {
  const int n = 64;
  const auto naive = counts_of([&] { transpose_naive(n); });
  CHECK(naive.global_load_requests == n * n / 32);
  CHECK(naive.global_load_sectors == 4 * naive.global_load_requests);
  CHECK(naive.global_store_sectors == 32 * naive.global_store_requests);
  CHECK(naive.global_store_ideal_sectors == 4 * naive.global_store_requests);
  CHECK(naive.distinct_bytes == 2 * n * n * sizeof(float));
  const auto tile = counts_of([&] { transpose_tile(n); });
  CHECK(tile.global_store_sectors == 4 * tile.global_store_requests);
  CHECK(wavefronts_per_request(tile) == 16.5);  // stores 1, loads 32
  CHECK(tile.barriers == (n / 32) * (n / 32));
  CHECK(wavefronts_per_request(counts_of([&] { transpose_padded_tile(n); })) == 1.0);
}

TEST_CASE("vector and strided accesses") {
  const auto vector = counts_of([] { copy_float4(4 * 256); });
  CHECK(vector.global_load_requests == 256 / 32);
  CHECK(vector.global_load_sectors == 16 * vector.global_load_requests);
  CHECK(vector.global_load_ideal_sectors == vector.global_load_sectors);
  CHECK(vector.global_load_bytes == 4 * 256 * sizeof(float));
  CHECK(counts_of([] { strided_read(32, 2); }).global_load_sectors == 8);
  CHECK(counts_of([] { strided_read(32, 32); }).global_load_sectors == 32);
  CHECK(counts_of([] { strided_read(32, 0 + 1); }).divergent_requests == 0);
}

TEST_CASE("cp.async reads only what it is told to, and fills up with zeros") {
  simt::take_findings();
  const auto c = counts_of([] { copy_in_part(); });
  CHECK(simt::take_findings().empty());
  CHECK(c.global_load_bytes == 16 * 16);
  CHECK(c.global_load_sectors == 8);
  CHECK(c.async_bytes == 32 * 16);
  CHECK(c.bytes_in_flight == 32 * 16);
}

TEST_CASE("branches and atomics") {
  const auto c = counts_of([] { divergent(64); });
  CHECK(c.global_store_requests == 4);
  CHECK(c.divergent_requests == 4);
}

TEST_CASE("atomics take turns where lanes meet") {
  const auto one = counts_of([] { atomic_sum(64, 1); });
  CHECK(one.atomics == 64);
  CHECK(one.atomic_requests == 2);
  CHECK(one.atomic_turns == 64);
  CHECK(one.atomics_at_one_address == 64);
  const auto eight = counts_of([] { atomic_sum(64, 8); });
  CHECK(eight.atomic_turns == 2 * 32 / 8);
  CHECK(eight.atomics_at_one_address == 64 / 8);
  CHECK(counts_of([] { atomic_sum(64, 64); }).atomic_turns == 2);
}

TEST_CASE("in flight are a block's loads, each instruction once between two barriers") {
  CHECK(counts_of([] { copy_float4(4 * 256); }).bytes_in_flight == 128 * 16);
  CHECK(counts_of([] { transpose_tile(64); }).bytes_in_flight == 32 * 32 * 4);
  CHECK(counts_of([] { read_in_turns(64, 10); }).bytes_in_flight == 64 * 4);
}

TEST_CASE("counts do not depend on the schedule or the workers") {
  simt::Counts first{};
  bool known = false;
  for (const std::string schedule : {"forward", "reverse", "random:7"})
    for (const int workers : {1, 2, 3}) {
      simt::set_schedule(schedule);
      simt::set_workers(workers);
      const auto c = counts_of([] { transpose_tile(96); });
      if (!known) first = c, known = true;
      CAPTURE(schedule, workers);
      CHECK(c == first);
    }
  simt::set_schedule("forward");
  simt::set_workers(0);
}
