// PTX arithmetic on real numbers: f32 and f64.
#pragma once

#include <bit>
#include <cmath>

#include "simt/math.hpp"
#include "simt/ptx_operands.hpp"

namespace simt::ptx {

namespace detail {
inline auto min_nan(auto a, auto b) { return a != a ? a : b != b ? b : std::fmin(a, b); }
inline auto max_nan(auto a, auto b) { return a != a ? a : b != b ? b : std::fmax(a, b); }
inline auto unit(auto a) { return a > 0 ? a < 1 ? a : decltype(a){1} : decltype(a){0}; }  // NaN: 0
}  // namespace detail

#define SIMT_PTX_REAL(type, R)                                              \
  inline void add_##type(R& d, R a, R b) { d = a + b; }                     \
  inline void add_rn_##type(R& d, R a, R b) { d = a + b; }                  \
  inline void sub_##type(R& d, R a, R b) { d = a - b; }                     \
  inline void sub_rn_##type(R& d, R a, R b) { d = a - b; }                  \
  inline void mul_##type(R& d, R a, R b) { d = a * b; }                     \
  inline void mul_rn_##type(R& d, R a, R b) { d = a * b; }                  \
  inline void fma_rn_##type(R& d, R a, R b, R c) { d = std::fma(a, b, c); } \
  inline void mad_rn_##type(R& d, R a, R b, R c) { d = std::fma(a, b, c); } \
  inline void div_rn_##type(R& d, R a, R b) { d = a / b; }                  \
  inline void rcp_rn_##type(R& d, R a) { d = 1 / a; }                       \
  inline void sqrt_rn_##type(R& d, R a) { d = std::sqrt(a); }               \
  inline void min_##type(R& d, R a, R b) { d = std::fmin(a, b); }           \
  inline void max_##type(R& d, R a, R b) { d = std::fmax(a, b); }           \
  inline void min_NaN_##type(R& d, R a, R b) { d = detail::min_nan(a, b); } \
  inline void max_NaN_##type(R& d, R a, R b) { d = detail::max_nan(a, b); } \
  inline void neg_##type(R& d, R a) { d = -a; }                             \
  inline void abs_##type(R& d, R a) { d = std::fabs(a); }
SIMT_PTX_REAL(f32, f32)
SIMT_PTX_REAL(f64, f64)
#undef SIMT_PTX_REAL

// The approximations of the GPU, computed exactly rounded.
#define SIMT_PTX_APPROXIMATE(name, expression) \
  inline void name##_approx_f32(f32& d, f32 a) { d = expression; }
SIMT_PTX_APPROXIMATE(rcp, 1 / a)
SIMT_PTX_APPROXIMATE(sqrt, std::sqrt(a))
SIMT_PTX_APPROXIMATE(rsqrt, static_cast<f32>(1 / std::sqrt(static_cast<double>(a))))
SIMT_PTX_APPROXIMATE(ex2, std::exp2(a))
SIMT_PTX_APPROXIMATE(lg2, std::log2(a))
SIMT_PTX_APPROXIMATE(sin, std::sin(a))
SIMT_PTX_APPROXIMATE(cos, std::cos(a))
#undef SIMT_PTX_APPROXIMATE
inline void rcp_approx_f64(f64& d, f64 a) { d = 1 / a; }
inline void rsqrt_approx_f64(f64& d, f64 a) { d = 1 / std::sqrt(a); }
inline void tanh_approx_f32(f32& d, f32 a) { d = std::tanh(a); }
inline void div_approx_f32(f32& d, f32 a, f32 b) { d = a / b; }
inline void div_full_f32(f32& d, f32 a, f32 b) { d = a / b; }

// Rounded to zero, down or up.
#define SIMT_PTX_DIRECTED(mode, way)                                                       \
  inline void add_##mode##_f32(f32& d, f32 a, f32 b) { d = __fadd_##way(a, b); }           \
  inline void sub_##mode##_f32(f32& d, f32 a, f32 b) { d = __fsub_##way(a, b); }           \
  inline void mul_##mode##_f32(f32& d, f32 a, f32 b) { d = __fmul_##way(a, b); }           \
  inline void div_##mode##_f32(f32& d, f32 a, f32 b) { d = __fdiv_##way(a, b); }           \
  inline void fma_##mode##_f32(f32& d, f32 a, f32 b, f32 c) { d = __fmaf_##way(a, b, c); } \
  inline void rcp_##mode##_f32(f32& d, f32 a) { d = __frcp_##way(a); }                     \
  inline void sqrt_##mode##_f32(f32& d, f32 a) { d = __fsqrt_##way(a); }                   \
  inline void add_##mode##_f64(f64& d, f64 a, f64 b) { d = __dadd_##way(a, b); }           \
  inline void sub_##mode##_f64(f64& d, f64 a, f64 b) { d = __dsub_##way(a, b); }           \
  inline void mul_##mode##_f64(f64& d, f64 a, f64 b) { d = __dmul_##way(a, b); }           \
  inline void div_##mode##_f64(f64& d, f64 a, f64 b) { d = __ddiv_##way(a, b); }           \
  inline void fma_##mode##_f64(f64& d, f64 a, f64 b, f64 c) { d = __fma_##way(a, b, c); }
SIMT_PTX_DIRECTED(rz, rz)
SIMT_PTX_DIRECTED(rm, rd)
SIMT_PTX_DIRECTED(rp, ru)
#undef SIMT_PTX_DIRECTED

// Clamped to [0, 1].
inline void add_sat_f32(f32& d, f32 a, f32 b) { d = detail::unit(a + b); }
inline void sub_sat_f32(f32& d, f32 a, f32 b) { d = detail::unit(a - b); }
inline void mul_sat_f32(f32& d, f32 a, f32 b) { d = detail::unit(a * b); }
inline void fma_rn_sat_f32(f32& d, f32 a, f32 b, f32 c) { d = detail::unit(std::fma(a, b, c)); }

// The smaller or larger magnitude, with the product's sign.
inline void min_xorsign_abs_f32(f32& d, f32 a, f32 b) {
  d = std::copysign(std::fmin(std::fabs(a), std::fabs(b)), std::signbit(a) == std::signbit(b) ? 1.0f : -1.0f);
}
inline void max_xorsign_abs_f32(f32& d, f32 a, f32 b) {
  d = std::copysign(std::fmax(std::fabs(a), std::fabs(b)), std::signbit(a) == std::signbit(b) ? 1.0f : -1.0f);
}

#define SIMT_PTX_TEST(name, expression)                              \
  inline void testp_##name##_f32(bool& p, f32 a) { p = expression; } \
  inline void testp_##name##_f64(bool& p, f64 a) { p = expression; }
SIMT_PTX_TEST(finite, std::isfinite(a))
SIMT_PTX_TEST(infinite, std::isinf(a))
SIMT_PTX_TEST(number, a == a)
SIMT_PTX_TEST(notanumber, a != a)
SIMT_PTX_TEST(normal, std::isnormal(a) || a == 0)
SIMT_PTX_TEST(subnormal, std::fpclassify(a) == FP_SUBNORMAL)
#undef SIMT_PTX_TEST

}  // namespace simt::ptx
