// The end of a step: is it sound, how long is its gradient, and where do the weights go.
#include <algorithm>
#include <cmath>

#include "kernels/launch.cuh"
#include "kernels/sgd/warp.cuh"
#include "train/device/engine.hpp"

namespace train {

// norms[block] = the sum of the squares of its share; in FP64, where no square of a float overflows.
static __global__ void norm(std::int64_t count, const float* gradient, double* norms) {
  __shared__ double sums[256];
  const int thread = static_cast<int>(threadIdx.x);
  double sum = 0;
  for (std::int64_t i = std::int64_t(blockIdx.x) * 256 + thread; i < count;
       i += std::int64_t(gridDim.x) * 256)
    sum += double(gradient[i]) * gradient[i];
  sums[thread] = sum;
  for (int half = 128; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) sums[thread] += sums[thread + half];
  }
  if (thread == 0) norms[blockIdx.x] = sums[0];
}

// One warp. A step without a finite loss and gradient stops the run before it touches the weights.
static __global__ void judge(Training t, int norms) {
  const int lane = static_cast<int>(threadIdx.x), samples = t.spec.samples();
  Progress& p = *t.progress;
  if (p.stopped) return;
  float loss = 0;
  for (int b = lane; b < samples; b += 32) loss += t.sample_losses[b];
  loss = sgd::Warp().sum(loss) / static_cast<float>(samples);
  if (lane > 0) return;
  double square = 0;
  for (int i = 0; i < norms; ++i) square += t.norms[i];
  const double length = sqrt(square);
  const int step = p.step;
  t.losses[step % kLosses] = p.loss = loss;
  p.norm = length;
  p.rate = static_cast<float>(t.spec.schedule(step));
  if (fabsf(loss) < INFINITY && length < INFINITY) {  // false for NaN too
    p.shorten = t.spec.clip > 0 ? static_cast<float>(sgd::clip_factor(length, t.spec.clip)) : 1.0f;
    p.step = step + 1;
  } else {
    p.stopped = 1;
  }
}

static __global__ void update(const __grid_constant__ Training t) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x, count = t.spec.weights();
  const Progress& p = *t.progress;
  if (i < count && !p.stopped)
    t.w[i] =
        sgd::updated(t.spec.optimizer, p.rate, p.step, p.shorten * t.gradient[i], t.w[i], t.state + i, count);
}

void judge_step(const Training& t, int norms, cudaStream_t stream) { judge<<<1, 32, 0, stream>>>(t, norms); }

void finish_step(const Training& t, cudaStream_t stream) {
  const std::int64_t blocks = ceil_div(t.spec.weights(), 256);
  const auto norms = static_cast<unsigned>(std::min<std::int64_t>(blocks, kNormBlocks));
  norm<<<norms, 256, 0, stream>>>(t.spec.weights(), t.gradient, t.norms);
  judge_step(t, static_cast<int>(norms), stream);
  update<<<static_cast<unsigned>(blocks), 256, 0, stream>>>(t);
}

}  // namespace train
