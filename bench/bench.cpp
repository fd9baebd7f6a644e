#include "bench/bench.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <list>

#include "bench/device.hpp"
#include "bench/environment.hpp"
#include "bench/results.hpp"

namespace bench {
namespace {

// All that is timed at one shape of one problem: the baselines among themselves, then each rung beside the
// best of them.
struct Plan {
  std::vector<const Entry*> baselines, rungs;
  Shape shape;
};

bool wanted(const Entry& e, const std::string& where) {
  return where.empty() || (where == "cpu") == (e.where == Where::cpu);
}

std::vector<Plan> plans_for(const Selection& selection, const std::string& where) {
  std::vector<Plan> plans;
  std::vector<std::pair<std::string, Where>> seen;
  const auto chosen = select(selection);
  for (const Entry* first : chosen) {
    const std::pair key(first->problem, first->where);
    if (!wanted(*first, where) || std::ranges::find(seen, key) != seen.end()) continue;
    seen.push_back(key);
    Plan plan;
    const auto same = [&](const Entry& e) { return e.problem == first->problem && e.where == first->where; };
    for (const Entry* e : chosen)
      if (same(*e) && !e->baseline()) plan.rungs.push_back(e);
    for (const Entry& e : Registry::instance().entries())
      if (same(e) && e.baseline()) plan.baselines.push_back(&e);
    for (const Shape& shape : shapes_for(*first, selection)) {
      plan.shape = shape;
      plans.push_back(plan);
    }
  }
  return plans;
}

class Run {
 public:
  Run(const Selection& selection, const BenchRequest& request, std::ostream& out)
      : request_(request), out_(out), plans_(plans_for(selection, request.where)) {
    if (plans_.empty()) throw BadInput("no rung of this selection runs on the " + request.where);
    const bool gpu = std::ranges::any_of(plans_, [](const Plan& p) {
      return (p.rungs.empty() ? p.baselines : p.rungs)[0]->where == Where::gpu;
    });
    if (gpu && device_kind() == "simt")
      throw BadInput("simt executes GPU rungs on the CPU, and never times them: use count, or --where cpu");
    if (gpu) require_device();  // before its memory is asked for
    // Of a list of shapes, those that do not fit get a row that says so; the one that was asked for is an
    // error.
    if (selection.shape)
      for (const Plan& p : plans_) {
        const Entry& e = *(p.rungs.empty() ? p.baselines : p.rungs)[0];
        require_memory(*e.make(p.shape), e.where);
      }
    options_.sampler = request.sampler;
    options_.hot = request.hot;
    options_.seed = selection.seed;
    if (gpu) use_gpu();
    name_ = gpu ? device_name() : cpu_name();
    environment_ = environment(request.argv, selection.seed, nvml_.get());
    file_ = std::make_unique<ResultFile>(request.out, head());
  }

  int all();

 private:
  struct Case {
    std::size_t plan, session, entry;
  };

  void use_gpu() {
    nvml_ = std::make_unique<Nvml>(pci_bus_id());
    stream_ = std::make_unique<Stream>();
    options_.nvml = nvml_.get();
    options_.stream = stream_.get();
    options_.datasheet = datasheet_peaks(device_name());
    options_.max_clock_mhz = nvml_->max_sm_clock_mhz().value_or(default_sm_clock_mhz());
    const std::string own = "bench/results/" + slug(device_name()) + "/peaks.json";
    options_.measured = measured_peaks(request_.peaks.empty() ? own : request_.peaks, device_name());
    if (!request_.peaks.empty() && !options_.measured)
      throw BadInput("there is no file " + request_.peaks + ": measure it with ./ladder peaks");
  }

  Json head() const { return result_head("bench", nvml_ ? "gpu" : "cpu", name_, environment_); }
  void emit(const Json& line) const { out_ << line.dump() << std::endl; }
  void open(std::size_t plan);
  std::optional<double> repetition(const Case& c, int which);
  void add(const Session& session);
  void run_benchmarks(const std::vector<Case>& cases);

