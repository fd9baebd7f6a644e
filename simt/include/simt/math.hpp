#pragma once
#pragma GCC system_header  // its volatile operands are nobody's wait for other threads (see rewrite.hpp)
// CUDA's mathematical functions that a host's <cmath> lacks. The fast intrinsics (__expf, ...) are computed
// accurately here: a GPU's results differ from these by the errors its manual states.
#include <vector_types.h>

#include <cfenv>
#include <cmath>
#include <limits>
#include <type_traits>

// min and max in the global namespace, mixed integers as in CUDA: unsigned wins.
#define SIMT_MIN_MAX(T, A, B)                                     \
  constexpr T min(A a, B b) { return (T)a < (T)b ? (T)a : (T)b; } \
  constexpr T max(A a, B b) { return (T)a > (T)b ? (T)a : (T)b; }
SIMT_MIN_MAX(int, int, int)
SIMT_MIN_MAX(unsigned, unsigned, unsigned)
SIMT_MIN_MAX(unsigned, int, unsigned)
SIMT_MIN_MAX(unsigned, unsigned, int)
SIMT_MIN_MAX(long, long, long)
SIMT_MIN_MAX(unsigned long, unsigned long, unsigned long)
SIMT_MIN_MAX(unsigned long, long, unsigned long)
SIMT_MIN_MAX(unsigned long, unsigned long, long)
SIMT_MIN_MAX(long long, long long, long long)
SIMT_MIN_MAX(unsigned long long, unsigned long long, unsigned long long)
SIMT_MIN_MAX(unsigned long long, long long, unsigned long long)
SIMT_MIN_MAX(unsigned long long, unsigned long long, long long)
#undef SIMT_MIN_MAX
// A NaN beside a number yields the number.
#define SIMT_MIN_MAX(T, A, B)                                         \
  constexpr T min(A a, B b) { return a < b || b != b ? T(a) : T(b); } \
  constexpr T max(A a, B b) { return a > b || b != b ? T(a) : T(b); }
SIMT_MIN_MAX(float, float, float)
SIMT_MIN_MAX(double, double, double)
SIMT_MIN_MAX(double, float, double)
SIMT_MIN_MAX(double, double, float)
#undef SIMT_MIN_MAX
inline unsigned umin(unsigned a, unsigned b) { return min(a, b); }
inline unsigned umax(unsigned a, unsigned b) { return max(a, b); }
inline long long llmin(long long a, long long b) { return min(a, b); }
inline long long llmax(long long a, long long b) { return max(a, b); }
inline unsigned long long ullmin(unsigned long long a, unsigned long long b) { return min(a, b); }
inline unsigned long long ullmax(unsigned long long a, unsigned long long b) { return max(a, b); }

// glibc declares these names and exports none of them.
extern "C" {
inline float __expf(float x) noexcept { return std::exp(x); }
inline float __exp10f(float x) noexcept { return std::pow(10.0f, x); }
inline float __logf(float x) noexcept { return std::log(x); }
inline float __log2f(float x) noexcept { return std::log2(x); }
inline float __log10f(float x) noexcept { return std::log10(x); }
inline float __sinf(float x) noexcept { return std::sin(x); }
inline float __cosf(float x) noexcept { return std::cos(x); }
inline float __tanf(float x) noexcept { return std::tan(x); }
inline float __powf(float x, float y) noexcept { return std::pow(x, y); }
}
inline float __tanhf(float x) { return std::tanh(x); }
inline float __fdividef(float x, float y) { return x / y; }
inline float fdividef(float x, float y) { return x / y; }
inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }
inline float saturate(float x) { return __saturatef(x); }
inline float rsqrtf(float x) { return float(1 / std::sqrt(double(x))); }
inline double rsqrt(double x) { return 1 / std::sqrt(x); }
inline float rsqrt(float x) { return rsqrtf(x); }
inline float __frsqrt_rn(float x) { return rsqrtf(x); }
inline float rcbrtf(float x) { return float(1 / std::cbrt(double(x))); }
inline double rcbrt(double x) { return 1 / std::cbrt(x); }

