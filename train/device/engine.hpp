// What does one training step, and what predicts: an engine for narrow networks, one for wide ones, k-means.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/sgd/mlp.cuh"
#include "kernels/sgd/optimizer.cuh"
#include "kernels/sgd/permutation.cuh"

namespace train {

enum class Kind { network, kmeans };
enum class Way { automatic, narrow, wide };  // how a network is trained

struct Spec {
  Kind kind = Kind::network;
  // For k-means d inputs, and k centres. Layers, activation and loss are a network's.
  sgd::Mlp model = {};
  Way way = Way::automatic;
  sgd::Optimizer optimizer = {};
  sgd::Schedule schedule = {};
  double clip = 0;         // the longest gradient, in the Euclidean norm; 0: any
  int batch = 0;           // samples whose gradient is taken at once
  int accumulate = 1;      // batches of a step
  std::uint32_t seed = 1;  // of the order of the samples

  __host__ __device__ int samples() const { return batch * accumulate; }  // of a step
  // A network's weights lie as sgd::Mlp has them. K-means: k x (d + 1), row-major, each centre followed by
  // the number of samples that it has drawn.
  __host__ __device__ std::int64_t weights() const { return model.weights(); }
  std::int64_t states() const {
    return kind == Kind::kmeans ? 0 : weights() * sgd::state_size(optimizer.rule);
  }
};

// How far a run has come. Lives on the device, so that steps can be queued without asking.
struct Progress {
  int step;       // finished
  int stopped;    // 1: the next step has no finite loss or gradient; nothing has been changed since
  float rate;     // the learning rate of the last step
  float shorten;  // what its gradient was multiplied by, not to be longer than `clip`
  float loss;     // of the last step, or of the one that stopped the run
  double norm;    // of its gradient
};

constexpr int kLosses = 1 << 14;  // the losses of so many steps are kept
constexpr int kNormBlocks = 64;   // at most

// What an engine works on: settings, and arrays on the device.
struct Training {
  Spec spec;
  int n = 0;                       // samples; 0: this run only predicts
  const float* x = nullptr;        // n x d, row-major
  const float* y = nullptr;        // n x k, row-major
  float* w = nullptr;              // spec.weights()
  float* state = nullptr;          // spec.states()
  float* gradient = nullptr;       // spec.weights(): the mean over the step's samples
  double* norms = nullptr;         // kNormBlocks: sums of squares
  float* sample_losses = nullptr;  // spec.samples()
  float* losses = nullptr;         // kLosses: step t's mean loss, before its update, at t % kLosses
  Progress* progress = nullptr;

  __host__ __device__ sgd::Order order() const { return {n, spec.samples(), spec.seed}; }
};

class Engine {
 public:
  virtual ~Engine() = default;
  // Queues one step. Nothing in it depends on the host, so a queue of steps can be recorded as a graph.
  virtual void step(cudaStream_t stream) = 0;
  // out = what the network predicts for x (numbers or probabilities), or the squared distances to the
  // centres: rows x k, row-major; x: rows x d, row-major; rows <= kPredictedRows. Queued.
  virtual void predict(const float* x, int rows, float* out, cudaStream_t stream) = 0;
};
constexpr int kPredictedRows = 8192;  // at once

// Whether a block can hold the network and its 8 samples in shared memory.
bool is_narrow(const Spec& spec);
std::unique_ptr<Engine> make_narrow(const Training& t);
std::unique_ptr<Engine> make_wide(const Training& t);
std::unique_ptr<Engine> make_kmeans(const Training& t);

// From t.gradient and t.sample_losses to new weights and the next step: norm, judge, update. Queued.
void finish_step(const Training& t, cudaStream_t stream);
// Only judges: sums up t.sample_losses and `norms` of t.norms, and moves t.progress on or stops it.
void judge_step(const Training& t, int norms, cudaStream_t stream);

}  // namespace train
