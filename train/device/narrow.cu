// Narrow networks: chapter 06's fused perceptron (rung 12), with any widths and any optimiser. A block holds
// the network in shared memory and takes 8 samples forward and backward; activations never leave it.
#include "bench/buffers.hpp"
#include "kernels/launch.cuh"
#include "kernels/sgd/mlp_slice.cuh"
#include "train/device/array.hpp"
#include "train/device/engine.hpp"

namespace train {

constexpr int kSamples = 8, kThreads = 256;  // a block's

// The weights are complete at the barrier that the slice begins with, after it has read its samples.
static __device__ void load_weights(const Training& t, float* shared) {
  const int weights = static_cast<int>(t.spec.weights());
  for (int i = static_cast<int>(threadIdx.x); i < weights; i += kThreads) shared[i] = t.w[i];
}

// Batch number `micro` of the step that is due: a sum of gradients a block.
static __global__ void partial_gradients(const __grid_constant__ Training t, int micro, float* partials) {
  extern __shared__ float shared[];
  const std::int64_t weights = t.spec.weights();
  load_weights(t, shared);
  const int from = static_cast<int>(blockIdx.x) * kSamples, left = t.spec.batch - from;
  sgd::slice_gradient(t.spec.model, shared, shared + weights, t.order(), t.progress->step,
                      micro * t.spec.batch + from, left < kSamples ? left : kSamples, t.x, t.y,
                      partials + blockIdx.x * weights, t.sample_losses);
}

// gradient (+)= the mean of this batch's partial sums, in their order.
static __global__ void add_partials(const __grid_constant__ Training t, int micro, int blocks,
                                    const float* partials) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x, weights = t.spec.weights();
  if (i >= weights) return;
  float sum = 0;
  for (int b = 0; b < blocks; ++b) sum += partials[b * weights + i];
  sum /= static_cast<float>(t.spec.samples());
  t.gradient[i] = micro == 0 ? sum : t.gradient[i] + sum;
}

// A residual against a target of zero is the prediction itself.
static __global__ void predictions(const __grid_constant__ Training t, const float* x, int rows,
                                   const float* zeros, float* out) {
  extern __shared__ float shared[];
  const sgd::Mlp& m = t.spec.model;
  load_weights(t, shared);
  const int from = static_cast<int>(blockIdx.x) * kSamples, left = rows - from;
  const int count = left < kSamples ? left : kSamples;
  const sgd::Slice slice(m, shared + m.weights(), count);
  sgd::slice_forward(m, shared, slice, count, x, [&](int s) { return std::int64_t(from) + s; });
  for (int s = static_cast<int>(threadIdx.x / 32); s < count; s += kThreads / 32) {
    float* z = slice.delta + s * m.k;
    sgd::loss_and_residual(m.loss, m.k, zeros, z, sgd::Warp());
    for (int c = static_cast<int>(threadIdx.x % 32); c < m.k; c += 32)
      out[(std::int64_t(from) + s) * m.k + c] = z[c];
  }
}

static std::int64_t shared_bytes(const Spec& spec) {
  return 4 * (spec.weights() + sgd::slice_floats(spec.model, kSamples));
}

// Shared memory that a block may have.
static int most_shared_bytes() {
  int device = 0, most = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device),
        "cudaDeviceGetAttribute");
  return most;
}

bool is_narrow(const Spec& spec) { return shared_bytes(spec) <= most_shared_bytes(); }

namespace {

class Narrow : public Engine {
 public:
  explicit Narrow(const Training& t)
      : t_(t),
        bytes_(static_cast<int>(shared_bytes(t.spec))),
        blocks_(static_cast<int>(ceil_div(t.spec.batch, kSamples))),
        partials_(t.n > 0 ? blocks_ * t.spec.weights() : 0),
        zeros_(std::vector<float>(static_cast<std::size_t>(t.spec.model.k))) {
    // All there is, for the limit is the kernel's: another run's network may be the larger one.
    for (const void* kernel :
         {reinterpret_cast<const void*>(partial_gradients), reinterpret_cast<const void*>(predictions)})
      check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most_shared_bytes()),
            "cudaFuncSetAttribute");
  }

  void step(cudaStream_t stream) override {
    const auto adders = static_cast<unsigned>(ceil_div(t_.spec.weights(), 256));
    for (int micro = 0; micro < t_.spec.accumulate; ++micro) {
      partial_gradients<<<static_cast<unsigned>(blocks_), kThreads, bytes_, stream>>>(t_, micro,
                                                                                      partials_.data());
      add_partials<<<adders, 256, 0, stream>>>(t_, micro, blocks_, partials_.data());
    }
    finish_step(t_, stream);
  }

  void predict(const float* x, int rows, float* out, cudaStream_t stream) override {
    const auto blocks = static_cast<unsigned>(ceil_div(rows, kSamples));
    predictions<<<blocks, kThreads, bytes_, stream>>>(t_, x, rows, zeros_.data(), out);
  }

 private:
  Training t_;
  int bytes_, blocks_;
  Array<float> partials_, zeros_;
};

}  // namespace

std::unique_ptr<Engine> make_narrow(const Training& t) { return std::make_unique<Narrow>(t); }

}  // namespace train
