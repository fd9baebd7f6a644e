// fp16 and bf16 arithmetic against rounding to nearest even, computed in double with integers' help.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "simt/half.hpp"
#include "tests/catch.hpp"

namespace {

// `x` to `digits` significant bits and exponents from `least` (of the last bit of a subnormal) up to `top`.
double to_nearest_even(double x, int digits, int least, double top) {
  if (x == 0 || !std::isfinite(x)) return x;
  int exponent;
  std::frexp(x, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - digits, least));
  double whole = std::floor(x / unit);  // dividing by a power of two is exact
  const double rest = x / unit - whole;
  if (rest > 0.5 || (rest == 0.5 && std::fmod(whole, 2) != 0)) ++whole;
  const double rounded = std::copysign(std::fabs(whole * unit), x);
  return std::fabs(rounded) > top ? std::copysign(INFINITY, x) : rounded;
}

struct Half {
  using T = __half;
  static T make(std::uint16_t bits) { return T(__half_raw{bits}); }
  static double value(T x) { return double(__half2float(x)); }
  static double round(double x) { return to_nearest_even(x, 11, -24, 65504); }
};
struct Bfloat {
  using T = __nv_bfloat16;
  static T make(std::uint16_t bits) { return T(__nv_bfloat16_raw{bits}); }
  static double value(T x) { return double(__bfloat162float(x)); }
  static double round(double x) { return to_nearest_even(x, 8, -133, std::ldexp(255.0, 120)); }
};

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

// Every 37th pattern, and all that are special: zeros, least and greatest subnormals and normals, infinity,
// NaN.
template <class F>
void for_patterns(int step, F&& f) {
  for (int bits = 0; bits < 65536; bits += step) f(std::uint16_t(bits));
  for (int bits : {0x0000, 0x0001, 0x007f, 0x0080, 0x03ff, 0x0400, 0x3c00, 0x3f80, 0x7bff, 0x7c00, 0x7e00,
                   0x7f7f, 0x7f80, 0x7fc0})
    f(std::uint16_t(bits)), f(std::uint16_t(bits | 0x8000));
}

}  // namespace

TEMPLATE_TEST_CASE("Arithmetic of 16 bits rounds once, to nearest even", "", Half, Bfloat) {
  using N = TestType;
  long wrong = 0;
  for_patterns(331, [&](std::uint16_t i) {
    const auto a = N::make(i);
    const double x = N::value(a);
    for_patterns(293, [&](std::uint16_t j) {
      const auto b = N::make(j);
      const double y = N::value(b);
      // Sums of bf16 can need more bits than a double has; then the smaller one only decides ties.
      wrong += !same(N::value(__hadd(a, b)), N::round(simt::detail::fma_to_odd(1, x, y)));
      wrong += !same(N::value(__hsub(a, b)), N::round(simt::detail::fma_to_odd(1, x, -y)));
      wrong += !same(N::value(__hmul(a, b)), N::round(x * y));
      wrong += __hlt(a, b) != (x < y) || __heq(a, b) != (x == y) || __hge(a, b) != (x >= y);
      const double largest = std::isnan(x) ? y : std::isnan(y) ? x : std::fmax(x, y);
      wrong += !(N::value(__hmax(a, b)) == largest || std::isnan(largest));
      for (std::uint16_t k : {0x0001, 0x3c01, 0xbf81, 0x7bff}) {
        const auto c = N::make(k);
        const double exact = simt::detail::fma_to_odd(x, y, N::value(c));
        wrong += !same(N::value(__hfma(a, b, c)), N::round(exact));
      }
    });
  });
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("Every pattern's functions round once, to nearest even", "", Half, Bfloat) {
  using N = TestType;
  long wrong = 0;
  for_patterns(1, [&](std::uint16_t i) {
    const auto a = N::make(i);
    const double x = N::value(a);
    wrong += !same(N::value(hsqrt(a)), N::round(std::sqrt(x)));
    wrong += !same(N::value(hexp(a)), N::round(std::exp(x)));
    wrong += !same(N::value(hlog(a)), N::round(std::log(x)));
    wrong += !same(N::value(hrcp(a)), N::round(1 / x));
    wrong += !same(N::value(hfloor(a)), std::floor(x));
    wrong += !same(N::value(hrint(a)), std::nearbyint(x));
    wrong += !same(N::value(__hneg(a)), -x) || !same(N::value(__habs(a)), std::fabs(x));
  });
  CHECK(wrong == 0);
}

TEST_CASE("Floats become halves by rounding to nearest even, ties and overflow included") {
  long wrong = 0;
  for (std::uint64_t bits = 0; bits <= 0xffffffffu; bits += 65521) {
    const float x = std::bit_cast<float>(std::uint32_t(bits));
    wrong += !same(Half::value(__float2half_rn(x)), Half::round(x));
    wrong += !same(Bfloat::value(__float2bfloat16_rn(x)), Bfloat::round(x));
  }
  for (std::uint32_t i = 0; i < 0x7c00; ++i) {  // halfway between two halves
    const double tie =
        (Half::value(Half::make(std::uint16_t(i))) + Half::value(Half::make(std::uint16_t(i + 1)))) / 2;
    if (std::isfinite(tie)) wrong += !same(Half::value(__float2half_rn(float(tie))), Half::round(tie));
  }
  CHECK(wrong == 0);
}
