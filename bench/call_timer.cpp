#include "bench/call_timer.hpp"

#include "bench/device.hpp"

namespace bench {

Subject::Subject(const Entry& e, const Problem& problem, const Ring& ring, cudaStream_t stream)
    : entry(&e), workspace(e.where, e.workspace(problem)) {
  // Its poison is written on the default stream, which the timer's does not wait for.
  if (e.where == Where::gpu) check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  e.prepare(problem, ring.pointers(0), {stream, workspace.data()});
  if (e.where == Where::gpu) {
    check(cudaGetLastError(), "prepare");
    check(cudaDeviceSynchronize(), "prepare");
  }
}

std::vector<std::vector<double>> CpuTimer::sample(int rounds) {
  std::vector<std::vector<double>> times(subjects());
  for (int r = 0; r < rounds; ++r)
    for (std::size_t s = 0; s < subjects(); ++s) times[s].push_back(call(s, next_copy()));
  return times;
}

double CpuTimer::call(std::size_t subject, std::size_t copy) {
  SteadyClock clock;
  const double start = clock.now();
  run(subject, copy, nullptr);
  return clock.now() - start;
}

Stream::Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate"); }
Stream::~Stream() { cudaStreamDestroy(stream_); }

GpuTimer::GpuTimer(const Problem& problem, const Ring& ring, std::vector<const Subject*> subjects, bool cold,
                   const Stream& stream, const Nvml* nvml)
    : CallTimer(problem, ring, std::move(subjects), cold), stream_(stream), nvml_(nvml) {}

GpuTimer::~GpuTimer() {
  for (const Pair& p : events_) {
    cudaEventDestroy(p.start);
    cudaEventDestroy(p.stop);
  }
}

GpuTimer::Pair& GpuTimer::events(std::size_t i) {
  while (events_.size() <= i) {
    Pair& p = events_.emplace_back();
    check(cudaEventCreate(&p.start), "cudaEventCreate");
    check(cudaEventCreate(&p.stop), "cudaEventCreate");
  }
  return events_[i];
}

void GpuTimer::enqueue(std::size_t subject, std::size_t copy, const Pair& pair) const {
  check(cudaEventRecord(pair.start, stream_), "cudaEventRecord");
  run(subject, copy, stream_);
  check(cudaEventRecord(pair.stop, stream_), "cudaEventRecord");
}

std::vector<std::vector<double>> GpuTimer::sample(int rounds) {
  constexpr double kLong = 5e-3;
  // The first round meets an idle stream and a cold instruction cache: microseconds.
  const std::size_t dropped = last_round_s_ < kLong ? subjects() : 0;
  const std::size_t calls = static_cast<std::size_t>(rounds) * subjects() + dropped;
  events(calls - 1);  // none is created while the GPU waits
  reset_persisting_l2();
  // Enqueueing a call and its two events takes the host some microseconds, a library's call more.
  hold(stream_, std::min(20e-6 * static_cast<double>(calls), 1e-3));
  for (std::size_t i = 0; i < calls; ++i) enqueue(i % subjects(), next_copy(), events_[i]);
  check(cudaGetLastError(), "launch");
  check(cudaEventSynchronize(events_[calls - 1].stop), "kernel");
  std::vector<std::vector<double>> times(subjects());
  last_round_s_ = 0;
  for (std::size_t i = dropped; i < calls; ++i) {
    float ms = 0;
    check(cudaEventElapsedTime(&ms, events_[i].start, events_[i].stop), "cudaEventElapsedTime");
    times[i % subjects()].push_back(1e-3 * ms);
    last_round_s_ += 1e-3 * ms / rounds;
  }
  return times;
}

double GpuTimer::call(std::size_t subject, std::size_t copy) {
  const Pair& pair = events(0);
  hold(stream_, 20e-6);
  enqueue(subject, copy, pair);
  check(cudaGetLastError(), "launch");
  check(cudaEventSynchronize(pair.stop), "kernel");
  float ms = 0;
  check(cudaEventElapsedTime(&ms, pair.start, pair.stop), "cudaEventElapsedTime");
  return 1e-3 * ms;
}

double GpuTimer::trailing_work(std::size_t subject, int calls) {
  const Pair& pair = events(0);
  for (int i = 0; i < calls; ++i) enqueue(subject, next_copy(), pair);
  check(cudaGetLastError(), "launch");
  check(cudaEventSynchronize(pair.stop), "kernel");
  SteadyClock clock;
  const double start = clock.now();
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  return clock.now() - start;
}

double GpuTimer::clock_mhz() {
  constexpr double kStale = 0.02;  // a query may take a millisecond
  const double now = SteadyClock().now();
  if (nvml_ != nullptr && now - clock_read_at_ > kStale) {
    clock_mhz_ = nvml_->sm_clock_mhz().value_or(std::numeric_limits<double>::quiet_NaN());
    throttle_reasons_ = nvml_->throttle_reasons().value_or(std::vector<std::string>());
    std::erase(throttle_reasons_, "gpu_idle");  // between bursts it may be
    clock_read_at_ = now;
  }
  return clock_mhz_;
}

double GpuTimer::default_clock_mhz() { return default_sm_clock_mhz(); }

}  // namespace bench
