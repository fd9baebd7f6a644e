// Minibatch SGD in FP64, and how far FP32 may end up from it.
//
// One step is W' = W - lr G(W), with the batch's mean gradient G. FP32 computes it from weights that are off
// by e = ||W^ - W||_F already and rounds on the way, so
//
//   e' <= grow * e + lr * (what the gradient's own roundings do) + (the update's rounding)
//
// All three losses are convex in W with a Hessian between 0 and L = curvature * ||X||^2 / batch (curvature: 1
// squared, 1/4 logistic, 1/2 softmax; X the batch's rows (x, 1)), so a step pulls two weights apart by at
// most grow = max(1, lr L - 1): up to lr = 2 / L it never does (Hardt, Recht and Singer, Train faster,
// generalize better, 2016, lemma 3.6). Old errors are then only added up: the bound grows with the number of
// steps, not exponentially. The roundings are a running error analysis (Higham, Accuracy and Stability, 3.3)
// to first order in u, whatever the order of summation; norms over a batch are Frobenius norms. Errors are in
// units of u.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "chapters/06-minibatch-sgd/matrix.hpp"
#include "kernels/sgd/loss.cuh"
#include "kernels/sgd/permutation.cuh"

namespace sgd {

// What a sum of n products may be off by, in units of u times the sum of their absolute values: the smaller
// of the certain bound and the probable one that bench::error_bound uses too.
inline double gamma(double n) { return std::min(n / (1 - n * 0x1p-24), 6 * std::sqrt(n)); }

// The largest second derivative of a sample's loss by its outputs, in any direction.
inline double curvature(Loss loss) { return loss == Loss::squared ? 1 : loss == Loss::logistic ? 0.25 : 0.5; }

struct Training {
  std::vector<double> w, losses;
  double w_error = 0;               // of any weight, in units of u
  std::vector<double> loss_errors;  // of each loss, likewise
};

// Loss of one sample whose k outputs are in r, which become residuals. Adds the absolute values that the loss
// is made of to `terms`, and the squares of what FP32 may err in each residual, outputs given, to `link2`.
inline double sample_loss(Loss loss, int k, const float* y, double* r, double& terms, double& link2) {
  double l = 0;
  const auto add = [&](double term) {
    l += term;
    terms += std::abs(term);
  };
  // Of the CUDA and C libraries, expf, logf and log1pf err by at most 2 u (1 ulp), a division by 1 u.
  const auto rounded = [&](double error) { link2 += error * error; };
  switch (loss) {
    case Loss::squared:
      for (int c = 0; c < k; ++c) {
        r[c] -= y[c];
        add(r[c] * r[c] / 2);
        rounded(std::abs(r[c]));
      }
      break;
    case Loss::logistic:
      for (int c = 0; c < k; ++c) {
        const double z = r[c], p = 1 / (1 + std::exp(-z));
        add(std::max(z, 0.0));
        add(-y[c] * z);
        add(std::log1p(std::exp(-std::abs(z))));
        r[c] = p - y[c];
        rounded(6 * p + std::abs(r[c]));
      }
      break;
    case Loss::softmax: {
      const double top = *std::max_element(r, r + k);
      double total = 0, mean_gap = 0;
      for (int c = 0; c < k; ++c) total += std::exp(r[c] - top);
      for (int c = 0; c < k; ++c) mean_gap += std::exp(r[c] - top) / total * (top - r[c]);
      for (int c = 0; c < k; ++c) {
        const double gap = top - r[c], p = std::exp(-gap) / total;
        add(y[c] * std::log(total));
        add(y[c] * gap);
        // The gap's rounding is exp's relative error; the sum of k such terms carries their mean.
        r[c] = p - y[c];
        rounded(p * (gap + mean_gap + 5 + gamma(k)) + std::abs(r[c]));
        terms += std::abs(y[c]) * (mean_gap + 4 + gamma(k));  // log(total) inherits total's relative error
      }
    }
  }
  return l;
}

class GlmOracle {
 public:
  struct Model {
    Loss loss;
    int d, k;
    const float* x;         // n x d
    const float* y;         // n x k
    std::vector<double> w;  // k x (d + 1)
  };
  explicit GlmOracle(Model model) : m_(std::move(model)) {}

  // The mean loss over `rows` at the present weights, and its gradient where asked for: k x (d + 1).
  double loss(const std::vector<int>& rows, std::vector<double>* gradient = nullptr);
  const std::vector<double>& weights() const { return m_.w; }
  void set_weights(std::vector<double> w) { m_.w = std::move(w); }

  // One step on `rows`: returns the loss before it, moves the weights, and follows what they may be off by,
  // `error`, and what the loss may (both in units of u).
  double step(const std::vector<int>& rows, float lr, double& error, double& loss_error);
  Training train(const Order& order, int batch, int steps, float lr);

