#include "bench/peaks.hpp"

#include <algorithm>
#include <functional>
#include <ostream>

#include "bench/call_timer.hpp"
#include "bench/device.hpp"
#include "bench/environment.hpp"
#include "bench/results.hpp"

#ifdef WARPLADDER_CUBLAS
#include "bench/tensor_rate.hpp"
#endif

namespace bench {

#ifdef WARPLADDER_SIMT
int peaks_all(const std::string&, const std::vector<std::string>&, std::ostream&) {
  throw BadInput("peaks are a GPU's: use the program of the gpu preset");
}
#else
namespace {

using Enqueue = std::function<void(cudaStream_t)>;

// Times whatever is enqueued between two events.
class EventTimer : public Timer {
 public:
  EventTimer(const Stream& stream, Enqueue enqueue) : stream_(stream), enqueue_(std::move(enqueue)) {
    check(cudaEventCreate(&start_), "cudaEventCreate");
    check(cudaEventCreate(&stop_), "cudaEventCreate");
  }
  ~EventTimer() override {
    cudaEventDestroy(start_);
    cudaEventDestroy(stop_);
  }
  std::size_t subjects() const override { return 1; }
  std::vector<std::vector<double> > sample(int rounds) override {
    std::vector<std::vector<double> > times(1);
    for (int r = 0; r < rounds; ++r) {
      hold(stream_, 20e-6);
      check(cudaEventRecord(start_, stream_), "cudaEventRecord");
      enqueue_(stream_);
      check(cudaEventRecord(stop_, stream_), "cudaEventRecord");
      check(cudaGetLastError(), "launch");
      check(cudaEventSynchronize(stop_), "kernel");
      float ms = 0;
      check(cudaEventElapsedTime(&ms, start_, stop_), "cudaEventElapsedTime");
      times[0].push_back(1e-3 * ms);
    }
    return times;
  }

 private:
  const Stream& stream_;
  Enqueue enqueue_;
  cudaEvent_t start_ = nullptr, stop_ = nullptr;
};

struct DeviceMemory {
  explicit DeviceMemory(std::size_t bytes) { check(cudaMalloc(&p, bytes), "cudaMalloc"); }
  ~DeviceMemory() { cudaFree(p); }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  void* p = nullptr;
};

class Measurements {
 public:
  Measurements(ResultFile& file, const Stream& stream, std::ostream& out)
      : file_(file), stream_(stream), out_(out) {}

  std::vector<double> sample(const Enqueue& enqueue) const {
    EventTimer timer(stream_, enqueue);
    SteadyClock clock;
    Sampler sampler(timer, clock, {.budget_s = 2});
    sampler.warm_up();
    for (int r = 0; r < SamplerOptions().repetitions; ++r) sampler.repetition();
    return sampler.series().samples[0];
  }
  // `work` a sample: FLOPs or bytes, of which the rate is the value; or for the unit "s", how many of them
  // there were.
  void add(const std::string& id, const std::string& title, const std::string& unit, double work,
           const std::vector<double>& seconds, const std::string& detail) const {
    const auto value = [&](double s) { return unit == "s" ? s / work : work / s; };
    const Interval ci = median_interval(seconds);
    const double a = value(ci.lo), b = value(ci.hi);
    Json row = {{"id", id},
                {"title", title},
                {"value", value(median(seconds))},
                {"unit", unit},
                {"ci95", {std::min(a, b), std::max(a, b)}},
                {"work", work},
                {"samples_s", seconds},
                {"detail", detail}};
    file_.add(row);
    row.erase("samples_s");
    Json line = {{"event", "case"}};
    line.update(row);
    out_ << line.dump() << std::endl;
  }
  const Stream& stream() const { return stream_; }

