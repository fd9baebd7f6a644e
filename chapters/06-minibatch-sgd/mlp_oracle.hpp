// SGD of a multilayer perceptron in FP64, and how far FP32 may end up from it.
//
// The loss is not convex, so unlike in oracle.hpp errors may grow from step to step. They are followed
// through the formulas of one step, a unit at a time, in Euclidean norms: e_l[c] bounds the error of unit c's
// weights in layer l, dz_l[c] that of its sums over the batch, and so on. A product A B is off by the error
// of either factor times the other's norm and by its own roundings, gamma |A| |B|; an activation multiplies
// by its Lipschitz constant; its slope adds the largest second derivative. A step then multiplies errors by
// about 1 + lr * curvature * ||A||^2
// ||W||^2 / batch, so that the bound stays of use for a few hundred small steps and says so, by becoming
// large, where training amplifies roundings. relu's slope jumps: where |z| is below its own error, the unit
// may be on in FP32 and off here, and the whole jump is counted. To first order in u, in units of u.
#pragma once

#include "chapters/06-minibatch-sgd/matrix.hpp"
#include "chapters/06-minibatch-sgd/oracle.hpp"
#include "kernels/sgd/activation.cuh"

namespace sgd {

// Bounds of an activation a: |a'|, |a''|, and the roundings of a and a' in FP32, outputs of the libraries'
// expf, tanhf and erff being within 4 u: c0 + c1 |z| in units of u.
struct Smoothness {
  double first, second;
  double value0, value1, slope0, slope1;
};
inline Smoothness smoothness(Activation a) {
  switch (a) {
    case Activation::relu: return {1, 0, 0, 0, 0, 0};  // exact; its jump is counted where it happens
    case Activation::sigmoid: return {0.25, 0.0963, 5, 0, 4, 0};
    case Activation::tanh: return {1, 0.77, 4, 0, 10, 0};
    case Activation::gelu: return {1.13, 0.8, 0, 8, 8, 8};
  }
  return {};
}

// a(z) and da/dz in FP64.
inline double activate(Activation activation, double z, double& slope) {
  switch (activation) {
    case Activation::relu: slope = z > 0; return std::max(z, 0.0);
    case Activation::sigmoid: {
      const double a = 1 / (1 + std::exp(-z));
      slope = a * (1 - a);
      return a;
    }
    case Activation::tanh: slope = 1 - std::tanh(z) * std::tanh(z); return std::tanh(z);
    case Activation::gelu: {
      const double below = std::erfc(-z / std::sqrt(2.0)) / 2;
      slope = below + z * std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846);
      return z * below;
    }
  }
  return 0;
}

class MlpOracle {
 public:
  struct Model {
    Loss loss;
    Activation activation;
    const float* x;  // n x widths.front()
    const float* y;  // n x widths.back()
    // Layer l: widths[l + 1] x (widths[l] + 1), the biases in the last column.
    std::vector<Matrix> w;
  };
  explicit MlpOracle(Model model) : m_(std::move(model)) {
    for (const Matrix& w : m_.w) e_.emplace_back(w.rows);
    e_all_.resize(m_.w.size());
  }

  // The mean loss over `rows` at the present weights, and its gradient, layer by layer.
  double loss(const std::vector<int>& rows, std::vector<Matrix>* gradient = nullptr);
  std::vector<Matrix>& weights() { return m_.w; }

  struct Result {
    std::vector<Matrix> w;
    std::vector<std::vector<double>> w_errors;  // layer by layer, of any weight of a unit
    std::vector<double> losses, loss_errors;
  };
  Result train(const Order& order, int batch, int steps, float lr);

 private:
  Model m_;
  // e_l[c], and the same of a whole layer, which is less than all of its units' together.
  std::vector<std::vector<double>> e_;
  std::vector<double> e_all_;
  // Of the last call of loss(): its own error, and the gradients', unit by unit.
  double loss_error_ = 0;
  std::vector<std::vector<double>> gradient_errors_;
  std::vector<double> gradient_errors_all_;
};

