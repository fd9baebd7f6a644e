#include "bench/crossover.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <ostream>

#include "bench/device.hpp"
#include "bench/environment.hpp"
#include "bench/results.hpp"
#include "bench/sampler.hpp"
#include "bench/verify.hpp"

namespace bench {
namespace {

constexpr int kStreams = 4;
constexpr std::int64_t kChunk = 1 << 20;  // elements: 4 MiB an array, large enough for a copy at full rate

// Arrays x and y of n floats. `pinned`: page-locked, which the GPU's copy engines read by themselves; other
// host memory goes through a pinned buffer of the driver's, in pieces.
struct Arrays {
  enum class Kind { pageable, pinned, device };
  Arrays(Kind kind, std::int64_t n) : kind(kind) {
    const std::size_t bytes = static_cast<std::size_t>(n) * sizeof(float);
    for (float** p : {&x, &y}) {
      if (kind == Kind::pageable)
        *p = new float[static_cast<std::size_t>(n)];  // untouched: the threads that use a page place it
      else if (kind == Kind::pinned)
        check(cudaMallocHost(p, bytes), "cudaMallocHost");
      else
        check(cudaMalloc(p, bytes), "cudaMalloc");
    }
  }
  ~Arrays() {
    for (float* p : {x, y})
      if (kind == Kind::pageable)
        delete[] p;
      else if (kind == Kind::pinned)
        cudaFreeHost(p);
      else
        cudaFree(p);
  }
  Arrays(const Arrays&) = delete;
  std::vector<void*> pointers(std::int64_t offset = 0) const { return {x + offset, y + offset}; }

  Kind kind;
  float *x = nullptr, *y = nullptr;
};

struct Streams {
  Streams() {
    for (auto& s : all) check(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking), "cudaStreamCreate");
  }
  ~Streams() {
    for (auto& s : all) cudaStreamDestroy(s);
  }
  Streams(const Streams&) = delete;
  void wait() const {
    for (auto& s : all) check(cudaStreamSynchronize(s), "cudaStreamSynchronize");
  }
  cudaStream_t all[kStreams] = {};
};

void copy(float* to, const float* from, std::int64_t n, cudaStream_t stream) {
  check(cudaMemcpyAsync(to, from, static_cast<std::size_t>(n) * sizeof(float), cudaMemcpyDefault, stream),
        "cudaMemcpyAsync");
}

// One thing that is timed, from before its first call until its result is there for the host.
struct Way {
  std::string name;
  const Entry* entry = nullptr;  // null: only copies
  double bus_bytes = 0;          // moved between host and GPU
  const float* result = nullptr;
  std::function<void()> run;
};

// All ways at one size, on arrays of their own.
class Ways : public Timer {
 public:
  Ways(const std::vector<const Entry*>& cpu, const Entry& gpu, std::int64_t n, std::uint64_t seed)
      : n_(n), gpu_(gpu), reference_(gpu, {{"n", static_cast<double>(n)}}, {.seed = seed}) {
    for (std::int64_t first = 0; first < n; first += kChunk)
      chunks_.push_back(gpu.make({{"n", static_cast<double>(std::min(kChunk, n - first))}}));

    const double array = 4.0 * static_cast<double>(n);
    for (const Entry* entry : cpu)
      ways_.push_back({entry->name, entry, 0, pageable_.y,
                       [this, entry] { entry->run(reference_.problem(), pageable_.pointers(), {}); }});
    ways_.push_back({"resident", &gpu, 0, device_.y, [this] {
                       launch(reference_.problem(), 0, streams_.all[0]);
                       streams_.wait();
                     }});
    ways_.push_back({"pageable", &gpu, 3 * array, pageable_.y, [this] { there_and_back(pageable_); }});
    ways_.push_back({"pinned", &gpu, 3 * array, pinned_.y, [this] { there_and_back(pinned_); }});
    ways_.push_back({"overlapped", &gpu, 3 * array, pinned_.y, [this] { overlapped(); }});
    ways_.push_back({"copy pageable", nullptr, array, nullptr, [this] {
                       copy(device_.x, pageable_.x, n_, streams_.all[0]);
                       streams_.wait();
                     }});
    ways_.push_back({"copy pinned", nullptr, array, nullptr, [this] {
                       copy(device_.x, pinned_.x, n_, streams_.all[0]);
                       streams_.wait();
                     }});
    ways_.push_back({"copy both ways at once", nullptr, 2 * array, nullptr, [this] {
                       copy(device_.x, pinned_.x, n_, streams_.all[0]);
                       copy(pinned_.y, device_.y, n_, streams_.all[1]);
                       streams_.wait();
                     }});
  }

