// From a gradient to new weights: the update rules, the learning rate's schedule, and clipping. One weight at
// a time, so that any kernel can apply them where it has the gradient in a register. T is float in training,
// double in tests.
#pragma once

#include <cuda_runtime.h>

#include <cmath>

namespace sgd {

enum class Rule {
  sgd,       // w -= lr g
  momentum,  // v = mu v + g; w -= lr v                                       (Polyak 1964, as PyTorch scales
             // it)
  nesterov,  // v = mu v + g; w -= lr (g + mu v)                              (Sutskever et al. 2013)
  adagrad,   // s += g^2; w -= lr g / (sqrt(s) + eps)                         (Duchi et al. 2011)
  rmsprop,   // s = beta2 s + (1 - beta2) g^2; w -= lr g / (sqrt(s) + eps)    (Hinton 2012)
  adam,      // both moments, each divided by 1 - beta^t                      (Kingma and Ba 2015)
  adamw,     // adam, with the decay applied to the weight and not the gradient (Loshchilov and Hutter 2019)
};

struct Optimizer {
  Rule rule = Rule::sgd;
  double beta1 = 0.9;  // mu of momentum and nesterov too
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double decay = 0;  // weight decay: adds decay * w to the gradient, but for adamw w -= lr decay w
};

// Numbers of state a weight needs; all start at 0.
__host__ __device__ constexpr int state_size(Rule rule) {
  return rule == Rule::sgd ? 0 : rule == Rule::adam || rule == Rule::adamw ? 2 : 1;
}

// The weight after step `t` (1, 2, …) with gradient g. `state` has state_size numbers, `stride` apart.
template <class T>
__host__ __device__ T updated(const Optimizer& o, T lr, int t, T g, T w, T* state, long long stride) {
  const T beta1 = static_cast<T>(o.beta1), beta2 = static_cast<T>(o.beta2);
  const T epsilon = static_cast<T>(o.epsilon), decay = static_cast<T>(o.decay);
  if (o.rule == Rule::adamw)
    w -= lr * decay * w;
  else
    g += decay * w;
  switch (o.rule) {
    case Rule::sgd: return w - lr * g;
    case Rule::momentum: state[0] = beta1 * state[0] + g; return w - lr * state[0];
    case Rule::nesterov: state[0] = beta1 * state[0] + g; return w - lr * (g + beta1 * state[0]);
    case Rule::adagrad: state[0] += g * g; return w - lr * g / (sqrt(state[0]) + epsilon);
    case Rule::rmsprop:
      state[0] = beta2 * state[0] + static_cast<T>(1 - o.beta2) * g * g;
      return w - lr * g / (sqrt(state[0]) + epsilon);
    case Rule::adam:
    case Rule::adamw: {
      T& m = state[0];
      T& s = state[stride];
      // 1 - beta^t loses all digits to cancellation in FP32 when t is small and beta near 1, expm1 none.
      const T mean = static_cast<T>(-expm1(t * log(o.beta1))),
              square = static_cast<T>(-expm1(t * log(o.beta2)));
      m = beta1 * m + static_cast<T>(1 - o.beta1) * g;
      s = beta2 * s + static_cast<T>(1 - o.beta2) * g * g;
      return w - lr * (m / mean) / (sqrt(s / square) + epsilon);
    }
  }
  return w;
}

// The learning rate of every step.
struct Schedule {
  enum class Kind {
    constant,
    step,    // times `factor` after every `period` steps
    cosine,  // from base to base * factor along half a cosine of `period` steps, then flat
  };
  Kind kind = Kind::constant;
  double base = 0.1;
  int warmup = 0;  // the first steps climb linearly: base * (t + 1) / warmup
  int period = 1;  // in steps after the warm-up
  double factor = 0.1;

  // Of step t = 0, 1, …
  __host__ __device__ double operator()(int t) const {
    if (t < warmup) return base * (t + 1) / warmup;
    t -= warmup;
    switch (kind) {
      case Kind::step: return base * pow(factor, t / period);
      case Kind::cosine: {
        const double part = t < period ? double(t) / period : 1;
        return base * (factor + (1 - factor) * (1 + cos(3.14159265358979323846 * part)) / 2);
      }
      case Kind::constant: break;
    }
    return base;
  }
};

// What to multiply a gradient of Euclidean norm `norm` by, so that it is at most `limit` long (Pascanu et al.
// 2013). A norm that is not finite gives NaN: a diverging run must be seen, not clipped into something
// plausible.
template <class T>
__host__ __device__ T clip_factor(T norm, T limit) {
  return norm <= limit ? T(1) : limit / norm + 0 * norm;  // 0 * infinity is NaN
}

}  // namespace sgd