namespace simt::detail {
inline constexpr double pi = 3.141592653589793238462643383279502884;
/// sin(pi x) and cos(pi x), exact at multiples of 1/2.
inline double sin_pi(double x) {
  double r = std::remainder(x, 2.0);
  if (std::fabs(r) > 0.5) r = std::copysign(1.0, r) - r;
  return r == 0 ? std::copysign(0.0, x) : std::sin(pi * r);
}
inline double cos_pi(double x) { return sin_pi(0.5 - std::fabs(std::remainder(x, 2.0))); }

/// Solves erf(x) = y by Newton's method from Giles' starting value, or erfc(x) = y for small y.
double inverse_erf(double y);
double inverse_erfc(double y);
double erfcx_of_large(double x);
}  // namespace simt::detail

inline double sinpi(double x) { return simt::detail::sin_pi(x); }
inline double cospi(double x) { return simt::detail::cos_pi(x); }
inline float sinpif(float x) { return float(simt::detail::sin_pi(x)); }
inline float cospif(float x) { return float(simt::detail::cos_pi(x)); }
inline void sincospi(double x, double* s, double* c) { *s = sinpi(x), *c = cospi(x); }
inline void sincospif(float x, float* s, float* c) { *s = sinpif(x), *c = cospif(x); }
inline void __sincosf(float x, float* s, float* c) { *s = std::sin(x), *c = std::cos(x); }
inline void sincospi(float x, float* s, float* c) { sincospif(x, s, c); }
inline void sincos(float x, float* s, float* c) { sincosf(x, s, c); }
inline double erfinv(double y) { return simt::detail::inverse_erf(y); }
inline float erfinvf(float y) { return float(simt::detail::inverse_erf(y)); }
inline double erfcinv(double y) { return simt::detail::inverse_erfc(y); }
inline float erfcinvf(float y) { return float(simt::detail::inverse_erfc(y)); }
inline double normcdf(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); }
inline float normcdff(float x) { return float(normcdf(x)); }
inline double normcdfinv(double y) { return -1.41421356237309504880 * erfcinv(2 * y); }
inline float normcdfinvf(float y) { return float(normcdfinv(y)); }
inline double erfcx(double x) {
  return x > 25 ? simt::detail::erfcx_of_large(x) : std::exp(x * x) * std::erfc(x);
}
inline float erfcxf(float x) { return float(erfcx(x)); }
inline double rhypot(double x, double y) { return 1 / std::hypot(x, y); }
inline float rhypotf(float x, float y) { return float(1 / std::hypot(double(x), double(y))); }
inline double norm3d(double x, double y, double z) { return std::hypot(x, y, z); }
inline float norm3df(float x, float y, float z) { return float(std::hypot(double(x), double(y), double(z))); }
inline double rnorm3d(double x, double y, double z) { return 1 / norm3d(x, y, z); }
inline float rnorm3df(float x, float y, float z) { return float(1 / norm3d(x, y, z)); }
inline double norm4d(double x, double y, double z, double w) {
  return std::hypot(std::hypot(x, y), std::hypot(z, w));
}
inline float norm4df(float x, float y, float z, float w) { return float(norm4d(x, y, z, w)); }
inline double rnorm4d(double x, double y, double z, double w) { return 1 / norm4d(x, y, z, w); }
inline float rnorm4df(float x, float y, float z, float w) { return float(rnorm4d(x, y, z, w)); }
/// The length of the n-dimensional vector p.
namespace simt::detail {
template <class T>
double length(int n, const T* p) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum = std::hypot(sum, double(p[i]));
  return sum;
}
}  // namespace simt::detail
inline double norm(int n, const double* p) { return simt::detail::length(n, p); }
inline float normf(int n, const float* p) { return float(simt::detail::length(n, p)); }
inline double rnorm(int n, const double* p) { return 1 / norm(n, p); }
inline float rnormf(int n, const float* p) { return float(1 / simt::detail::length(n, p)); }
inline double cyl_bessel_i0(double x) { return std::cyl_bessel_i(0.0, std::fabs(x)); }
inline double cyl_bessel_i1(double x) { return std::copysign(std::cyl_bessel_i(1.0, std::fabs(x)), x); }
inline float cyl_bessel_i0f(float x) { return float(cyl_bessel_i0(x)); }
inline float cyl_bessel_i1f(float x) { return float(cyl_bessel_i1(x)); }