  const std::vector<Way>& all() const { return ways_; }
  std::size_t subjects() const override { return ways_.size(); }
  std::vector<std::vector<double>> sample(int rounds) override {
    std::vector<std::vector<double>> seconds(ways_.size());
    for (int r = 0; r < rounds; ++r)
      for (std::size_t w = 0; w < ways_.size(); ++w) {
        const auto start = std::chrono::steady_clock::now();
        ways_[w].run();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        seconds[w].push_back(took.count());
      }
    return seconds;
  }

  // Runs each way once on fresh inputs and compares its result with the oracle. Empty, or what is wrong.
  std::string verify() {
    for (const Way& way : ways_) {
      if (!way.entry) continue;
      const auto* x = reinterpret_cast<const float*>(reference_.inputs()[0].data());
      const auto* y = reinterpret_cast<const float*>(reference_.inputs()[1].data());
#pragma omp parallel for schedule(static)
      for (std::int64_t i = 0; i < n_; ++i) pageable_.x[i] = x[i], pageable_.y[i] = y[i];
      for (const Arrays* arrays : {&pinned_, &device_}) {
        copy(arrays->x, x, n_, streams_.all[0]);
        copy(arrays->y, y, n_, streams_.all[0]);
      }
      streams_.wait();
      way.run();
      HostData got = reference_.inputs();
      copy(reinterpret_cast<float*>(got[1].data()), way.result, n_, streams_.all[0]);
      streams_.wait();
      const Verdict verdict = compare(*way.entry, reference_, got);
      if (verdict.status != Status::pass) return way.name + ": " + verdict.message;
    }
    return "";
  }

 private:
  void launch(const Problem& part, std::int64_t first, cudaStream_t stream) {
    gpu_.run(part, device_.pointers(first), {stream, nullptr});
    check(cudaGetLastError(), "launch");
  }

  void there_and_back(const Arrays& host) {
    const cudaStream_t stream = streams_.all[0];
    copy(device_.x, host.x, n_, stream);
    copy(device_.y, host.y, n_, stream);
    launch(reference_.problem(), 0, stream);
    copy(host.y, device_.y, n_, stream);
    streams_.wait();
  }

  // Chunks in turn over the streams: while one is computed, the next is on its way there and the last on its
  // way back.
  void overlapped() {
    for (std::size_t c = 0; c < chunks_.size(); ++c) {
      const std::int64_t first = static_cast<std::int64_t>(c) * kChunk, n = std::min(kChunk, n_ - first);
      const cudaStream_t stream = streams_.all[c % kStreams];
      copy(device_.x + first, pinned_.x + first, n, stream);
      copy(device_.y + first, pinned_.y + first, n, stream);
      launch(*chunks_[c], first, stream);
      copy(pinned_.y + first, device_.y + first, n, stream);
    }
    streams_.wait();
  }

  std::int64_t n_;
  const Entry& gpu_;
  std::vector<std::unique_ptr<Problem>> chunks_;
  Reference reference_;
  Arrays pageable_{Arrays::Kind::pageable, n_}, pinned_{Arrays::Kind::pinned, n_},
      device_{Arrays::Kind::device, n_};
  Streams streams_;
  std::vector<Way> ways_;
};

void require_gpu() {
  int count = 0;
  if (device_kind() != "gpu" || cudaGetDeviceCount(&count) != cudaSuccess || count == 0)
    throw BadInput("crossover needs an NVIDIA GPU: what runs on the CPU is never timed as if it were one");
}

}  // namespace

std::optional<Crossing> crossing(std::span<const std::int64_t> sizes, std::span<const double> cpu,
                                 std::span<const double> gpu) {
  std::size_t first = sizes.size();  // of the sizes at the end at which the GPU wins
  while (first > 0 && gpu[first - 1] < cpu[first - 1]) --first;
  if (first == sizes.size()) return std::nullopt;
  if (first == 0) return Crossing{static_cast<double>(sizes[0]), 0, sizes[0]};
  const auto log_ratio = [&](std::size_t i) { return std::log(gpu[i] / cpu[i]); };
  const double below = log_ratio(first - 1), above = log_ratio(first);  // below >= 0 > above
  const double low = std::log(static_cast<double>(sizes[first - 1])),
               high = std::log(static_cast<double>(sizes[first]));
  return Crossing{std::exp(low + (high - low) * below / (below - above)), sizes[first - 1], sizes[first]};
}