 private:
  ResultFile& file_;
  const Stream& stream_;
  std::ostream& out_;
};

void bandwidth(const Measurements& m) {
  // Far more than the L2 holds, and within what is free.
  const std::size_t bytes =
      std::min<std::size_t>(std::size_t(2) << 30,
                            static_cast<std::size_t>(available_memory(Where::gpu) / 4)) /
      4096 * 4096;
  const DeviceMemory from(bytes), to(bytes);
  probe::fill_random(m.stream(), from.p, bytes / 4, CUDA_R_32F);
  const auto ours = m.sample([&](cudaStream_t s) { probe::copy(s, to.p, from.p, bytes); });
  const auto cudas = m.sample([&](cudaStream_t s) {
    check(cudaMemcpyAsync(to.p, from.p, bytes, cudaMemcpyDeviceToDevice, s), "cudaMemcpyAsync");
  });
  const bool kernel = median(ours) < median(cudas);
  m.add("bandwidth", "Copy within the GPU's memory", "B/s", 2.0 * static_cast<double>(bytes),
        kernel ? ours : cudas,
        std::string(kernel ? "a 16-byte copy kernel" : "cudaMemcpyAsync") + ", " +
            std::to_string(bytes >> 20) + " MiB, bytes read and bytes written");
}

void arithmetic(const Measurements& m) {
  const DeviceMemory sink(8);
  double flops = 0;
  auto s = m.sample([&](cudaStream_t st) { flops = probe::fma32(st, static_cast<float*>(sink.p)); });
  m.add("fp32", "FP32 fused multiply-add", "FLOP/s", flops, s, "register-only chains on every lane");
#ifdef WARPLADDER_CUBLAS
  for (const TensorType& type : tensor_types()) {
    const int side = type.id == "fp64" ? 4096 : 8192;
    const TensorProduct product(type, side, m.stream());
    std::vector<double> best;
    std::size_t which = 0;
    for (std::size_t a = 0; a < product.algorithms(); ++a) {
      const auto seconds = m.sample([&](cudaStream_t) { product.enqueue(a); });
      if (best.empty() || median(seconds) < median(best)) best = seconds, which = a;
    }
    if (best.empty()) continue;  // this GPU does not have the type
    m.add(type.id, type.title + " matrix product", "FLOP/s", product.flops(), best,
          "cuBLASLt, " + std::to_string(side) + " cubed, A transposed, random data, the heuristic's choice " +
              std::to_string(which + 1) + " of " + std::to_string(product.algorithms()));
  }
#endif
}

void latencies(const Measurements& m) {
  constexpr int kTimes = 200;
  m.add("launch", "Kernel after kernel", "s", kTimes, m.sample([](cudaStream_t s) {
    for (int i = 0; i < kTimes; ++i) probe::empty(s);
  }),
        "empty kernels launched one after another");
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  check(cudaStreamBeginCapture(m.stream(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  for (int i = 0; i < kTimes; ++i) probe::empty(m.stream());
  check(cudaStreamEndCapture(m.stream(), &graph), "cudaStreamEndCapture");
  check(cudaGraphInstantiate(&executable, graph, 0), "cudaGraphInstantiate");
  const auto nodes =
      m.sample([&](cudaStream_t s) { check(cudaGraphLaunch(executable, s), "cudaGraphLaunch"); });
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  m.add("graph_node", "Node after node of a graph", "s", kTimes, nodes,
        "empty kernels in one captured graph");
  m.add("grid_sync", "Meeting of a whole grid", "s", kTimes,
        m.sample([](cudaStream_t s) { probe::grid_sync(s, kTimes); }),
        "cooperative groups' grid.sync(), one block of 256 threads an SM");
}

void transfers(const Measurements& m) {
  constexpr std::size_t kBytes = 256 << 20;
  const DeviceMemory device(kBytes);
  std::vector<std::byte> pageable(kBytes, std::byte{1});
  void* pinned = nullptr;
  check(cudaMallocHost(&pinned, kBytes), "cudaMallocHost");
  const auto transfer = [&](const char* id, const char* title, void* to, const void* from,
                            cudaMemcpyKind kind) {
    m.add(id, title, "B/s", kBytes, m.sample([&](cudaStream_t s) {
      check(cudaMemcpyAsync(to, from, kBytes, kind, s), "cudaMemcpyAsync");
    }),
          "256 MiB by cudaMemcpyAsync");
  };
  transfer("h2d_pageable", "Host to device, pageable", device.p, pageable.data(), cudaMemcpyHostToDevice);
  transfer("d2h_pageable", "Device to host, pageable", pageable.data(), device.p, cudaMemcpyDeviceToHost);
  transfer("h2d_pinned", "Host to device, pinned", device.p, pinned, cudaMemcpyHostToDevice);
  transfer("d2h_pinned", "Device to host, pinned", pinned, device.p, cudaMemcpyDeviceToHost);
  cudaFreeHost(pinned);
}

}  // namespace

int peaks_all(const std::string& out_path, const std::vector<std::string>& argv, std::ostream& out) {
  require_device();
  const Nvml nvml(pci_bus_id());
  const Stream stream;
  Json environment_ = environment(argv, 0, &nvml);
  const auto head = [&] { return result_head("peaks", "gpu", device_name(), environment_); };
  ResultFile file(out_path, head());
  out << Json{{"event", "plan"}, {"cases", 4}, {"device", "gpu"}, {"name", device_name()}}.dump()
      << std::endl;
  const Measurements m(file, stream, out);
  for (const auto measure : {bandwidth, arithmetic, latencies, transfers}) measure(m);
  environment_["gpu"]["after"] = gpu_state(nvml);
  file.finish(head());
  out << Json{{"event", "end"}, {"ok", file.rows()}, {"out", out_path}}.dump() << std::endl;
  return 0;
}
#endif

}  // namespace bench
