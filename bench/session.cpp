#include "bench/session.hpp"

#include <algorithm>
#include <cstdio>

#include "bench/device.hpp"
#include "bench/environment.hpp"
#include "bench/tuning.hpp"
#include "bench/verbs.hpp"

namespace bench {

namespace {

constexpr double kLaunchSensitive = 10e-6;
// Under half of it already is enough; what a replacement policy that is not LRU keeps falls off
// exponentially.
constexpr std::size_t kRingOfCaches = 4;

ReferenceOptions before_options(const Entry& entry, const Shape& shape, std::uint64_t seed) {
  const ReferenceOptions uniform{.fill = Fill::uniform, .seed = seed};
  const Reference all(entry, shape, uniform);
  return all.samples() ? ReferenceOptions{.fill = Fill::integers, .seed = seed} : uniform;
}

// Digits below a tenth of a nanosecond are noise of the conversion.
double rounded(double seconds) { return std::round(seconds * 1e10) / 1e10; }

Json rounded(std::span<const double> seconds) {
  Json all = Json::array();
  for (const double s : seconds) all.push_back(rounded(s));
  return all;
}

Json to_json(const Interval& i) { return {i.lo, i.hi}; }

// A problem's rate is in the unit that it is about on every machine, so that its shapes can share an axis.
Json rate_of(const Work& work, double seconds) {
  const bool arithmetic = work.flops >= work.bytes;
  return {{"value", (arithmetic ? work.flops : work.bytes) / seconds},
          {"unit", arithmetic ? "FLOP/s" : "B/s"}};
}

double amount(const Work& work) { return std::max({work.flops, work.bytes, 1.0}); }

}  // namespace

std::string disbelief(double median_s, const std::optional<Limit>& floor,
                      std::span<const double> trailing_s) {
  char text[200] = "";
  // An idle device answers within some 10 us; a busy host may delay it now and then, but not every time.
  constexpr double kIdle = 100e-6;
  const double trailing = trailing_s.empty() ? 0 : *std::ranges::min_element(trailing_s);
  if (!(median_s > 0)) return "took no time: its work is not on the stream it was given";
  if (!(trailing <= kIdle))
    std::snprintf(text, sizeof text,
                  "the device worked for %.3g us after the call's end: work outside the stream it was given",
                  trailing * 1e6);
  else if (floor && !(median_s >= floor->seconds))
    std::snprintf(text, sizeof text,
                  "%.3g us is less than the %.3g us that %s allows: it cannot have done the work",
                  median_s * 1e6, floor->seconds * 1e6, floor->limiter.c_str());
  return text;
}

std::optional<Limit> least_time(const Entry& entry, const Problem& problem, bool cold,
                                const BenchOptions& options) {
  if (!options.datasheet) return std::nullopt;
  const Work work = problem.work();
  // Out of a warm cache, bytes may come faster than memory gives them.
  return floor_of({.flops = work.flops / entry.reduction, .bytes = cold ? work.bytes : 0}, problem.rate(),
                  *options.datasheet, options.max_clock_mhz);
}

Json case_row(const Entry& e, const Problem& problem, const Shape& shape) {
  const Work work = problem.work();
  return {{"id", e.id()},
          {"chapter", e.baseline() ? Json() : Json(e.chapter)},
          {"name", e.name},
          {"title", e.title},
          {"problem", e.problem},
          {"where", e.where == Where::gpu ? "gpu" : "cpu"},
          {"baseline", e.baseline()},
          {"shape", to_json(shape)},
          {"work", {{"flops", work.flops}, {"bytes", work.bytes}}},
          {"status", "ok"},
          {"message", ""}};
}

Stage::Stage(const Entry& entry, const Shape& shape, BenchOptions& options)
    : where_(entry.where),
      shape_(shape),
      options_(options),
      before_(entry, shape, before_options(entry, shape, options.seed)),
      after_(entry, shape, {.fill = Fill::uniform, .seed = options.seed + 1}) {}

bool Stage::cold() const { return !options_.hot && ring_->bytes() >= 2 * last_level_cache(where_); }

void Stage::fill_for_timing() {
  if (!ring_)
    ring_ = std::make_unique<Ring>(problem(), where_,
                                   options_.hot ? 0 : kRingOfCaches * last_level_cache(where_));
  if (before_.options().fill == Fill::uniform) return ring_->fill(before_.inputs());
  if (uniform_.empty()) uniform_ = make_inputs(problem(), Fill::uniform, options_.seed);
  ring_->fill(uniform_);
}

bool Stage::tune(const Entry& entry) {
  if (!entry.ways || entry.ways(problem()) < 2) return false;
  fill_for_timing();
  choose_fastest(entry, problem(), *timer({&entry}));
  return true;
}

Verdict Stage::verify_after(const Entry& entry, CallTimer& timer, std::size_t subject) {
  ring_->fill(after_.inputs());
  timer.call(subject, subject);
  return compare(entry, after_, timer.read(subject));
}

std::unique_ptr<CallTimer> Stage::timer(const std::vector<const Entry*>& entries) {
  std::vector<const Subject*> subjects;
  for (const Entry* e : entries)
    subjects.push_back(
        &subjects_.try_emplace(e, *e, problem(), *ring_, options_.stream ? *options_.stream : cudaStream_t())
             .first->second);
  if (where_ == Where::cpu) return std::make_unique<CpuTimer>(problem(), *ring_, subjects, cold());
  return std::make_unique<GpuTimer>(problem(), *ring_, subjects, cold(), *options_.stream, options_.nvml);
}

void Session::fail(std::size_t entry, const std::string& status, const std::string& message) {
  rows_[entry]["status"] = status;
  rows_[entry]["message"] = message;
  for (const char* result : {"time", "rate", "ceiling", "vs"}) rows_[entry].erase(result);
}

void Session::start() {
  started_ = true;
  const Problem& problem = stage_.problem();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& e = *entries_[i];
    rows_[i] = case_row(e, problem, stage_.shape());
    const auto speed = stage_.options().speed.find(e.id());
    const double foretold =
        speed == stage_.options().speed.end() ? 0 : amount(problem.work()) / speed->second;
    if (const std::string needs = refusal(e, problem); !needs.empty()) {
      fail(i, "refused", needs);
    } else if (foretold > stage_.options().sampler.budget_s) {
      char text[120];
      std::snprintf(text, sizeof text, "one call would take about %.2g s: time it with --budget %.0f",
                    foretold, std::ceil(foretold));
      fail(i, "skipped", text);
    } else {
      try {
        Verdict v = stage_.verify_before(e);
        if (v.status == Status::pass && stage_.tune(e)) v = stage_.verify_before(e);  // what is timed
        rows_[i]["verify"]["before"] = to_json(v);
        if (v.status == Status::pass)
          timed_.push_back(i), subjects_.push_back(&e);
        else
          fail(i, "failed", v.message);
        // Before another rung is blamed for it.
        if (v.status == Status::fail && e.where == Where::gpu && device_is_lost())
          throw DeviceError(e.id() + ": " + v.message);
      } catch (const BadInput& too_large) {
        fail(i, "skipped", too_large.what());
      } catch (const Untunable& broken) {
        fail(i, "failed", broken.what());
      }
    }
  }
  if (timed_.empty()) return;
  if (!rivals_ && stage_.best_baseline) subjects_.push_back(stage_.best_baseline);
  stage_.fill_for_timing();
  timer_ = stage_.timer(subjects_);
  sampler_ = std::make_unique<Sampler>(*timer_, clock_, stage_.options().sampler);
  stage_.fill_for_timing();  // preparations may have written to it
  sampler_->warm_up();
}

