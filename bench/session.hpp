// Measures implementations of one problem at one shape, side by side, and says what came of it.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/call_timer.hpp"
#include "bench/roofline.hpp"
#include "bench/verify.hpp"

namespace bench {

struct BenchOptions {
  SamplerOptions sampler;
  bool hot = false;
  std::uint64_t seed = 1;
  std::optional<Peaks> measured, datasheet;  // of the GPU
  double max_clock_mhz = std::numeric_limits<double>::quiet_NaN();
  const Nvml* nvml = nullptr;
  const Stream* stream = nullptr;  // null where only CPU rungs are timed
  std::map<std::string, double>
      speed;  // by entry: work a second at the last shape timed, to foretell the next
};

// What all that is timed at one shape shares: inputs, oracle, memory, and each implementation's preparations.
class Stage {
 public:
  // `entry` may be any that will be timed. Throws BadInput.
  Stage(const Entry& entry, const Shape& shape, BenchOptions& options);

  const Shape& shape() const { return shape_; }
  const Problem& problem() const { return before_.problem(); }
  BenchOptions& options() const { return options_; }
  bool cold() const;
  const Ring& ring() const { return *ring_; }

  Verdict verify_before(const Entry& entry) const { return verify(entry, before_); }
  void fill_for_timing();  // the ring, allocated when first needed
  // Chooses the fastest of the ways that the entry has for this shape; false where it has no choice.
  bool tune(const Entry& entry);
  // Calls the subject through the timer on inputs it has not met, and compares the outputs.
  Verdict verify_after(const Entry& entry, CallTimer& timer, std::size_t subject);
  std::unique_ptr<CallTimer> timer(const std::vector<const Entry*>& entries);

  const Entry* best_baseline = nullptr;  // once the baselines have been timed

 private:
  Where where_;
  Shape shape_;
  BenchOptions& options_;
  // Where the oracle can afford every element, before and after are compared in full; else before is checked
  // as a whole on whole numbers, and after element by element in part. The seeds differ, so that a kept
  // result is wrong.
  Reference before_, after_;
  HostData uniform_;  // what is timed, where before_ is whole numbers
  std::unique_ptr<Ring> ring_;
  std::map<const Entry*, Subject> subjects_;
};

// Some entries timed in turn at one stage, in repetitions.
class Session {
 public:
  // With an opponent, that is timed too, only to be compared with. Else the entries are rivals: the
  // baselines.
  Session(Stage& stage, std::vector<const Entry*> entries, bool rivals)
      : stage_(stage), entries_(std::move(entries)), rivals_(rivals), rows_(entries_.size()) {}

  const std::vector<const Entry*>& entries() const { return entries_; }
  // The median of an entry's samples in a repetition; takes them when they have not been taken. Nothing for
  // an entry that has no time. Throws DeviceError where the device is lost.
  std::optional<double> repetition(std::size_t entry, int which);
  // One row an entry, when all repetitions have been taken.
  const std::vector<nlohmann::ordered_json>& rows() const { return rows_; }
  bool finished() const { return finished_; }

 private:
  void start();
  void finish();
  void fail(std::size_t entry, const std::string& status, const std::string& message);
  nlohmann::ordered_json time_of(const std::vector<double>& samples, std::size_t subject) const;
  void judge(std::size_t entry, std::size_t subject);

  Stage& stage_;
  std::vector<const Entry*> entries_;
  bool rivals_, started_ = false, finished_ = false;
  std::vector<nlohmann::ordered_json> rows_;
  std::vector<std::size_t>
      timed_;  // indices into entries_, in the timer's order; the opponent comes after them
  std::vector<const Entry*> subjects_;  // as the timer has them
  std::unique_ptr<CallTimer> timer_;
  SteadyClock clock_;
  std::unique_ptr<Sampler> sampler_;
  nlohmann::ordered_json gpu_after_;
};

// Why a time cannot be true, in one line; empty when it can. `floor`: what physics allows, where known.
// `trailing_s`: how long the device went on working after the timer took it for done, one for each attempt.
std::string disbelief(double median_s, const std::optional<Limit>& floor, std::span<const double> trailing_s);

// The time that this entry cannot undercut, on the GPU of the options; nothing where its peaks are not known.
// Not the problem's ceiling: an algorithm with fewer multiplications than the definition may pass that.
std::optional<Limit> least_time(const Entry& entry, const Problem& problem, bool cold,
                                const BenchOptions& options);

// What every row says of its case.
nlohmann::ordered_json case_row(const Entry& entry, const Problem& problem, const Shape& shape);

}  // namespace bench
