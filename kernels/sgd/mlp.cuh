// A multilayer perceptron: d inputs, hidden layers of any widths with one activation, k outputs. Without a
// hidden layer it is a generalised linear model. A kernel takes it as a __grid_constant__: the widths are
// indexed by a number that the compiler does not know, and the copy it makes for that lies in local memory.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/sgd/activation.cuh"
#include "kernels/sgd/loss.cuh"

namespace sgd {

struct Mlp {
  static constexpr int kMostLayers = 8;

  int d, h[kMostLayers], layers, k;  // `layers` hidden ones, of h[0] … h[layers - 1] units
  Activation activation;
  Loss loss;

  // Matrices of weights are numbered 0 … layers; number l is out(l) x (in(l) + 1), row-major, the biases in
  // the last column, and begins `offset(l)` floats into the array that holds them one after another.
  __host__ __device__ int in(int l) const { return l == 0 ? d : h[l - 1]; }
  __host__ __device__ int out(int l) const { return l == layers ? k : h[l]; }
  __host__ __device__ std::int64_t offset(int l) const {
    std::int64_t sum = 0;
    for (int below = 0; below < l; ++below) sum += std::int64_t(out(below)) * (in(below) + 1);
    return sum;
  }
  __host__ __device__ std::int64_t weights() const { return offset(layers + 1); }
  // Units of the hidden layers below number l; hidden(layers) of them in all.
  __host__ __device__ int hidden(int l) const {
    int sum = 0;
    for (int below = 0; below < l; ++below) sum += h[below];
    return sum;
  }
  // Of all layers but the inputs'.
  __host__ __device__ int widest() const {
    int most = k;
    for (int l = 0; l < layers; ++l) most = h[l] > most ? h[l] : most;
    return most;
  }
};

}  // namespace sgd
