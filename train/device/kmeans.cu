// k-means by minibatch (Sculley, Web-scale k-means clustering, WWW 2010): a centre moves towards the samples
// it draws, each time by one over the number that it has drawn so far.
#include "kernels/launch.cuh"
#include "kernels/sgd/warp.cuh"
#include "train/device/array.hpp"
#include "train/device/engine.hpp"

namespace train {

// The squared distance of x to centre c, in every lane of the warp.
static __device__ float distance(const Training& t, const float* x, int c) {
  const int d = t.spec.model.d;
  const float* centre = t.w + std::int64_t(c) * (d + 1);
  float sum = 0;
  for (int j = static_cast<int>(threadIdx.x % 32); j < d; j += 32) {
    const float apart = x[j] - centre[j];
    sum += apart * apart;
  }
  return sgd::Warp().sum(sum);
}

// The nearest centre of every sample of the step, the first of equals; the distance is its loss. A warp a
// sample.
static __global__ void assign(Training t, int* rows, int* nearest) {
  const int b = static_cast<int>((blockIdx.x * blockDim.x + threadIdx.x) / 32);
  if (b >= t.spec.samples()) return;
  const int row = t.order().sample(t.progress->step, b);
  const float* x = t.x + std::int64_t(row) * t.spec.model.d;
  int best = 0;
  float least = distance(t, x, 0);
  for (int c = 1; c < t.spec.model.k; ++c)
    if (const float far = distance(t, x, c); far < least) {
      least = far;
      best = c;
    }
  if (threadIdx.x % 32 > 0) return;
  rows[b] = row;
  nearest[b] = best;
  t.sample_losses[b] = least;
}

// A block a centre, a thread a feature.
static __global__ void move(Training t, const int* rows, const int* nearest) {
  const int d = t.spec.model.d, c = static_cast<int>(blockIdx.x);
  if (t.progress->stopped) return;
  float* centre = t.w + std::int64_t(c) * (d + 1);
  const float before = centre[d];
  __syncthreads();  // all have read the number before one changes it
  for (int j = static_cast<int>(threadIdx.x); j <= d; j += static_cast<int>(blockDim.x)) {
    float drawn = 0, sum = 0;
    for (int b = 0; b < t.spec.samples(); ++b)
      if (nearest[b] == c) {
        drawn += 1;
        if (j < d) sum += t.x[std::int64_t(rows[b]) * d + j] - centre[j];
      }
    if (j == d)
      centre[d] = before + drawn;
    else if (drawn > 0)
      centre[j] += sum / (before + drawn);
  }
}

static __global__ void distances(Training t, const float* x, int rows, float* out) {
  const int b = static_cast<int>((blockIdx.x * blockDim.x + threadIdx.x) / 32);
  if (b >= rows) return;
  for (int c = 0; c < t.spec.model.k; ++c) {
    const float far = distance(t, x + std::int64_t(b) * t.spec.model.d, c);
    if (threadIdx.x % 32 == 0) out[std::int64_t(b) * t.spec.model.k + c] = far;
  }
}

namespace {

class KMeans : public Engine {
 public:
  explicit KMeans(const Training& t) : t_(t), rows_(t.spec.samples()), nearest_(t.spec.samples()) {}

  void step(cudaStream_t stream) override {
    const int k = t_.spec.model.k;
    assign<<<warps(t_.spec.samples()), 256, 0, stream>>>(t_, rows_.data(), nearest_.data());
    judge_step(t_, 0, stream);
    move<<<static_cast<unsigned>(k), 128, 0, stream>>>(t_, rows_.data(), nearest_.data());
  }
  void predict(const float* x, int rows, float* out, cudaStream_t stream) override {
    distances<<<warps(rows), 256, 0, stream>>>(t_, x, rows, out);
  }

 private:
  static unsigned warps(int count) { return static_cast<unsigned>(ceil_div(32 * std::int64_t(count), 256)); }
  Training t_;
  Array<int> rows_, nearest_;
};

}  // namespace

std::unique_ptr<Engine> make_kmeans(const Training& t) { return std::make_unique<KMeans>(t); }

}  // namespace train
