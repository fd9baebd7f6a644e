#pragma once
// What cuda_fp16.h and cuda_bf16.h declare for nvcc alone. Arithmetic is rounded once, to nearest even;
// functions are computed in double and rounded.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <bit>
#include <cmath>

#include "simt/atomics.hpp"
#include "simt/math.hpp"

namespace simt::detail {

/// a * b + c for operands of at most 24 bits, so that rounding the result again to fewer than 51 bits is as
/// good as rounding the exact value: rounded to odd.
inline double fma_to_odd(double a, double b, double c) {
  double product = a * b;  // exact
  double sum = product + c;
  double part = sum - product, error = (product - (sum - part)) + (c - part);
  if (error != 0 && std::isfinite(sum) && (std::bit_cast<std::uint64_t>(sum) & 1) == 0)
    sum = std::nextafter(sum, error > 0 ? INFINITY : -INFINITY);
  return sum;
}
/// max(x, 0), and NaN stays NaN.
template <class T>
T relu(T x) {
  return float(x) < 0 ? T(0.0f) : x;
}
template <class T>
T saturate(T x) {
  float f = float(x);
  return f > 0 ? (f < 1 ? x : T(1.0f)) : T(0.0f);
}

}  // namespace simt::detail

// H, H2: the type and its pair; of(double): rounds.
#define SIMT_HALF_FUNCTION(H, H2, of, name, expression) \
  inline H h##name(H a) {                               \
    [[maybe_unused]] double x = double(float(a));       \
    return of(expression);                              \
  }                                                     \
  inline H2 h2##name(H2 a) { return H2(h##name(a.x), h##name(a.y)); }
#define SIMT_HALF(H, H2, of, to)                                                                   \
  inline H __hfma(H a, H b, H c) {                                                                 \
    return of(simt::detail::fma_to_odd(double(float(a)), double(float(b)), double(float(c))));     \
  }                                                                                                \
  inline H __hfma_sat(H a, H b, H c) { return simt::detail::saturate(__hfma(a, b, c)); }           \
  inline H __hfma_relu(H a, H b, H c) { return simt::detail::relu(__hfma(a, b, c)); }              \
  inline H2 __hfma2(H2 a, H2 b, H2 c) { return H2(__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)); } \
  inline H2 __hfma2_sat(H2 a, H2 b, H2 c) {                                                        \
    return H2(__hfma_sat(a.x, b.x, c.x), __hfma_sat(a.y, b.y, c.y));                               \
  }                                                                                                \
  inline H2 __hfma2_relu(H2 a, H2 b, H2 c) {                                                       \
    return H2(__hfma_relu(a.x, b.x, c.x), __hfma_relu(a.y, b.y, c.y));                             \
  }                                                                                                \
  inline H2 __hcmadd(H2 a, H2 b, H2 c) {                                                           \
    H minus = __hneg(a.y);                                                                         \
    return H2(__hfma(minus, b.y, __hfma(a.x, b.x, c.x)), __hfma(a.y, b.x, __hfma(a.x, b.y, c.y))); \
  }                                                                                                \
  SIMT_HALF_FUNCTION(H, H2, of, ceil, std::ceil(x))                                                \
  SIMT_HALF_FUNCTION(H, H2, of, floor, std::floor(x))                                              \
  SIMT_HALF_FUNCTION(H, H2, of, trunc, std::trunc(x))                                              \
  SIMT_HALF_FUNCTION(H, H2, of, rint, std::nearbyint(x))                                           \
  SIMT_HALF_FUNCTION(H, H2, of, sqrt, std::sqrt(x))                                                \
  SIMT_HALF_FUNCTION(H, H2, of, rsqrt, 1 / std::sqrt(x))                                           \
  SIMT_HALF_FUNCTION(H, H2, of, rcp, 1 / x)                                                        \
  SIMT_HALF_FUNCTION(H, H2, of, exp, std::exp(x))                                                  \
  SIMT_HALF_FUNCTION(H, H2, of, exp2, std::exp2(x))                                                \
  SIMT_HALF_FUNCTION(H, H2, of, exp10, std::pow(10.0, x))                                          \
  SIMT_HALF_FUNCTION(H, H2, of, log, std::log(x))                                                  \
  SIMT_HALF_FUNCTION(H, H2, of, log2, std::log2(x))                                                \
  SIMT_HALF_FUNCTION(H, H2, of, log10, std::log10(x))                                              \
  SIMT_HALF_FUNCTION(H, H2, of, sin, std::sin(x))                                                  \
  SIMT_HALF_FUNCTION(H, H2, of, cos, std::cos(x))                                                  \
  SIMT_HALF_FUNCTION(H, H2, of, tanh, std::tanh(x))                                                \
  SIMT_HALF_FUNCTION(H, H2, of, tanh_approx, std::tanh(x))                                         \
  SIMT_HALF_TO_INTEGER(H, to, int, int)                                                            \
  SIMT_HALF_TO_INTEGER(H, to, unsigned, uint)                                                      \
  SIMT_HALF_TO_INTEGER(H, to, short, short)                                                        \
  SIMT_HALF_TO_INTEGER(H, to, unsigned short, ushort)                                              \
  SIMT_HALF_TO_INTEGER(H, to, long long, ll)                                                       \
  SIMT_HALF_TO_INTEGER(H, to, unsigned long long, ull)                                             \
  inline H atomicAdd(H* address, H value) {                                                        \
    return simt::detail::atomic_update(address, [value](H old) { return __hadd(old, value); });    \
  }                                                                                                \
  inline H2 atomicAdd(H2* address, H2 value) { /* each half is atomic by itself */                 \
    return simt::detail::atomic_update(address, [value](H2 old) { return __hadd2(old, value); });  \
  }
