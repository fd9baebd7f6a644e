// PTX between types: conversions, and arithmetic on halves, which is done in double precision and then
// rounded.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "simt/ptx_operands.hpp"

namespace simt::ptx {

namespace detail {
/// Out of range: the nearest that there is; NaN: 0.
template <class To, class From>
To saturated(From a) {
  constexpr From above = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;  // exact
  if (a != a) return 0;
  if (a >= above) return std::numeric_limits<To>::max();
  return a <= static_cast<From>(std::numeric_limits<To>::min()) ? std::numeric_limits<To>::min()
                                                                : static_cast<To>(a);
}
template <class Half>
double widened(b16 bits) {
  if constexpr (std::is_same_v<Half, __half>)
    return __half2float(std::bit_cast<__half>(bits));
  else
    return __bfloat162float(std::bit_cast<__nv_bfloat16>(bits));
}
template <class Half>
b16 rounded(double x) {
  if constexpr (std::is_same_v<Half, __half>)
    return std::bit_cast<b16>(__double2half(x));
  else
    return std::bit_cast<b16>(__double2bfloat16(x));
}
template <class Half, class F, class... A>
void each_half(b16& d, F f, A... a) {
  d = rounded<Half>(f(widened<Half>(a)...));
}
template <class Half, class F, class... A>
void each_half(b32& d, F f, A... a) {
  b16 low, high;
  each_half<Half>(low, f, static_cast<b16>(a)...);
  each_half<Half>(high, f, static_cast<b16>(a >> 16)...);
  d = low | b32{high} << 16;
}
}  // namespace detail

#define SIMT_PTX_HALF_2(name, type, R, Half, expression)         \
  inline void name##_##type(R& d, R a, R b) {                    \
    detail::each_half<Half>(                                     \
        d, [](double x, double y) { return expression; }, a, b); \
  }
#define SIMT_PTX_HALF_1(name, type, R, Half, expression) \
  inline void name##_##type(R& d, R a) {                 \
    detail::each_half<Half>(                             \
        d, [](double x) { return expression; }, a);      \
  }
#define SIMT_PTX_HALF(type, R, Half)                                         \
  SIMT_PTX_HALF_2(add, type, R, Half, x + y)                                 \
  SIMT_PTX_HALF_2(add_rn, type, R, Half, x + y)                              \
  SIMT_PTX_HALF_2(sub, type, R, Half, x - y)                                 \
  SIMT_PTX_HALF_2(sub_rn, type, R, Half, x - y)                              \
  SIMT_PTX_HALF_2(mul, type, R, Half, x* y)                                  \
  SIMT_PTX_HALF_2(mul_rn, type, R, Half, x* y)                               \
  SIMT_PTX_HALF_2(min, type, R, Half, std::fmin(x, y))                       \
  SIMT_PTX_HALF_2(max, type, R, Half, std::fmax(x, y))                       \
  SIMT_PTX_HALF_1(neg, type, R, Half, -x)                                    \
  SIMT_PTX_HALF_1(abs, type, R, Half, std::fabs(x))                          \
  inline void fma_rn_##type(R& d, R a, R b, R c) {                           \
    detail::each_half<Half>(                                                 \
        d, [](double x, double y, double z) { return x * y + z; }, a, b, c); \
  }
SIMT_PTX_HALF(f16, b16, __half)
SIMT_PTX_HALF(bf16, b16, __nv_bfloat16)
SIMT_PTX_HALF(f16x2, b32, __half)
SIMT_PTX_HALF(bf16x2, b32, __nv_bfloat16)
#undef SIMT_PTX_HALF
#undef SIMT_PTX_HALF_1
#undef SIMT_PTX_HALF_2