int crossover(const CrossoverOptions& options, const std::vector<std::string>& argv, std::ostream& out) {
  require_gpu();
  std::vector<const Entry*> cpu;
  const Entry* gpu = nullptr;
  for (const Entry& e : Registry::instance().entries())
    if (e.problem == "saxpy" && e.where == Where::cpu)
      cpu.push_back(&e);
    else if (e.problem == "saxpy" && !e.baseline())
      gpu = &e;  // entries are in order: the last one stays
  if (cpu.empty() || !gpu) throw BadInput("this program was built without SAXPY's rungs");

  const Nvml nvml(pci_bus_id());
  Json head = result_head("crossover", device_kind(), device_name(), environment(argv, options.seed, &nvml));
  ResultFile file(options.out, head);
  std::vector<std::int64_t> sizes;
  for (int log2 = 10; log2 <= options.max_log2; log2 += 2) sizes.push_back(std::int64_t(1) << log2);
  out << Json{{"event", "plan"}, {"cases", sizes.size()}, {"device", device_kind()}, {"name", device_name()}}
             .dump()
      << std::endl;

  std::vector<double> best_cpu, resident;
  const std::vector<std::string> travelling = {"pageable", "pinned", "overlapped"};
  std::vector<std::vector<double>> travel(travelling.size());
  for (const std::int64_t n : sizes) {
    require_memory(*gpu->make({{"n", static_cast<double>(n)}}), Where::gpu, 3);
    Ways ways(cpu, *gpu, n, options.seed);
    SteadyClock clock;
    SamplerOptions sampling{.budget_s = options.budget_s};
    Sampler sampler(ways, clock, sampling);
    std::string wrong = ways.verify();
    if (wrong.empty()) {
      sampler.warm_up();
      for (int r = 0; r < sampling.repetitions; ++r) sampler.repetition();
      wrong = ways.verify();
    }
    out << Json{{"event", "case"}, {"n", n}, {"status", wrong.empty() ? "pass" : "fail"}, {"message", wrong}}
               .dump()
        << std::endl;
    if (!wrong.empty()) return 1;

    double fastest = INFINITY;
    for (std::size_t w = 0; w < ways.all().size(); ++w) {
      const Way& way = ways.all()[w];
      const auto& samples = sampler.series().samples[w];
      const double time = median(samples);
      const Interval ci = median_interval(samples);
      Json row = {{"n", n},
                  {"way", way.name},
                  {"id", way.entry ? Json(way.entry->id()) : Json()},
                  {"where", way.entry && way.entry->where == Where::cpu ? "cpu" : "gpu"},
                  {"bus_bytes", way.bus_bytes},
                  {"median_s", time},
                  {"ci95_s", {ci.lo, ci.hi}},
                  {"stopped_by", name_of(sampler.stopped_by())},
                  {"samples_s", samples}};
      file.add(row);
      row.erase("samples_s");
      row["event"] = "row";
      out << row.dump() << std::endl;
      if (way.entry && way.entry->where == Where::cpu) fastest = std::min(fastest, time);
      if (way.name == "resident") resident.push_back(time);
      const auto t = std::ranges::find(travelling, way.name);
      if (t != travelling.end()) travel[static_cast<std::size_t>(t - travelling.begin())].push_back(time);
    }
    best_cpu.push_back(fastest);
  }

  Json summary = Json::object();
  const auto add = [&](const std::string& name, const std::vector<double>& times) {
    const auto c = crossing(sizes, best_cpu, times);
    summary[name] = c ? Json{{"n", c->n}, {"loses_at", c->loses_at}, {"wins_at", c->wins_at}} : Json();
  };
  add("resident", resident);
  for (std::size_t t = 0; t < travelling.size(); ++t) add(travelling[t], travel[t]);
  head["environment"]["gpu"]["after"] = gpu_state(nvml);
  head["crossover"] = summary;
  file.finish(head);
  out << Json{{"event", "crossover"}, {"crossover", summary}}.dump() << std::endl;
  return 0;
}

}  // namespace bench