 private:
  // What one batch adds to the error analysis, as sums over its samples.
  struct Roundings {
    double x2 = 0;          // ||X||_F^2
    double z2 = 0;          // of the outputs' roundings, squared
    double link2 = 0;       // of the predictions' and residuals' roundings, squared
    double r2 = 0;          // ||R||_F^2
    double terms = 0;       // sum of the absolute values that the loss is made of
    std::vector<double> g;  // |R|^T |X|
  };
  double visit(const std::vector<int>& rows, std::vector<double>* gradient, Roundings* roundings);

  Model m_;
};

inline double GlmOracle::loss(const std::vector<int>& rows, std::vector<double>* gradient) {
  return visit(rows, gradient, nullptr);
}

inline double GlmOracle::visit(const std::vector<int>& rows, std::vector<double>* gradient,
                               Roundings* roundings) {
  const int d = m_.d, k = m_.k;
  const std::size_t size = m_.w.size();
  Roundings all;
  all.g.assign(size, 0);
  if (gradient) gradient->assign(size, 0);
  double total = 0;
  std::vector<double> r(k);
  for (int row : rows) {
    const float* x = m_.x + std::int64_t(row) * d;
    for (int c = 0; c < k; ++c) {
      const double* w = &m_.w[std::size_t(c) * (d + 1)];
      double z = w[d], scale = std::abs(w[d]);
      for (int j = 0; j < d; ++j) {
        z += w[j] * x[j];
        scale += std::abs(w[j] * x[j]);
      }
      r[c] = z;
      all.z2 += std::pow(gamma(d + 2) * scale, 2);
    }
    total += sample_loss(m_.loss, k, m_.y + std::int64_t(row) * k, r.data(), all.terms, all.link2);
    for (double v : r) all.r2 += v * v;
    for (int j = 0; j <= d && roundings; ++j) {
      const double a = j < d ? x[j] : 1;
      all.x2 += a * a;
    }
    for (int c = 0; c < k && gradient; ++c)
      for (int j = 0; j <= d; ++j) {
        const double term = r[c] * (j < d ? double(x[j]) : 1);
        (*gradient)[std::size_t(c) * (d + 1) + j] += term / double(rows.size());
        all.g[std::size_t(c) * (d + 1) + j] += std::abs(term);
      }
  }
  if (roundings) *roundings = std::move(all);
  return total / double(rows.size());
}

inline double GlmOracle::step(const std::vector<int>& rows, float lr, double& error, double& loss_error) {
  const double curvature = sgd::curvature(m_.loss), batch = double(rows.size());
  std::vector<double> gradient;
  Roundings a;
  const double loss = visit(rows, &gradient, &a);
  const double x = std::sqrt(a.x2), z = std::sqrt(a.z2), r = std::sqrt(a.r2), link = std::sqrt(a.link2);
  // |l(z^) - l(z)| <= |r| |z^ - z| to first order, then the roundings of its own terms and of the mean.
  loss_error = (r * (x * error + z) + gamma(batch + m_.k + 8) * a.terms) / batch;
  const double roundings = (x * (curvature * z + link) + gamma(batch + 2) * norm(a.g)) / batch;
  for (std::size_t i = 0; i < m_.w.size(); ++i) m_.w[i] -= lr * gradient[i];
  error = std::max(1.0, lr * curvature * a.x2 / batch - 1) * error + lr * (roundings + 2 * norm(gradient)) +
          norm(m_.w);
  return loss;
}

inline Training GlmOracle::train(const Order& order, int batch, int steps, float lr) {
  Training result;
  std::vector<int> rows(batch);
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < batch; ++i) rows[i] = order.sample(t, i);
    double loss_error = 0;
    result.losses.push_back(step(rows, lr, result.w_error, loss_error));
    result.loss_errors.push_back(loss_error);
  }
  result.w = m_.w;
  return result;
}

// The weights, k x (d + 1), of the model that labels the random inputs.
inline std::vector<float> hidden_model(int k, int d) {
  std::vector<float> w(std::size_t(k) * (d + 1));
  const Permutation mixed(1u << 24, 6, 0);  // 24 bits that look random, as fractions in [-1, 1)
  for (std::size_t i = 0; i < w.size(); ++i)
    w[i] = float(mixed(std::uint32_t(i % (1u << 24)))) * 0x1p-23f - 1;
  return w;
}

// y (k numbers, random in [-1, 1] before) becomes what the hidden model says of x, with noise: a number, 0 or
// 1, or the indicator of one class.
inline void label(Loss loss, int d, int k, const float* hidden, const float* x, float* y) {
  int best = 0;
  for (int c = 0; c < k; ++c) {
    const float* w = hidden + std::size_t(c) * (d + 1);
    double z = w[d];
    for (int j = 0; j < d; ++j) z += double(w[j]) * x[j];
    y[c] = float(z + (loss == Loss::squared ? 0.1 : 1.0) * y[c]);
    if (y[c] > y[best]) best = c;
  }
  if (loss == Loss::logistic)
    for (int c = 0; c < k; ++c) y[c] = y[c] > 0;
  if (loss == Loss::softmax)
    for (int c = 0; c < k; ++c) y[c] = c == best;
}

}  // namespace sgd
