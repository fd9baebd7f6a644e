// What a hidden layer does to the sums it gets, and how steeply.
#pragma once

#include <cuda_runtime.h>

#include <cmath>

namespace sgd {

enum class Activation {
  relu,     // max(z, 0)
  sigmoid,  // 1 / (1 + exp(-z))
  tanh,     // tanh(z)
  gelu,     // z * P(N(0, 1) <= z), by erf (Hendrycks and Gimpel 2016), not its tanh approximation
};

// a(z), and da/dz in `slope`. At z = 0, relu's slope is 0.
__host__ __device__ inline float activate(Activation activation, float z, float& slope) {
  switch (activation) {
    case Activation::relu: slope = z > 0 ? 1.0f : 0.0f; return z > 0 ? z : 0.0f;
    case Activation::sigmoid: {
      const float e = expf(-fabsf(z)), a = (z >= 0 ? 1 : e) / (1 + e);
      slope = e / ((1 + e) * (1 + e));
      return a;
    }
    case Activation::tanh: {
      const float a = tanhf(z);
      slope = 1 - a * a;
      return a;
    }
    case Activation::gelu: {
      const float below = 0.5f * (1 + erff(0.70710678f * z));
      slope = below + z * 0.39894228f * expf(-0.5f * z * z);
      return z * below;
    }
  }
  return 0;
}

}  // namespace sgd