// Arithmetic with a stated rounding: _rn to nearest even, _rz to zero, _rd down, _ru up. The operands are
// volatile, so that the compiler neither folds the operation nor moves it past the change of mode: that of
// SSE alone, for fesetround sets the x87's too, at ten times the cost.
namespace simt::detail {
template <int mode, class F>
auto rounded(F&& operation) {
  const unsigned before = __builtin_ia32_stmxcsr(), field = 0x6000;
  __builtin_ia32_ldmxcsr((before & ~field) | unsigned{mode} << 3);
  volatile auto result = operation();
  __builtin_ia32_ldmxcsr(before);
  return decltype(operation())(result);
}
}  // namespace simt::detail

#define SIMT_ROUNDED(suffix, mode, T, f, d)                                            \
  inline T __##f##add_##suffix(T a, T b) {                                             \
    volatile T x = a, y = b;                                                           \
    return simt::detail::rounded<mode>([&] { return T(x + y); });                      \
  }                                                                                    \
  inline T __##f##sub_##suffix(T a, T b) { return __##f##add_##suffix(a, -b); }        \
  inline T __##f##mul_##suffix(T a, T b) {                                             \
    volatile T x = a, y = b;                                                           \
    return simt::detail::rounded<mode>([&] { return T(x * y); });                      \
  }                                                                                    \
  inline T __##f##div_##suffix(T a, T b) {                                             \
    volatile T x = a, y = b;                                                           \
    return simt::detail::rounded<mode>([&] { return T(x / y); });                      \
  }                                                                                    \
  inline T __##f##rcp_##suffix(T a) { return __##f##div_##suffix(T(1), a); }           \
  inline T __##f##sqrt_##suffix(T a) {                                                 \
    volatile T x = a;                                                                  \
    return simt::detail::rounded<mode>([&] { return T(std::sqrt(T(x))); });            \
  }                                                                                    \
  inline T __fma##d##_##suffix(T a, T b, T c) {                                        \
    volatile T x = a, y = b, z = c;                                                    \
    return simt::detail::rounded<mode>([&] { return T(std::fma(T(x), T(y), T(z))); }); \
  }
SIMT_ROUNDED(rz, FE_TOWARDZERO, float, f, f)
SIMT_ROUNDED(rd, FE_DOWNWARD, float, f, f)
SIMT_ROUNDED(ru, FE_UPWARD, float, f, f)
SIMT_ROUNDED(rz, FE_TOWARDZERO, double, d, )
SIMT_ROUNDED(rd, FE_DOWNWARD, double, d, )
SIMT_ROUNDED(ru, FE_UPWARD, double, d, )
#undef SIMT_ROUNDED
#define SIMT_NEAREST(T, f, d)                           \
  inline T __##f##add_rn(T a, T b) { return a + b; }    \
  inline T __##f##sub_rn(T a, T b) { return a - b; }    \
  inline T __##f##mul_rn(T a, T b) { return a * b; }    \
  inline T __##f##div_rn(T a, T b) { return a / b; }    \
  inline T __##f##rcp_rn(T a) { return T(1) / a; }      \
  inline T __##f##sqrt_rn(T a) { return std::sqrt(a); } \
  inline T __fma##d##_rn(T a, T b, T c) { return std::fma(a, b, c); }