std::optional<double> Session::repetition(std::size_t entry, int which) {
  try {
    if (!started_) start();
    while (!timed_.empty() &&
           sampler_->series().repetition_medians[0].size() <= static_cast<std::size_t>(which))
      sampler_->repetition();
    if (which + 1 == stage_.options().sampler.repetitions && !finished_) finish();
  } catch (const DeviceError& e) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (rows_[i].is_null()) rows_[i] = case_row(*entries_[i], stage_.problem(), stage_.shape());
      if (rows_[i]["status"] == "ok") fail(i, "failed", e.what());
    }
    timed_.clear();
    finished_ = true;
    if (entries_[0]->where == Where::gpu && device_is_lost())
      throw DeviceError(entries_[entry]->id() + " at " + stage_.shape().text() + " broke the device (" +
                        e.what() + "): nothing after it can be timed in this run");
  }
  const auto at = std::ranges::find(timed_, entry);
  if (at == timed_.end()) return std::nullopt;
  return sampler_->series()
      .repetition_medians[static_cast<std::size_t>(at - timed_.begin())][static_cast<std::size_t>(which)];
}

Json Session::time_of(const std::vector<double>& samples, std::size_t subject) const {
  const Series& series = sampler_->series();
  const double m = median(samples);
  const Interval ci = median_interval(samples);
  const bool clock_known = series.clock_mhz.lo <= series.clock_mhz.hi;
  return {{"median_s", rounded(m)},
          {"ci95_s", {rounded(ci.lo), rounded(ci.hi)}},
          {"samples_s", rounded(samples)},
          {"repetition_medians_s", rounded(series.repetition_medians[subject])},
          {"stopped_by", name_of(sampler_->stopped_by())},
          {"launch_sensitive", entries_[0]->where == Where::gpu && m < kLaunchSensitive},
          {"throttled_samples", series.throttled},
          {"cold", stage_.cold()},
          {"clock_mhz", clock_known ? to_json(series.clock_mhz) : Json()},
          {"throttle_reasons", series.throttle_reasons},
          {"gpu_after", gpu_after_},
          {"inputs", "uniform"}};
}