inline double MlpOracle::loss(const std::vector<int>& rows, std::vector<Matrix>* gradient) {
  const std::size_t layers = m_.w.size();
  const int batch = int(rows.size()), d = m_.w.front().cols - 1, k = m_.w.back().rows;
  const Smoothness smooth = smoothness(m_.activation);

  // Forward. a[l] is layer l's input with a column of ones, da[l] its error, z and dz the sums before
  // activation.
  std::vector<Matrix> a(layers), z(layers), slope(layers);
  std::vector<std::vector<double>> da(layers), dz(layers);
  std::vector<double> da_all(layers), dz_all(layers);  // of all units together: less than their sum
  std::vector<Matrix> unsure(layers);                  // of every single z
  a[0] = Matrix(batch, d + 1, 1);
  da[0].resize(d);
  for (int b = 0; b < batch; ++b)
    for (int j = 0; j < d; ++j) a[0](b, j) = m_.x[std::int64_t(rows[b]) * d + j];
  for (std::size_t l = 0; l < layers; ++l) {
    const Matrix wt = m_.w[l].transposed(), rounded = a[l].abs() * wt.abs() * gamma(a[l].cols + 1);
    const int out = wt.cols;
    z[l] = a[l] * wt;
    dz[l] = rounded.column_norms();
    unsure[l] = rounded;
    const double norm_a = spectral_bound(a[l]), norm_w = spectral_bound(m_.w[l]);
    for (int c = 0; c < out; ++c) {
      double inherited = 0;
      for (std::size_t j = 0; j < da[l].size(); ++j) inherited += std::abs(m_.w[l](c, int(j))) * da[l][j];
      inherited = std::min(inherited, m_.w[l].row_norm(c) * da_all[l]);
      dz[l][c] += norm_a * e_[l][c] + inherited;
      for (int b = 0; b < batch; ++b) unsure[l](b, c) += a[l].row_norm(b) * e_[l][c] + inherited;
    }
    dz_all[l] = std::min(norm(dz[l]), norm_a * e_all_[l] + norm_w * da_all[l] + rounded.norm());
    if (l + 1 == layers) break;
    a[l + 1] = Matrix(batch, out + 1, 1);
    slope[l] = z[l];
    Matrix activated(batch, out);
    for (int b = 0; b < batch; ++b)
      for (int c = 0; c < out; ++c) {
        a[l + 1](b, c) = activate(m_.activation, z[l](b, c), slope[l](b, c));
        activated(b, c) = smooth.value0 + smooth.value1 * std::abs(z[l](b, c));
      }
    da[l + 1] = activated.column_norms();
    da_all[l + 1] = smooth.first * dz_all[l] + activated.norm();
    for (int c = 0; c < out; ++c) da[l + 1][c] += smooth.first * dz[l][c];
  }

  // Loss and residuals.
  Matrix delta = z.back();
  double total = 0, terms = 0, link2 = 0;
  for (int b = 0; b < batch; ++b)
    total += sample_loss(m_.loss, k, m_.y + std::int64_t(rows[b]) * k, &delta(b, 0), terms, link2);
  loss_error_ = (delta.norm() * dz_all.back() + gamma(batch + k + 8) * terms) / batch;
  if (!gradient) return total / batch;

  // Backward. delta = dl/dz of layer l, ddelta its error; softmax lets every output's error into every
  // residual.
  std::vector<double> ddelta(k, curvature(m_.loss) * dz_all.back() + std::sqrt(link2));
  double all = ddelta[0];  // of the whole of delta
  gradient->resize(layers);
  gradient_errors_.resize(layers);
  gradient_errors_all_.resize(layers);
  for (std::size_t l = layers; l-- > 0;) {
    const Matrix dt = delta.transposed(), &w = m_.w[l];
    const Matrix summed = dt.abs() * a[l].abs() * gamma(batch + 2);
    const double norm_a = spectral_bound(a[l]), norm_delta = spectral_bound(delta);
    (*gradient)[l] = dt * a[l] * (1.0 / batch);
    gradient_errors_[l].resize(w.rows);
    for (int c = 0; c < w.rows; ++c)
      gradient_errors_[l][c] = (norm_a * ddelta[c] + dt.row_norm(c) * da_all[l] + summed.row_norm(c)) / batch;
    gradient_errors_all_[l] = (norm_a * all + norm_delta * da_all[l] + summed.norm()) / batch;
    if (l == 0) break;

    const Matrix u = delta * w;
    const Matrix product = delta.abs() * w.abs() * gamma(w.rows + 1);
    const std::vector<double> w_norms = w.column_norms(), rounded = product.column_norms();
    double total_own = 0, total_jumped = 0, total_largest = 0;
    delta = slope[l - 1];
    ddelta.assign(delta.cols, 0);
    for (int c = 0; c < delta.cols; ++c) {
      const double du = w_norms[c] * all + norm_delta * e_all_[l] + rounded[c];
      double jumped = 0, largest = 0, own = 0;  // jumped is absolute, own in units of u
      for (int b = 0; b < batch; ++b) {
        const double v = u(b, c), s = std::abs(z[l - 1](b, c));
        if (m_.activation == Activation::relu && s <= unsure[l - 1](b, c) * 0x1p-24) jumped += v * v;
        largest = std::max(largest, std::abs(v));
        own += std::pow(v * (smooth.slope0 + smooth.slope1 * s) + v * delta(b, c), 2);
        delta(b, c) *= v;
      }
      total_own += own;
      total_jumped += jumped;
      total_largest = std::max(total_largest, largest);
      ddelta[c] = smooth.first * du + smooth.second * largest * dz[l - 1][c] + std::sqrt(own) +
                  std::sqrt(jumped) * 0x1p24;
    }
    all = std::min(norm(ddelta),
                   smooth.first * (spectral_bound(w) * all + norm_delta * e_all_[l] + product.norm()) +
                       smooth.second * total_largest * dz_all[l - 1] + std::sqrt(total_own) +
                       std::sqrt(total_jumped) * 0x1p24);
    for (double& error : ddelta) error = std::min(error, all);
  }
  return total / batch;
}

inline MlpOracle::Result MlpOracle::train(const Order& order, int batch, int steps, float lr) {
  Result result;
  std::vector<Matrix> gradient;
  std::vector<int> rows(batch);
  for (int step = 0; step < steps; ++step) {
    const Permutation shuffled = order.epoch(step);
    for (int i = 0; i < batch; ++i) rows[i] = int(shuffled(std::uint32_t(order.start(step) + i)));
    result.losses.push_back(loss(rows, &gradient));
    result.loss_errors.push_back(loss_error_);
    for (std::size_t l = 0; l < m_.w.size(); ++l) {
      for (std::size_t i = 0; i < m_.w[l].v.size(); ++i) m_.w[l].v[i] -= lr * gradient[l].v[i];
      e_all_[l] += lr * (gradient_errors_all_[l] + 2 * gradient[l].norm()) + m_.w[l].norm();
      for (int c = 0; c < m_.w[l].rows; ++c)
        e_[l][c] =
            std::min(e_all_[l], e_[l][c] + lr * (gradient_errors_[l][c] + 2 * gradient[l].row_norm(c)) +
                                    m_.w[l].row_norm(c));
    }
  }
  result.w = m_.w;
  result.w_errors = e_;
  return result;
}

}  // namespace sgd
