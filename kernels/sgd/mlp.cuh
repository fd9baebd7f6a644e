// A multilayer perceptron: d inputs, `layers` hidden layers of h units with one activation, k outputs.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/sgd/activation.cuh"
#include "kernels/sgd/loss.cuh"

namespace sgd {

struct Mlp {
  int d, h, layers, k;  // layers >= 1
  Activation activation;
  Loss loss;

  // Matrices of weights are numbered 0 … layers; number l is out(l) x (in(l) + 1), row-major, the biases in
  // the last column, and begins `offset(l)` floats into the array that holds them one after another.
  __host__ __device__ int in(int l) const { return l == 0 ? d : h; }
  __host__ __device__ int out(int l) const { return l == layers ? k : h; }
  __host__ __device__ std::int64_t offset(int l) const {
    return l == 0 ? 0 : std::int64_t(h) * (d + 1) + std::int64_t(l - 1) * h * (h + 1);
  }
  __host__ __device__ std::int64_t weights() const { return offset(layers) + std::int64_t(k) * (h + 1); }
};

}  // namespace sgd
