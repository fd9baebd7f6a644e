// The gradient of a slice of a batch by one block that holds the whole network in shared memory: nothing
// between the samples' features and the weights' gradient goes through global memory.
#pragma once

#include "kernels/sgd/mlp.cuh"
#include "kernels/sgd/permutation.cuh"
#include "kernels/sgd/warp.cuh"

namespace sgd {

// Shared memory for `samples` of them: their features, every layer's activations and slopes, and two deltas.
__host__ __device__ inline std::int64_t slice_floats(const Mlp& m, int samples) {
  return std::int64_t(samples) * (m.d + 2 * m.layers * m.h + 2 * (m.h > m.k ? m.h : m.k));
}

// Called by all threads of a block of whole warps. `w` is the network, in shared memory; `scratch` has
// slice_floats. Samples first … first + count - 1 of the step's batch; writes the sum of their gradients to
// `gradient` (m.weights(), anywhere) and their losses to losses[first …]. Ends with a block barrier.
__device__ inline void slice_gradient(const Mlp& m, const float* w, float* scratch, const Order& order,
                                      int step, int first, int count, const float* x, const float* y,
                                      float* gradient, float* losses) {
  const int thread = static_cast<int>(threadIdx.x), threads = static_cast<int>(blockDim.x);
  const int widest = m.h > m.k ? m.h : m.k, hidden = count * m.h;
  float* a = scratch;  // count x d features, then layers * (count x h) activations
  float* slope = a + count * m.d + m.layers * hidden;  // layers * (count x h)
  float* delta = slope + m.layers * hidden;            // dl/dz of the layer at hand, count x out
  float* next = delta + count * widest;                // and of the one below
  const Permutation shuffled = order.epoch(step);
  const auto row = [&](int s) {
    return static_cast<std::int64_t>(shuffled(static_cast<std::uint32_t>(order.start(step) + first + s)));
  };
  for (int s = thread / 32; s < count; s += threads / 32) {
    const float* features = x + row(s) * m.d;
    for (int j = thread % 32; j < m.d; j += 32) a[s * m.d + j] = features[j];
  }
  __syncthreads();

  // Forward: a thread a (sample, unit). Neighbours take neighbouring units, whose weights lie in + 1 floats
  // apart: for an even number of inputs the column of biases makes that odd, and the 32 reads fall into 32
  // banks.
  for (int l = 0; l <= m.layers; ++l) {
    const int in = m.in(l), out = m.out(l);
    const float* input = l == 0 ? a : a + count * m.d + (l - 1) * hidden;
    for (int i = thread; i < count * out; i += threads) {
      const float *v = w + m.offset(l) + i % out * (in + 1), *from = input + i / out * in;
      float z = v[in];
      for (int j = 0; j < in; ++j) z += v[j] * from[j];
      if (l < m.layers)
        a[count * m.d + l * hidden + i] = activate(m.activation, z, slope[l * hidden + i]);
      else
        delta[i] = z;
    }
    __syncthreads();
  }
  for (int s = thread / 32; s < count; s += threads / 32) {
    const float loss = loss_and_residual(m.loss, m.k, y + row(s) * m.k, delta + s * m.k, Warp());
    if (thread % 32 == 0) losses[first + s] = loss;
  }
  __syncthreads();

  // Backward: a thread a weight, then a thread a (sample, unit) of the layer below.
  for (int l = m.layers; l >= 0; --l) {
    const int in = m.in(l), out = m.out(l);
    const float* input = l == 0 ? a : a + count * m.d + (l - 1) * hidden;
    for (int i = thread; i < out * (in + 1); i += threads) {
      const int c = i / (in + 1), j = i % (in + 1);
      float sum = 0;
      for (int s = 0; s < count; ++s) sum += delta[s * out + c] * (j < in ? input[s * in + j] : 1.0f);
      gradient[m.offset(l) + i] = sum;
    }
    for (int i = thread; i < count * in && l > 0; i += threads) {
      const float* v = w + m.offset(l) + i % in;
      float sum = 0;
      for (int c = 0; c < out; ++c) sum += delta[i / in * out + c] * v[c * (in + 1)];
      next[i] = sum * slope[(l - 1) * hidden + i];
    }
    __syncthreads();
    float* done = delta;
    delta = next;
    next = done;
  }
}

}  // namespace sgd
