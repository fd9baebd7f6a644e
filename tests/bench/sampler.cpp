#include "bench/sampler.hpp"

#include <algorithm>
#include <functional>

#include "tests/catch.hpp"

using namespace bench;

namespace {

struct FakeClock : Clock {
  double time = 1000;
  double now() override { return time; }
};

// Subjects whose samples are functions of how many were taken before; time passes as they say.
struct FakeTimer : Timer {
  FakeTimer(FakeClock& c, std::vector<std::function<double(int)>> s) : clock(c), of(std::move(s)) {}
  FakeClock& clock;
  std::vector<std::function<double(int)>> of;
  int rounds = 0;
  double mhz = 1000;
  std::vector<int> bursts;

  std::size_t subjects() const override { return of.size(); }
  std::vector<std::vector<double>> sample(int n) override {
    std::vector<std::vector<double>> out(of.size());
    for (int i = 0; i < n; ++i, ++rounds)
      for (std::size_t s = 0; s < of.size(); ++s) {
        out[s].push_back(of[s](rounds));
        clock.time += out[s].back();
      }
    bursts.push_back(n);
    return out;
  }
  double clock_mhz() override { return mhz; }
  double default_clock_mhz() override { return 1000; }
  std::vector<std::string> throttle_reasons() override {
    return mhz < 1000 ? std::vector<std::string>{"sw_power_cap"} : std::vector<std::string>();
  }
};

// Noise of a known size, spread evenly and without a pattern that repeats soon.
double noise(int i, double size) { return size * (std::fmod(i * 0.6180339887498949, 1) - 0.5); }

Series run(Sampler& sampler, int repetitions = 9) {
  sampler.warm_up();
  for (int i = 0; i < repetitions; ++i) sampler.repetition();
  return sampler.series();
}

}  // namespace

TEST_CASE("a quiet subject stops at the minimum, by relative error") {
  FakeClock clock;
  FakeTimer timer(clock, {[](int i) { return 1e-3 * (1 + noise(i, 0.001)); }});
  Sampler sampler(timer, clock, {.budget_s = 100});
  const Series s = run(sampler);
  CHECK(sampler.stopped_by() == StoppedBy::relative_error);
  CHECK(s.samples[0].size() >= 99);
  CHECK(s.samples[0].size() < 200);
  CHECK(s.repetition_medians[0].size() == 9);
  CHECK(relative_error(s.samples[0]) <= 0.005);
}

TEST_CASE("a noisy subject takes more samples than a quiet one") {
  FakeClock clock;
  FakeTimer timer(clock, {[](int i) { return 1e-3 * (1 + noise(i, 0.12)); }});
  Sampler sampler(timer, clock, {.budget_s = 100});
  const Series s = run(sampler);
  CHECK(s.samples[0].size() > 120);
  CHECK(s.samples[0].size() <= 450);
}

TEST_CASE("a noise that cannot be averaged away stops as what it is") {
  FakeClock clock;
  // Two modes of equal weight: the median's interval always spans both.
  FakeTimer timer(clock, {[](int i) { return i % 2 ? 1e-3 : 2e-3; }});
  Sampler sampler(timer, clock, {.budget_s = 100});
  run(sampler);
  CHECK(sampler.stopped_by() == StoppedBy::plateau);
}

TEST_CASE("repetitions that differ from one another are a plateau, however quiet each is") {
  FakeClock clock;
  int repetition = 0;
  FakeTimer timer(clock, {[&](int) { return 1e-3 * (1 + 0.2 * (repetition % 2)); }});
  Sampler sampler(timer, clock, {.budget_s = 100, .repetitions = 10, .min_samples = 110});
  sampler.warm_up();
  for (repetition = 0; repetition < 10; ++repetition) sampler.repetition();
  CHECK(sampler.stopped_by() == StoppedBy::plateau);
}

