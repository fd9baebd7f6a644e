// A model in training, or one that predicts: its arrays on the device, its engine, a stream of its own.
#pragma once

#include <span>

#include "train/device/array.hpp"
#include "train/device/engine.hpp"

namespace train {

class Run {
 public:
  // `set` outlives the run; null: it only predicts. `memory` holds the weights, then the optimiser's state,
  // as after `step` steps; the state may be left out: it is zero then. Throws BadInput where they do not fit
  // together.
  Run(const Spec& spec, const Set* set, std::span<const float> memory, int step);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Queues `steps` <= kLosses of them and returns at once; they stop by themselves where one is not sound.
  void queue(int steps);
  // Waits for what is queued; how far it came.
  Progress wait();
  // The losses of steps from … to - 1, of the last kLosses.
  std::vector<float> losses(int from, int to) const;
  // Weights and state, as the constructor takes them. Waits.
  std::vector<float> memory();
  // rows x k, row-major, for x on the device (rows x d, row-major): see Engine::predict. Waits.
  std::vector<float> predict(const float* x, int rows);

  const Spec& spec() const { return t_.spec; }

 private:
  Training t_;
  Array<float> w_, state_, gradient_, sample_losses_, losses_;
  Array<double> norms_;
  Array<Progress> progress_;
  std::unique_ptr<Engine> engine_;
  cudaStream_t stream_ = nullptr;
  cudaGraphExec_t graph_ = nullptr;  // kGraphSteps steps
};

}  // namespace train
