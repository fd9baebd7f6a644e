// Small FP64 matrices for the oracle, written to be read.
#pragma once

#include <cmath>
#include <vector>

namespace sgd {

struct Matrix {
  int rows = 0, cols = 0;
  std::vector<double> v;  // row-major

  Matrix() = default;
  Matrix(int r, int c, double fill = 0) : rows(r), cols(c), v(std::size_t(r) * c, fill) {}
  double& operator()(int i, int j) { return v[std::size_t(i) * cols + j]; }
  double operator()(int i, int j) const { return v[std::size_t(i) * cols + j]; }

  Matrix transposed() const {
    Matrix t(cols, rows);
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < cols; ++j) t(j, i) = (*this)(i, j);
    return t;
  }
  Matrix abs() const {
    Matrix a = *this;
    for (double& x : a.v) x = std::abs(x);
    return a;
  }
  // Frobenius: the root of the sum of squares.
  double norm() const {
    double sum = 0;
    for (double x : v) sum += x * x;
    return std::sqrt(sum);
  }
  // Of one row, or of every column.
  double row_norm(int i) const {
    double sum = 0;
    for (int j = 0; j < cols; ++j) sum += (*this)(i, j) * (*this)(i, j);
    return std::sqrt(sum);
  }
  std::vector<double> column_norms() const {
    std::vector<double> norms(cols);
    for (int j = 0; j < cols; ++j) {
      for (int i = 0; i < rows; ++i) norms[j] += (*this)(i, j) * (*this)(i, j);
      norms[j] = std::sqrt(norms[j]);
    }
    return norms;
  }
};

inline double norm(const std::vector<double>& v) {
  double sum = 0;
  for (double x : v) sum += x * x;
  return std::sqrt(sum);
}

inline Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.cols);
#pragma omp parallel for if (double(a.rows) * a.cols * b.cols > 1e6)
  for (int i = 0; i < a.rows; ++i)
    for (int p = 0; p < a.cols; ++p) {
      const double x = a(i, p);
      for (int j = 0; j < b.cols; ++j) c(i, j) += x * b(p, j);
    }
  return c;
}

inline Matrix operator*(Matrix a, double factor) {
  for (double& x : a.v) x *= factor;
  return a;
}

// At least the largest singular value s of A, and at most r^(1/16) of it, r the lesser side (1.3 times for
// 64): with M = A A^T or A^T A, whichever is smaller, s^16 <= trace(M^8) = ||M^4||_F^2. Power iteration would
// give a number below s, which bounds nothing.
inline double spectral_bound(const Matrix& a) {
  const double scale = a.norm();
  if (!(scale > 0) || !std::isfinite(scale)) return scale;
  const Matrix unit = a * (1 / scale), t = unit.transposed();
  Matrix m = a.rows < a.cols ? unit * t : t * unit;
  m = m * m;
  m = m * m;
  return scale * std::pow(m.norm(), 1.0 / 8);
}

}  // namespace sgd
