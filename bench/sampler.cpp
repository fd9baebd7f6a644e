#include "bench/sampler.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace bench {

double SteadyClock::now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string name_of(StoppedBy reason) {
  switch (reason) {
    case StoppedBy::relative_error: return "relative_error";
    case StoppedBy::plateau: return "plateau";
    case StoppedBy::maximum_samples: return "maximum_samples";
    case StoppedBy::budget: return "budget";
  }
  return "?";
}

Sampler::Sampler(Timer& timer, Clock& clock, const SamplerOptions& options)
    : timer_(timer), clock_(clock), options_(options) {
  series_.samples.resize(timer.subjects());
  series_.repetition_medians.resize(timer.subjects());
}

void Sampler::warm_up() {
  constexpr double kSeconds = 0.05, kBurstSeconds = 0.01;
  const double start = clock_.now();
  double before = start, now = start;
  do {
    timer_.sample(1);
    before = std::exchange(now, clock_.now());
  } while (now - start < std::min(kSeconds, options_.budget_s));
  round_s_ = now - before;  // the last is the warmest
  burst_ = std::clamp(static_cast<int>(kBurstSeconds / std::max(round_s_, 1e-6)), 1, 10);
}

void Sampler::take(int rounds, std::vector<std::vector<double>>& into) {
  const double start = clock_.now();
  const auto burst = timer_.sample(rounds);
  spent_ += clock_.now() - start;
  for (std::size_t s = 0; s < burst.size(); ++s)
    into[s].insert(into[s].end(), burst[s].begin(), burst[s].end());
  const double mhz = timer_.clock_mhz();
  if (mhz < options_.throttled_below * timer_.default_clock_mhz()) series_.throttled += rounds;
  if (!std::isnan(mhz))
    series_.clock_mhz = {std::min(series_.clock_mhz.lo, mhz), std::max(series_.clock_mhz.hi, mhz)};
  for (std::string& reason : timer_.throttle_reasons()) series_.throttle_reasons.insert(std::move(reason));
}

double Sampler::worst_error(const std::vector<std::vector<double>>& samples) const {
  double worst = 0;
  for (const auto& subject : samples) worst = std::max(worst, relative_error(subject));
  return worst;
}

void Sampler::repetition() {
  const double share = 1.0 / options_.repetitions;
  const double deadline = options_.budget_s * share * static_cast<double>(reasons_.size() + 1);
  const double goal = options_.relative_error * std::sqrt(options_.repetitions);
  const auto part = [&](int all) { return static_cast<std::size_t>(std::ceil(all * share)); };
  const std::size_t least = part(options_.min_samples), most = part(options_.max_samples);

  struct Checkpoint {
    std::size_t samples;
    double error;
  };
  std::vector<Checkpoint> past;
  std::vector<std::vector<double>> mine(timer_.subjects());
  std::size_t next = least;
  for (;;) {
    take(static_cast<int>(std::min<std::size_t>(burst_, most - mine[0].size())), mine);
    const std::size_t n = mine[0].size();
    if (n >= next && n >= 2) {
      const double error = worst_error(mine);
      if (error <= goal) {
        reasons_.push_back(StoppedBy::relative_error);
        break;
      }
      const auto stuck = [&](const Checkpoint& c) { return 2 * c.samples <= n && error > 0.9 * c.error; };
      if (std::ranges::any_of(past, stuck)) {
        reasons_.push_back(StoppedBy::plateau);
        break;
      }
      past.push_back({n, error});
      next = n + std::max<std::size_t>(1, n / 4);
    }
    if (n >= most) {
      reasons_.push_back(StoppedBy::maximum_samples);
      break;
    }
    if (spent_ >= deadline) {
      reasons_.push_back(StoppedBy::budget);
      break;
    }
  }
  for (std::size_t s = 0; s < mine.size(); ++s) {
    series_.repetition_medians[s].push_back(median(mine[s]));
    series_.samples[s].insert(series_.samples[s].end(), mine[s].begin(), mine[s].end());
  }
}

StoppedBy Sampler::stopped_by() const {
  if (series_.samples[0].size() >= static_cast<std::size_t>(options_.min_samples) &&
      worst_error(series_.samples) <= options_.relative_error)
    return StoppedBy::relative_error;
  for (StoppedBy reason : {StoppedBy::budget, StoppedBy::maximum_samples, StoppedBy::plateau})
    if (std::ranges::find(reasons_, reason) != reasons_.end()) return reason;
  // Each repetition was narrow enough by itself, but they differ from one another: more of the same will not
  // help.
  return StoppedBy::plateau;
}

}  // namespace bench
