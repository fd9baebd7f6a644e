// A slice of a batch by one block that holds the whole network in shared memory: nothing between the samples'
// features and the weights' gradient goes through global memory.
#pragma once

#include "kernels/sgd/mlp.cuh"
#include "kernels/sgd/permutation.cuh"
#include "kernels/sgd/warp.cuh"

namespace sgd {

// Shared memory for `samples` of them: their features, every layer's activations and slopes, and two deltas.
__host__ __device__ inline std::int64_t slice_floats(const Mlp& m, int samples) {
  return std::int64_t(samples) * (m.d + 2 * m.hidden(m.layers) + 2 * m.widest());
}

// Where a slice of `count` samples keeps what: all in `scratch`, which has slice_floats.
struct Slice {
  float *a, *slope, *delta, *next;
  __device__ Slice(const Mlp& m, float* scratch, int count)
      : a(scratch),  // count x d features, then each layer's activations, count x h[l]
        slope(a + count * (m.d + m.hidden(m.layers))),  // each layer's, count x h[l]
        delta(slope + count * m.hidden(m.layers)),      // dl/dz of the layer at hand, count x out
        next(delta + count * m.widest()) {}             // and of the one below
  // What layer l takes in: count x in(l).
  __device__ const float* input(const Mlp& m, int l, int count) const {
    return l == 0 ? a : a + count * (m.d + m.hidden(l - 1));
  }
};

// Called by all threads of a block of whole warps. `w` is the network, in shared memory. Sample s of the
// slice is row(s) of x (… x d, row-major). Leaves the outputs z, count x k, in slice.delta, and all
// activations and slopes. Ends with a block barrier.
template <class Row>
__device__ void slice_forward(const Mlp& m, const float* w, const Slice& slice, int count, const float* x,
                              Row row) {
  const int thread = static_cast<int>(threadIdx.x), threads = static_cast<int>(blockDim.x);
  for (int s = thread / 32; s < count; s += threads / 32) {
    const float* features = x + row(s) * m.d;
    for (int j = thread % 32; j < m.d; j += 32) slice.a[s * m.d + j] = features[j];
  }
  __syncthreads();

  // A thread a (sample, unit). Neighbours take neighbouring units, whose weights lie in + 1 floats apart: for
  // an even number of inputs the column of biases makes that odd, and the 32 reads fall into 32 banks.
  for (int l = 0; l <= m.layers; ++l) {
    const int in = m.in(l), out = m.out(l), below = count * m.hidden(l);
    const float* input = slice.input(m, l, count);
    const float* matrix = w + m.offset(l);
    for (int i = thread; i < count * out; i += threads) {
      const float *v = matrix + i % out * (in + 1), *from = input + i / out * in;
      float z = v[in];
      for (int j = 0; j < in; ++j) z += v[j] * from[j];
      if (l < m.layers)
        slice.a[count * m.d + below + i] = activate(m.activation, z, slice.slope[below + i]);
      else
        slice.delta[i] = z;
    }
    __syncthreads();
  }
}

// Called by all threads of a block of whole warps. `w` is the network, in shared memory; `scratch` has
// slice_floats. Samples first … first + count - 1 of the step's batch; writes the sum of their gradients to
// `gradient` (m.weights(), anywhere) and their losses to losses[first …]. Ends with a block barrier.
__device__ inline void slice_gradient(const Mlp& m, const float* w, float* scratch, const Order& order,
                                      int step, int first, int count, const float* x, const float* y,
                                      float* gradient, float* losses) {
  const int thread = static_cast<int>(threadIdx.x), threads = static_cast<int>(blockDim.x);
  Slice slice(m, scratch, count);
  const Permutation shuffled = order.epoch(step);
  const auto row = [&](int s) {
    return static_cast<std::int64_t>(shuffled(static_cast<std::uint32_t>(order.start(step) + first + s)));
  };
  slice_forward(m, w, slice, count, x, row);
  for (int s = thread / 32; s < count; s += threads / 32) {
    const float loss = loss_and_residual(m.loss, m.k, y + row(s) * m.k, slice.delta + s * m.k, Warp());
    if (thread % 32 == 0) losses[first + s] = loss;
  }
  __syncthreads();

  // Backward: a thread a weight, then a thread a (sample, unit) of the layer below.
  for (int l = m.layers; l >= 0; --l) {
    const int in = m.in(l), out = m.out(l);
    const float *input = slice.input(m, l, count), *matrix = w + m.offset(l);
    float* sums = gradient + m.offset(l);
    for (int i = thread; i < out * (in + 1); i += threads) {
      const int c = i / (in + 1), j = i % (in + 1);
      float sum = 0;
      for (int s = 0; s < count; ++s) sum += slice.delta[s * out + c] * (j < in ? input[s * in + j] : 1.0f);
      sums[i] = sum;
    }
    const float* slope = l > 0 ? slice.slope + count * m.hidden(l - 1) : nullptr;
    for (int i = thread; i < count * in && l > 0; i += threads) {
      float sum = 0;
      for (int c = 0; c < out; ++c) sum += slice.delta[i / in * out + c] * matrix[c * (in + 1) + i % in];
      slice.next[i] = sum * slope[i];
    }
    __syncthreads();
    float* done = slice.delta;
    slice.delta = slice.next;
    slice.next = done;
  }
}

}  // namespace sgd
