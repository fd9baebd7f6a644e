#include "bench/tuning.hpp"

#include <set>
#include <thread>

#include "bench/session.hpp"
#include "chapters/01-first-kernel/problem.hpp"
#include "tests/bench/fake.hpp"
#include "tests/catch.hpp"

using namespace bench;

namespace {

int way_now = 0;
std::set<const float*> inputs_met;

// A library that can transpose in three ways: slowly, not at all, and quickly.
void in_this_way(const Transpose::Args& p, const Context&) {
  if (way_now == 1) throw DeviceError("this way fails");
  if (way_now == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  inputs_met.insert(p.a);
  for (int i = 0; i < p.m; ++i)
    for (int j = 0; j < p.n; ++j) p.b[j * p.ldb + i] = p.a[i * p.lda + j];
}

Entry with_ways(int ways) {
  way_now = 0;
  inputs_met.clear();
  Entry e = fake_entry<Transpose>(in_this_way);
  e.ways = [ways](const Problem&) { return ways; };
  e.choose = [](const Problem&, int way) { way_now = way; };
  return e;
}

}  // namespace

TEST_CASE("the fastest way that runs is chosen, out of the memory that rungs are timed in") {
  const Entry entry = with_ways(3);
  BenchOptions options{.sampler = {.budget_s = 0.02}};
  Stage stage(entry, {{"m", 64}, {"n", 64}}, options);
  CHECK(stage.tune(entry));
  CHECK(way_now == 2);
  CHECK(stage.cold());
  CHECK(inputs_met.size() > 5);  // a copy of the ring each
  Session session(stage, {&entry}, true);
  for (int r = 0; r < 9; ++r) session.repetition(0, r);
  CHECK(way_now == 2);
  CHECK(session.rows()[0]["status"] == "ok");
  CHECK(session.rows()[0]["time"]["median_s"] < 1e-3);
}

TEST_CASE("what has one way is not tuned, and what runs in none fails") {
  BenchOptions options;
  const Entry one = with_ways(1);
  Stage stage(one, {{"m", 5}, {"n", 7}}, options);
  CHECK_FALSE(stage.tune(one));
  CHECK_FALSE(stage.tune(fake_entry<Transpose>(in_this_way)));
  CHECK(inputs_met.empty());
  Entry none = with_ways(3);
  none.choose = [](const Problem&, int) { way_now = 1; };
  Session session(stage, {&none}, true);
  CHECK_FALSE(session.repetition(0, 0));
  CHECK(session.rows()[0]["status"] == "failed");
  CHECK(session.rows()[0]["message"] == "none of its algorithms ran: this way fails");
}
