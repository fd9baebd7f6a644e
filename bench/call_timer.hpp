// Times calls of rungs and baselines: on a GPU with a pair of CUDA events each, on a CPU with a steady clock.
#pragma once

#include <memory>
#include <optional>

#include "bench/nvml.hpp"
#include "bench/ring.hpp"
#include "bench/sampler.hpp"

namespace bench {

// An implementation made ready for a problem: what may be done before timing is done.
struct Subject {
  const Entry* entry = nullptr;
  GuardedBuffer workspace;

  // Runs the entry's prepare on the ring's first copy.
  Subject(const Entry& entry, const Problem& problem, const Ring& ring, cudaStream_t stream);
};

class CallTimer : public Timer {
 public:
  // Cold: each call takes the ring's next copy; else all take the first. The ring must be filled, and whoever
  // writes to it otherwise must have finished.
  CallTimer(const Problem& problem, const Ring& ring, std::vector<const Subject*> subjects, bool cold)
      : problem_(problem), ring_(ring), subjects_(std::move(subjects)), cold_(cold) {}
  std::size_t subjects() const override { return subjects_.size(); }

  // One call of a subject on one copy, timed as the samples are.
  virtual double call(std::size_t subject, std::size_t copy) = 0;
  // How long after the end of some calls, as the timer sees it, the device goes on working, in seconds. An
  // honest subject leaves it idle.
  virtual double trailing_work(std::size_t /*subject*/, int /*calls*/) { return 0; }
  // The operands of a copy, as soon as the timer takes the last call for finished.
  virtual HostData read(std::size_t copy) const { return ring_.read(copy, nullptr); }

 protected:
  void run(std::size_t subject, std::size_t copy, cudaStream_t stream) const {
    subjects_[subject]->entry->run(problem_, ring_.pointers(copy),
                                   {stream, subjects_[subject]->workspace.data()});
  }
  std::size_t next_copy() { return cold_ ? next_++ % ring_.copies() : 0; }

  const Problem& problem_;
  const Ring& ring_;
  std::vector<const Subject*> subjects_;
  bool cold_;
  std::size_t next_ = 0;
};

class CpuTimer : public CallTimer {
 public:
  using CallTimer::CallTimer;
  std::vector<std::vector<double>> sample(int rounds) override;
  double call(std::size_t subject, std::size_t copy) override;
};

// The harness's own stream. It does not wait for the default stream, so that a rung that launches there
// instead of on the stream it was given is caught.
class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

class GpuTimer : public CallTimer {
 public:
  // `nvml` may be null: the clock is then not known.
  GpuTimer(const Problem& problem, const Ring& ring, std::vector<const Subject*> subjects, bool cold,
           const Stream& stream, const Nvml* nvml);
  ~GpuTimer() override;

  // One burst: the GPU is held busy while everything is enqueued, a first round is run and dropped, then the
  // rounds, with no host synchronisation before the end. Throws DeviceError.
  std::vector<std::vector<double>> sample(int rounds) override;
  double call(std::size_t subject, std::size_t copy) override;
  double trailing_work(std::size_t subject, int calls) override;
  HostData read(std::size_t copy) const override { return ring_.read(copy, stream_); }
  double clock_mhz() override;
  double default_clock_mhz() override;
  std::vector<std::string> throttle_reasons() override { return throttle_reasons_; }

 private:
  struct Pair {
    cudaEvent_t start = nullptr, stop = nullptr;
  };
  Pair& events(std::size_t i);
  void enqueue(std::size_t subject, std::size_t copy, const Pair& pair) const;

  const Stream& stream_;
  const Nvml* nvml_;
  std::vector<Pair> events_;
  double last_round_s_ = 0;
  double clock_mhz_ = std::numeric_limits<double>::quiet_NaN(), clock_read_at_ = 0;
  std::vector<std::string> throttle_reasons_;  // read with the clock
};

// Keeps the stream's device busy for about this long, without touching memory.
#ifdef WARPLADDER_SIMT
inline void hold(cudaStream_t, double) {}  // every call has run before it returns
#else
void hold(cudaStream_t stream, double seconds);
#endif

}  // namespace bench