void Session::judge(std::size_t entry, std::size_t subject) {
  const Entry& e = *entries_[entry];
  const BenchOptions& options = stage_.options();
  const Problem& problem = stage_.problem();
  const double m = median(sampler_->series().samples[subject]);
  const bool gpu = e.where == Where::gpu;

  const Verdict after = stage_.verify_after(e, *timer_, subject);
  rows_[entry]["verify"]["after"] = to_json(after);
  double trailing[3];
  const int calls = static_cast<int>(std::clamp(2e-3 / std::max(m, 1e-6), 1.0, 20.0));
  for (double& t : trailing) t = timer_->trailing_work(subject, calls);
  const auto least = gpu ? least_time(e, problem, stage_.cold(), options) : std::nullopt;
  if (after.status != Status::pass) return fail(entry, "failed", "when timed: " + after.message);
  if (const std::string why = disbelief(m, least, trailing); !why.empty()) return fail(entry, "failed", why);

  const auto& peaks = options.measured ? options.measured : options.datasheet;
  const auto ceiling = gpu && peaks ? limit(problem.work(), problem.rate(), *peaks) : std::nullopt;
  rows_[entry]["ceiling"] = ceiling ? Json{{"seconds", ceiling->seconds},
                                           {"limiter", ceiling->limiter},
                                           {"share", ceiling->seconds / m},
                                           {"source", peaks->source}}
                                    : Json();
}

void Session::finish() {
  finished_ = true;
  if (timed_.empty()) return;
  const Series& series = sampler_->series();
  if (stage_.options().nvml)
    gpu_after_ = gpu_state(*stage_.options().nvml);  // while it is still warm from the last sample
  for (std::size_t s = 0; s < timed_.size(); ++s) {
    Json& row = rows_[timed_[s]];
    const double m = median(series.samples[s]);
    stage_.options().speed[subjects_[s]->id()] = amount(stage_.problem().work()) / m;
    row["time"] = time_of(series.samples[s], s);
    row["rate"] = rate_of(stage_.problem().work(), m);
    if (const std::string detail = subjects_[s]->detail(stage_.problem()); !detail.empty())
      row["detail"] = detail;
    judge(timed_[s], s);
  }
  // Everything is held against the opponent, or the fastest rival that is right.
  std::optional<std::size_t> best;
  if (subjects_.size() > timed_.size()) best = subjects_.size() - 1;
  for (std::size_t s = 0; rivals_ && s < timed_.size(); ++s)
    if (rows_[timed_[s]]["status"] == "ok" &&
        (!best || median(series.samples[s]) < median(series.samples[*best])))
      best = s;
  if (rivals_ && best) stage_.best_baseline = subjects_[*best];
  for (std::size_t s = 0; s < timed_.size(); ++s) {
    Json& row = rows_[timed_[s]];
    if (row["status"] != "ok") continue;
    row["vs"] = nullptr;
    if (!best || s == *best) continue;
    const Ratio ratio = paired_ratio(series.samples[*best], series.samples[s]);
    row["vs"] = {{"id", subjects_[*best]->id()}, {"ratio", ratio.value}, {"ratio_ci95", to_json(ratio.ci95)}};
  }
}

}  // namespace bench