#define __fmaf_ieee_rn __fmaf_rn  // whatever is said of denormal numbers: here they are kept anyway
#define __fmaf_ieee_rz __fmaf_rz
#define __fmaf_ieee_rd __fmaf_rd
#define __fmaf_ieee_ru __fmaf_ru
SIMT_NEAREST(float, f, f)
SIMT_NEAREST(double, d, )
#undef SIMT_NEAREST
// Both halves of a float2 at once.
#define SIMT_PAIRS(suffix)                                                   \
  inline float2 __fadd2_##suffix(float2 a, float2 b) {                       \
    return {__fadd_##suffix(a.x, b.x), __fadd_##suffix(a.y, b.y)};           \
  }                                                                          \
  inline float2 __fmul2_##suffix(float2 a, float2 b) {                       \
    return {__fmul_##suffix(a.x, b.x), __fmul_##suffix(a.y, b.y)};           \
  }                                                                          \
  inline float2 __ffma2_##suffix(float2 a, float2 b, float2 c) {             \
    return {__fmaf_##suffix(a.x, b.x, c.x), __fmaf_##suffix(a.y, b.y, c.y)}; \
  }
SIMT_PAIRS(rn)
SIMT_PAIRS(rz)
SIMT_PAIRS(rd)
SIMT_PAIRS(ru)
#undef SIMT_PAIRS

// Conversions. Out of range they saturate, and NaN gives 0, as a GPU's do.
namespace simt::detail {
template <class Integer, class T>
Integer to_integer(T x) {
  if (std::isnan(x)) return 0;
  constexpr T low = T(std::numeric_limits<Integer>::min());
  const T high = std::ldexp(T(1), std::numeric_limits<Integer>::digits);
  if (x < low) return std::numeric_limits<Integer>::min();
  return x >= high ? std::numeric_limits<Integer>::max() : Integer(x);
}
}  // namespace simt::detail
#define SIMT_TO_INTEGER(From, from, To, to)                                                          \
  inline To __##from##2##to##_rn(From x) { return simt::detail::to_integer<To>(std::nearbyint(x)); } \
  inline To __##from##2##to##_rz(From x) { return simt::detail::to_integer<To>(std::trunc(x)); }     \
  inline To __##from##2##to##_rd(From x) { return simt::detail::to_integer<To>(std::floor(x)); }     \
  inline To __##from##2##to##_ru(From x) { return simt::detail::to_integer<To>(std::ceil(x)); }
SIMT_TO_INTEGER(float, float, int, int)
SIMT_TO_INTEGER(float, float, unsigned, uint)
SIMT_TO_INTEGER(float, float, long long, ll)
SIMT_TO_INTEGER(float, float, unsigned long long, ull)
SIMT_TO_INTEGER(double, double, int, int)
SIMT_TO_INTEGER(double, double, unsigned, uint)
SIMT_TO_INTEGER(double, double, long long, ll)
SIMT_TO_INTEGER(double, double, unsigned long long, ull)
#undef SIMT_TO_INTEGER
#define SIMT_FROM(From, from, To, to)                                   \
  inline To __##from##2##to##_rn(From x) { return To(x); }              \
  inline To __##from##2##to##_rz(From a) {                              \
    volatile From x = a;                                                \
    return simt::detail::rounded<FE_TOWARDZERO>([&] { return To(x); }); \
  }                                                                     \
  inline To __##from##2##to##_rd(From a) {                              \
    volatile From x = a;                                                \
    return simt::detail::rounded<FE_DOWNWARD>([&] { return To(x); });   \
  }                                                                     \
  inline To __##from##2##to##_ru(From a) {                              \
    volatile From x = a;                                                \
    return simt::detail::rounded<FE_UPWARD>([&] { return To(x); });     \
  }
SIMT_FROM(int, int, float, float)
SIMT_FROM(unsigned, uint, float, float)
SIMT_FROM(long long, ll, float, float)
SIMT_FROM(unsigned long long, ull, float, float)
SIMT_FROM(long long, ll, double, double)
SIMT_FROM(unsigned long long, ull, double, double)
SIMT_FROM(double, double, float, float)
#undef SIMT_FROM
inline double __int2double_rn(int x) { return x; }
inline double __uint2double_rn(unsigned x) { return x; }