#define SIMT_HALF_TO_INTEGER(H, from, To, to)                                                            \
  inline To __##from##2##to##_rn(H x) { return simt::detail::to_integer<To>(std::nearbyint(float(x))); } \
  inline To __##from##2##to##_rd(H x) { return simt::detail::to_integer<To>(std::floor(float(x))); }     \
  inline To __##from##2##to##_ru(H x) { return simt::detail::to_integer<To>(std::ceil(float(x))); }
SIMT_HALF(__half, __half2, __double2half, half)
SIMT_HALF(__nv_bfloat16, __nv_bfloat162, __double2bfloat16, bfloat16)
#undef SIMT_HALF_TO_INTEGER
#undef SIMT_HALF
#undef SIMT_HALF_FUNCTION

// Two roundings the same way are one.
#define SIMT_BFLOAT16_FROM(From, from, suffix)                      \
  inline __nv_bfloat16 __##from##2bfloat16_##suffix(From x) {       \
    return __float2bfloat16_##suffix(__##from##2float_##suffix(x)); \
  }
#define SIMT_BFLOAT16_FROM_SHORT(From, from, suffix) \
  inline __nv_bfloat16 __##from##2bfloat16_##suffix(From x) { return __float2bfloat16_##suffix(x); }
#define SIMT_BFLOAT16_FROM_ALL(suffix)                \
  SIMT_BFLOAT16_FROM(int, int, suffix)                \
  SIMT_BFLOAT16_FROM(unsigned, uint, suffix)          \
  SIMT_BFLOAT16_FROM(long long, ll, suffix)           \
  SIMT_BFLOAT16_FROM(unsigned long long, ull, suffix) \
  SIMT_BFLOAT16_FROM_SHORT(short, short, suffix)      \
  SIMT_BFLOAT16_FROM_SHORT(unsigned short, ushort, suffix)
SIMT_BFLOAT16_FROM_ALL(rz)
SIMT_BFLOAT16_FROM_ALL(rd)
SIMT_BFLOAT16_FROM_ALL(ru)
#undef SIMT_BFLOAT16_FROM_ALL
#undef SIMT_BFLOAT16_FROM_SHORT
#undef SIMT_BFLOAT16_FROM

// Whole vectors, each component atomic by itself.
inline float2 atomicAdd(float2* address, float2 value) {
  return {atomicAdd(&address->x, value.x), atomicAdd(&address->y, value.y)};
}
inline float4 atomicAdd(float4* address, float4 value) {
  return {atomicAdd(&address->x, value.x), atomicAdd(&address->y, value.y), atomicAdd(&address->z, value.z),
          atomicAdd(&address->w, value.w)};
}
