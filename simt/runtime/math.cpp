#include "simt/math.hpp"

namespace simt::detail {
namespace {

constexpr double two_over_root_pi = 1.12837916709551257390;

/// Solves f(x) = 0 with f = erf(x) - y, near `x`, by Halley's steps (erf'' = -2 x erf').
template <class F>
double refine(double x, F&& f) {
  for (int i = 0; i < 4; ++i) {
    double step = f(x) / (two_over_root_pi * std::exp(-x * x));
    x -= step / (1 + x * step);
  }
  return x;
}

/// Winitzki's approximation of the inverse error function: about two digits, enough to start from.
double start(double one_minus_y_squared) {
  constexpr double a = 0.147;
  double logarithm = std::log(one_minus_y_squared), t = 2 / (pi * a) + logarithm / 2;
  return std::sqrt(std::sqrt(t * t - logarithm / a) - t);
}

}  // namespace

double inverse_erf(double y) {
  if (std::isnan(y) || std::fabs(y) > 1) return NAN;
  if (std::fabs(y) == 1) return std::copysign(INFINITY, y);
  if (std::fabs(y) > 0.5) return std::copysign(inverse_erfc(1 - std::fabs(y)), y);
  return refine(std::copysign(start((1 - y) * (1 + y)), y), [y](double x) { return std::erf(x) - y; });
}

double inverse_erfc(double y) {
  if (std::isnan(y) || y < 0 || y > 2) return NAN;
  if (y == 0) return INFINITY;
  if (y == 2) return -INFINITY;
  if (y > 1.5) return -inverse_erfc(2 - y);
  if (y > 0.5) return inverse_erf(1 - y);
  return refine(start(y * (2 - y)), [y](double x) { return y - std::erfc(x); });
}

/// Where exp(x^2) overflows: the asymptotic series 1 - 1/(2 x^2) + 3/(2 x^2)^2 - ..., whose terms fall fast
/// there.
double erfcx_of_large(double x) {
  double sum = 0, term = 1;
  for (int n = 1; n < 20; ++n) {
    sum += term;
    term *= -(2 * n - 1) / (2 * x) / x;
  }
  return two_over_root_pi / 2 / x * sum;
}

}  // namespace simt::detail