TEST_CASE("the maximum ends what the goal does not") {
  FakeClock clock;
  FakeTimer timer(clock, {[](int i) { return 1e-3 * (1 + noise(i, 0.5)); }});
  Sampler sampler(timer, clock,
                  {.relative_error = 1e-9, .budget_s = 100, .min_samples = 18, .max_samples = 18});
  const Series s = run(sampler);
  CHECK(sampler.stopped_by() == StoppedBy::maximum_samples);
  CHECK(s.samples[0].size() == 18);
}

TEST_CASE("the budget ends a slow subject, after one round a repetition at the least") {
  FakeClock clock;
  FakeTimer timer(clock, {[](int) { return 3.0; }, [](int) { return 1.0; }});
  Sampler sampler(timer, clock, {.budget_s = 1});
  const Series s = run(sampler);
  CHECK(sampler.stopped_by() == StoppedBy::budget);
  CHECK(s.samples[0].size() == 9);
  CHECK(s.samples[1].size() == 9);

  FakeClock clock2;
  FakeTimer timer2(clock2, {[](int i) { return 0.01 * (1 + noise(i, 0.3)); }});
  Sampler sampler2(timer2, clock2, {.budget_s = 0.5});
  const Series s2 = run(sampler2);
  CHECK(sampler2.stopped_by() == StoppedBy::budget);
  CHECK(s2.samples[0].size() >= 45);
  CHECK(s2.samples[0].size() <= 59);  // half a second of 10 ms, each repetition at most one over
}

TEST_CASE("subjects are sampled in turn, and every sample is kept in order") {
  FakeClock clock;
  FakeTimer timer(clock, {[](int i) { return 1e-3 + i * 1e-9; }, [](int i) { return 2e-3 + i * 1e-9; }});
  Sampler sampler(timer, clock, {.budget_s = 100});
  const Series s = run(sampler);
  REQUIRE(s.samples[0].size() == s.samples[1].size());
  for (std::size_t i = 0; i < s.samples[0].size(); ++i)
    CHECK(s.samples[1][i] - s.samples[0][i] == Approx(1e-3));  // the same round
  CHECK(std::is_sorted(s.samples[0].begin(), s.samples[0].end()));
}

TEST_CASE("an outlier stays in the samples and out of the median") {
  FakeClock clock;
  FakeTimer timer(clock, {[](int i) { return i % 20 == 7 ? 1.0 : 1e-3; }});
  Sampler sampler(timer, clock, {.budget_s = 1000});
  const Series s = run(sampler);
  CHECK(std::count(s.samples[0].begin(), s.samples[0].end(), 1.0) >= 4);
  CHECK(median(s.samples[0]) == 1e-3);
}

TEST_CASE("samples under a throttled clock are counted") {
  FakeClock clock;
  FakeTimer timer(clock, {[](int) { return 1e-3; }});
  Sampler sampler(timer, clock, {.budget_s = 100});
  sampler.warm_up();
  sampler.repetition();
  CHECK(sampler.series().throttled == 0);
  CHECK(sampler.series().throttle_reasons.empty());
  timer.mhz = 740;
  sampler.repetition();
  CHECK(sampler.series().throttled == static_cast<int>(sampler.series().samples[0].size() / 2));
  CHECK(sampler.series().clock_mhz.lo == 740);
  CHECK(sampler.series().clock_mhz.hi == 1000);
  CHECK(sampler.series().throttle_reasons == std::set<std::string>{"sw_power_cap"});
}

TEST_CASE("short calls come in bursts, long ones alone") {
  FakeClock clock;
  FakeTimer fast(clock, {[](int) { return 1e-5; }}), slow(clock, {[](int) { return 0.5; }});
  Sampler a(fast, clock, {.budget_s = 100}), b(slow, clock, {.budget_s = 100});
  run(a, 1);
  run(b, 1);
  CHECK(fast.bursts.back() > 1);
  CHECK(slow.bursts.back() == 1);
}
