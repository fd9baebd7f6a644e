// How many samples to take, and when to stop. It knows nothing of GPUs: a Timer takes the samples.
#pragma once

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "bench/statistics.hpp"

namespace bench {

// Wall-clock seconds since any fixed moment. A test brings its own.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual double now() = 0;
};

class SteadyClock : public Clock {
 public:
  double now() override;
};

// Times one or more subjects (a rung and its opponent, or the baselines) side by side.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual std::size_t subjects() const = 0;
  // `rounds` times every subject once in turn, A B A B …: result[subject][round] in seconds.
  virtual std::vector<std::vector<double>> sample(int rounds) = 0;
  // The processor's clock now and the one it has when nothing throttles it, in MHz; NaN where not known.
  virtual double clock_mhz() { return std::numeric_limits<double>::quiet_NaN(); }
  virtual double default_clock_mhz() { return std::numeric_limits<double>::quiet_NaN(); }
  // Why that clock is held back now, as far as known.
  virtual std::vector<std::string> throttle_reasons() { return {}; }
};

struct SamplerOptions {
  double relative_error = 0.005;  // of each subject's median: half its 95% interval over the median
  double budget_s = 1;            // wall-clock, all repetitions together, warm-up apart
  int repetitions = 9;            // what Mann-Whitney compares between runs
  int min_samples = 99;           // of each subject, all repetitions together; the budget goes before
  int max_samples = 450;
  double throttled_below = 0.75;  // of the default clock (nvbench's figure)
};

enum class StoppedBy { relative_error, plateau, maximum_samples, budget };
std::string name_of(StoppedBy reason);

// Everything taken, in order. Nothing is dropped as an outlier.
struct Series {
  std::vector<std::vector<double>> samples;             // [subject][i]; equal i are a pair
  std::vector<std::vector<double>> repetition_medians;  // [subject][repetition]
  int throttled = 0;                                    // rounds taken under a throttled clock
  Interval clock_mhz{std::numeric_limits<double>::infinity(),
                     0};                   // least and greatest seen; lo > hi: not known
  std::set<std::string> throttle_reasons;  // seen at the end of any burst
};

// Takes the samples of one case, a repetition at a time. Each repetition stops by itself: after its share of
// min_samples, once every subject's relative error is within sqrt(repetitions) of the goal (the pooled
// median's is narrower by that factor), or when twice the samples narrowed it by less than a tenth where a
// third is due (plateau: what is left is drift, not noise), at its share of max_samples, or at its share of
// the budget, which alone may cut the minimum short, though not below one round.
class Sampler {
 public:
  Sampler(Timer& timer, Clock& clock, const SamplerOptions& options);
  void warm_up();  // at least one round, about 50 ms; also learns how many rounds make a burst
  void repetition();
  const Series& series() const { return series_; }
  // Of the whole: relative_error where the pooled samples meet the goal, else what ended the repetitions that
  // did not.
  StoppedBy stopped_by() const;

 private:
  void take(int rounds, std::vector<std::vector<double>>& into);
  double worst_error(const std::vector<std::vector<double>>& samples) const;

  Timer& timer_;
  Clock& clock_;
  SamplerOptions options_;
  Series series_;
  std::vector<StoppedBy> reasons_;
  double spent_ = 0, round_s_ = 0;
  int burst_ = 1;
};

}  // namespace bench