#define SIMT_PTX_HALF_CONVERSIONS(type, Half)                                                   \
  inline void cvt_rn_##type##_f32(b16& d, f32 a) { d = detail::rounded<Half>(a); }              \
  inline void cvt_f32_##type(f32& d, b16 a) { d = static_cast<f32>(detail::widened<Half>(a)); } \
  inline void cvt_rn_##type##x2_f32(b32& d, f32 high, f32 low) {                                \
    d = detail::rounded<Half>(low) | b32{detail::rounded<Half>(high)} << 16;                    \
  }
SIMT_PTX_HALF_CONVERSIONS(f16, __half)
SIMT_PTX_HALF_CONVERSIONS(bf16, __nv_bfloat16)
#undef SIMT_PTX_HALF_CONVERSIONS

// From a real number to a whole one, as a number of either sort, by the four ways to round.
#define SIMT_PTX_ROUND(mode, function, real)                                                                 \
  inline void cvt_##mode##_##real##_##real(real& d, real a) { d = function(a); }                             \
  inline void cvt_##mode##_s32_##real(b32& d, real a) {                                                      \
    d = static_cast<b32>(detail::saturated<std::int32_t>(function(a)));                                      \
  }                                                                                                          \
  inline void cvt_##mode##_u32_##real(b32& d, real a) { d = detail::saturated<std::uint32_t>(function(a)); } \
  inline void cvt_##mode##_s64_##real(b64& d, real a) {                                                      \
    d = static_cast<b64>(detail::saturated<std::int64_t>(function(a)));                                      \
  }                                                                                                          \
  inline void cvt_##mode##_u64_##real(b64& d, real a) { d = detail::saturated<std::uint64_t>(function(a)); }
#define SIMT_PTX_ROUNDINGS(real)            \
  SIMT_PTX_ROUND(rni, std::nearbyint, real) \
  SIMT_PTX_ROUND(rzi, std::trunc, real)     \
  SIMT_PTX_ROUND(rmi, std::floor, real)     \
  SIMT_PTX_ROUND(rpi, std::ceil, real)      \
  inline void cvt_sat_##real##_##real(real& d, real a) { d = a > 0 ? a < 1 ? a : 1 : 0; }
SIMT_PTX_ROUNDINGS(f32)
SIMT_PTX_ROUNDINGS(f64)
#undef SIMT_PTX_ROUNDINGS
#undef SIMT_PTX_ROUND

#define SIMT_PTX_WHOLE(to, from, R, Q, T) \
  inline void cvt_##to##_##from(R& d, Q a) { d = static_cast<R>(static_cast<T>(a)); }
SIMT_PTX_WHOLE(rn_f32, s64, f32, b64, std::int64_t)
SIMT_PTX_WHOLE(rn_f32, u64, f32, b64, std::uint64_t)
SIMT_PTX_WHOLE(rn_f64, s32, f64, b32, std::int32_t)
SIMT_PTX_WHOLE(rn_f64, u32, f64, b32, std::uint32_t)
SIMT_PTX_WHOLE(rn_f64, s64, f64, b64, std::int64_t)
SIMT_PTX_WHOLE(rn_f64, u64, f64, b64, std::uint64_t)
SIMT_PTX_WHOLE(s32, s16, b32, b16, std::int16_t)
SIMT_PTX_WHOLE(s16, s32, b16, b32, std::int16_t)
SIMT_PTX_WHOLE(s32, s64, b32, b64, std::int32_t)
SIMT_PTX_WHOLE(u16, u64, b16, b64, std::uint16_t)
SIMT_PTX_WHOLE(u64, u16, b64, b16, std::uint16_t)
#undef SIMT_PTX_WHOLE
inline void cvt_s32_s8(b32& d, auto a) { d = static_cast<b32>(static_cast<std::int8_t>(a)); }
inline void cvt_u8_u32(auto& d, b32 a) { d = static_cast<std::uint8_t>(a); }
inline void cvt_s8_s32(auto& d, b32 a) {
  d = static_cast<std::remove_reference_t<decltype(d)>>(static_cast<std::int8_t>(a));
}

}  // namespace simt::ptx