  BenchRequest request_;
  std::ostream& out_;
  std::vector<Plan> plans_;
  BenchOptions options_;
  std::unique_ptr<Nvml> nvml_;
  std::unique_ptr<Stream> stream_;
  std::string name_;
  Json environment_;
  std::unique_ptr<ResultFile> file_;
  std::map<std::string, int> statuses_;
  std::size_t open_plan_ = SIZE_MAX;
  std::unique_ptr<Stage> stage_;
  std::list<Session> sessions_;
  std::exception_ptr broken_;
};

void Run::open(std::size_t index) {
  if (open_plan_ == index) return;
  open_plan_ = index;
  const Plan& plan = plans_[index];
  sessions_.clear();
  stage_.reset();  // its memory goes before the next stage's comes
  stage_ =
      std::make_unique<Stage>(*(plan.rungs.empty() ? plan.baselines : plan.rungs)[0], plan.shape, options_);
  if (!plan.baselines.empty()) sessions_.emplace_back(*stage_, plan.baselines, true);
  for (const Entry* rung : plan.rungs) sessions_.emplace_back(*stage_, std::vector{rung}, false);
}

std::optional<double> Run::repetition(const Case& c, int which) {
  if (broken_) return std::nullopt;
  open(c.plan);
  Session& session = *std::next(sessions_.begin(), static_cast<std::ptrdiff_t>(c.session));
  const bool before = session.finished();
  std::optional<double> seconds;
  try {
    seconds = session.repetition(c.entry, which);
  } catch (...) {
    broken_ = std::current_exception();  // Google Benchmark must not see it
  }
  if (seconds)
    emit({{"event", "repetition"},
          {"id", session.entries()[c.entry]->id()},
          {"shape", to_json(stage_->shape())},
          {"repetition", which + 1},
          {"of", options_.sampler.repetitions},
          {"median_s", *seconds}});
  if (session.finished() && !before) add(session);
  return seconds;
}

void Run::add(const Session& session) {
  for (const Json& row : session.rows()) {
    file_->add(row);
    ++statuses_[row.at("status")];
    Json line = {{"event", "case"}};
    line.update(row);
    if (line.contains("time")) line["time"].erase("samples_s");
    emit(line);
  }
}

// Each repetition is one iteration, timed by us.
void Run::run_benchmarks(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const Plan& plan = plans_[c.plan];
    const bool rivals = c.session == 0 && !plan.baselines.empty();
    const Entry& entry = rivals ? *plan.baselines[c.entry] : *plan.rungs[c.session - !plan.baselines.empty()];
    benchmark::RegisterBenchmark((entry.id() + "/" + plan.shape.text()).c_str(),
                                 [this, c, which = std::make_shared<int>(0)](benchmark::State& state) {
                                   for ([[maybe_unused]] auto _ : state) {
                                     const auto seconds = repetition(c, (*which)++);
                                     if (!seconds) {
                                       state.SkipWithError("has no time: see its row");
                                       break;
                                     }
                                     state.SetIterationTime(*seconds);
                                   }
                                 })
        ->UseManualTime()
        ->Iterations(1)
        ->Repetitions(options_.sampler.repetitions)
        ->Unit(benchmark::kMicrosecond);
  }
  // People read our events; this reporter is only asked because the library asks one.
  struct Silent : benchmark::BenchmarkReporter {
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<benchmark::BenchmarkReporter::Run>&) override {}
  } silent;
  for (const auto& [key, value] : environment_.items()) benchmark::AddCustomContext(key, value.dump());
  std::vector<std::string> flags = {"warpladder"};
  if (!request_.google_benchmark.empty()) {
    write_atomically(request_.google_benchmark, "");  // the library only knows how to exit
    flags.push_back("--benchmark_out=" + request_.google_benchmark);
    flags.push_back("--benchmark_out_format=json");
  }
  std::vector<char*> argv;
  for (std::string& flag : flags) argv.push_back(flag.data());
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());
  benchmark::RunSpecifiedBenchmarks(&silent);
  benchmark::Shutdown();
}

int Run::all() {
  std::vector<Case> cases;
  for (std::size_t p = 0; p < plans_.size(); ++p) {
    const std::size_t rivals = plans_[p].baselines.empty() ? 0 : 1;
    for (std::size_t b = 0; b < plans_[p].baselines.size(); ++b) cases.push_back({p, 0, b});
    for (std::size_t r = 0; r < plans_[p].rungs.size(); ++r) cases.push_back({p, rivals + r, 0});
  }
  emit({{"event", "plan"},
        {"cases", cases.size()},
        {"repetitions", options_.sampler.repetitions},
        {"device", nvml_ ? "gpu" : "cpu"},
        {"name", name_},
        {"budget_s", options_.sampler.budget_s}});
  run_benchmarks(cases);
  if (broken_) std::rethrow_exception(broken_);
  if (nvml_) environment_["gpu"]["after"] = gpu_state(*nvml_);
  file_->finish(head());
  emit({{"event", "end"},
        {"ok", statuses_["ok"]},
        {"failed", statuses_["failed"]},
        {"refused", statuses_["refused"]},
        {"skipped", statuses_["skipped"]},
        {"out", request_.out}});
  if (statuses_["ok"] == 0) std::cerr << "warpladder: no case was timed: the rows say why\n";
  return statuses_["ok"] == 0 || statuses_["failed"] > 0 ? 1 : 0;
}

}  // namespace

int bench_all(const Selection& selection, const BenchRequest& request, std::ostream& out) {
  return Run(selection, request, out).all();
}

}  // namespace bench
