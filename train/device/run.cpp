#include "train/device/run.hpp"

#include <algorithm>

namespace train {

// Enough that the host's one call is small beside them: a node costs about 1.3 us, a launch 2.5 us.
constexpr int kGraphSteps = 16;

static std::unique_ptr<Engine> make_engine(const Training& t) {
  if (t.spec.kind == Kind::kmeans) return make_kmeans(t);
  if (t.spec.way == Way::narrow && !is_narrow(t.spec))
    throw BadInput("this network is too wide for shared memory: leave the engine to 'auto'");
  return t.spec.way == Way::narrow || (t.spec.way == Way::automatic && is_narrow(t.spec)) ? make_narrow(t)
                                                                                          : make_wide(t);
}

Run::Run(const Spec& spec, const Set* set, std::span<const float> memory, int step) {
  const std::int64_t weights = spec.weights(), states = spec.states();
  const auto given = static_cast<std::int64_t>(memory.size());
  if (given != weights && given != weights + states)
    throw BadInput("the model has " + std::to_string(weights + states) + " numbers, and " +
                   std::to_string(given) + " were given");
  if (set && (set->d != spec.model.d || (spec.kind == Kind::network && set->k != spec.model.k)))
    throw BadInput("the model's inputs and outputs are not those of the data");
  if (set && (spec.samples() < 1 || spec.samples() > set->filled))
    throw BadInput("a step of " + std::to_string(spec.samples()) + " samples needs as many: there are " +
                   std::to_string(set->filled));
  const auto count = static_cast<std::size_t>(weights);
  w_ = Array<float>(memory.first(count));
  state_ = Array<float>(memory.size() > count ? std::vector<float>(memory.begin() + weights, memory.end())
                                              : std::vector<float>(static_cast<std::size_t>(states)));
  progress_ = Array<Progress>(std::vector<Progress>{{.step = step}});
  t_ = {.spec = spec, .w = w_.data(), .state = state_.data(), .progress = progress_.data()};
  if (set) {
    gradient_ = Array<float>(weights);
    norms_ = Array<double>(kNormBlocks);
    sample_losses_ = Array<float>(spec.samples());
    losses_ = Array<float>(kLosses);
    t_.n = set->filled;
    t_.x = set->x.data();
    t_.y = set->y.data();
    t_.gradient = gradient_.data();
    t_.norms = norms_.data();
    t_.sample_losses = sample_losses_.data();
    t_.losses = losses_.data();
  }
  engine_ = make_engine(t_);
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
}

Run::~Run() {
  if (graph_) cudaGraphExecDestroy(graph_);
  if (stream_) cudaStreamDestroy(stream_);
}

void Run::queue(int steps) {
  if (!graph_ && steps >= kGraphSteps) {
    cudaGraph_t recorded = nullptr;
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    for (int s = 0; s < kGraphSteps; ++s) engine_->step(stream_);
    check(cudaStreamEndCapture(stream_, &recorded), "cudaStreamEndCapture");
    check(cudaGraphInstantiate(&graph_, recorded, 0), "cudaGraphInstantiate");
    cudaGraphDestroy(recorded);
  }
  for (; steps >= kGraphSteps; steps -= kGraphSteps)
    check(cudaGraphLaunch(graph_, stream_), "cudaGraphLaunch");
  for (; steps > 0; --steps) engine_->step(stream_);
  check(cudaGetLastError(), "a launch");
}

Progress Run::wait() {
  check(cudaStreamSynchronize(stream_), "training");
  return progress_.read().front();
}

std::vector<float> Run::losses(int from, int to) const {
  const std::vector<float> ring = losses_.read();
  std::vector<float> values;
  for (int t = from; t < to; ++t) values.push_back(ring[static_cast<std::size_t>(t % kLosses)]);
  return values;
}

std::vector<float> Run::memory() {
  wait();
  std::vector<float> all = w_.read();
  const std::vector<float> state = state_.read();
  all.insert(all.end(), state.begin(), state.end());
  return all;
}

std::vector<float> Run::predict(const float* x, int rows) {
  const int d = t_.spec.model.d, k = t_.spec.model.k;
  Array<float> out(std::int64_t(std::min(rows, kPredictedRows)) * k);
  std::vector<float> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(k));
  for (int at = 0; at < rows; at += kPredictedRows) {
    const int some = std::min(kPredictedRows, rows - at);
    engine_->predict(x + std::int64_t(at) * d, some, out.data(), stream_);
    check(cudaGetLastError(), "a launch");
    check(cudaStreamSynchronize(stream_), "predicting");
    out.read(std::span(values).subspan(static_cast<std::size_t>(at) * k, static_cast<std::size_t>(some) * k));
  }
  return values;
}

}  // namespace train
