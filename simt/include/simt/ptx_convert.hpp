// PTX between types: conversions, and arithmetic on halves, which is done in double precision and then
// rounded.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include "simt/ptx_operands.hpp"
#include "simt/ptx_real.hpp"

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
#define SIMT_PTX_HALF(type, R, Half)                                                             \
  SIMT_PTX_HALF_2(add, type, R, Half, x + y)                                                     \
  SIMT_PTX_HALF_2(add_rn, type, R, Half, x + y)                                                  \
  SIMT_PTX_HALF_2(sub, type, R, Half, x - y)                                                     \
  SIMT_PTX_HALF_2(sub_rn, type, R, Half, x - y)                                                  \
  SIMT_PTX_HALF_2(mul, type, R, Half, x* y)                                                      \
  SIMT_PTX_HALF_2(mul_rn, type, R, Half, x* y)                                                   \
  SIMT_PTX_HALF_2(min, type, R, Half, std::fmin(x, y))                                           \
  SIMT_PTX_HALF_2(max, type, R, Half, std::fmax(x, y))                                           \
  SIMT_PTX_HALF_2(min_NaN, type, R, Half, detail::min_nan(x, y))                                 \
  SIMT_PTX_HALF_2(max_NaN, type, R, Half, detail::max_nan(x, y))                                 \
  SIMT_PTX_HALF_1(ex2_approx, type, R, Half, std::exp2(x))                                       \
  SIMT_PTX_HALF_1(tanh_approx, type, R, Half, std::tanh(x))                                      \
  SIMT_PTX_HALF_1(neg, type, R, Half, -x)                                                        \
  SIMT_PTX_HALF_1(abs, type, R, Half, std::fabs(x))                                              \
  inline void fma_rn_##type(R& d, R a, R b, R c) {                                               \
    detail::each_half<Half>(                                                                     \
        d, [](double x, double y, double z) { return x * y + z; }, a, b, c);                     \
  }                                                                                              \
  inline void fma_rn_relu_##type(R& d, R a, R b, R c) {                                          \
    detail::each_half<Half>(                                                                     \
        d, [](double x, double y, double z) { return x * y + z < 0 ? 0 : x * y + z; }, a, b, c); \
  }
SIMT_PTX_HALF(f16, b16, __half)
SIMT_PTX_HALF(bf16, b16, __nv_bfloat16)
SIMT_PTX_HALF(f16x2, b32, __half)
SIMT_PTX_HALF(bf16x2, b32, __nv_bfloat16)
#undef SIMT_PTX_HALF
#undef SIMT_PTX_HALF_1
#undef SIMT_PTX_HALF_2

// Comparisons of halves: of a pair, one predicate each.
#define SIMT_PTX_HALF_COMPARISON(name, expression, type, Half)                     \
  inline void setp_##name##_##type(bool& p, b16 a, b16 b) {                        \
    const double x = detail::widened<Half>(a), y = detail::widened<Half>(b);       \
    p = expression;                                                                \
  }                                                                                \
  inline void setp_##name##_##type##x2(bool& p, bool& q, b32 a, b32 b) {           \
    setp_##name##_##type(p, static_cast<b16>(a), static_cast<b16>(b));             \
    setp_##name##_##type(q, static_cast<b16>(a >> 16), static_cast<b16>(b >> 16)); \
  }
#define SIMT_PTX_HALF_COMPARISONS(type, Half)                  \
  SIMT_PTX_HALF_COMPARISON(eq, x == y, type, Half)             \
  SIMT_PTX_HALF_COMPARISON(ne, x<y || x> y, type, Half)        \
  SIMT_PTX_HALF_COMPARISON(lt, x < y, type, Half)              \
  SIMT_PTX_HALF_COMPARISON(le, x <= y, type, Half)             \
  SIMT_PTX_HALF_COMPARISON(gt, x > y, type, Half)              \
  SIMT_PTX_HALF_COMPARISON(ge, x >= y, type, Half)             \
  SIMT_PTX_HALF_COMPARISON(equ, !(x < y || x > y), type, Half) \
  SIMT_PTX_HALF_COMPARISON(neu, x != y, type, Half)            \
  SIMT_PTX_HALF_COMPARISON(ltu, !(x >= y), type, Half)         \
  SIMT_PTX_HALF_COMPARISON(leu, !(x > y), type, Half)          \
  SIMT_PTX_HALF_COMPARISON(gtu, !(x <= y), type, Half)         \
  SIMT_PTX_HALF_COMPARISON(geu, !(x < y), type, Half)
SIMT_PTX_HALF_COMPARISONS(f16, __half)
SIMT_PTX_HALF_COMPARISONS(bf16, __nv_bfloat16)
#undef SIMT_PTX_HALF_COMPARISONS
#undef SIMT_PTX_HALF_COMPARISON

// cvt. Its words come as they stand: rounding, saturation, the type made and the type read.

struct Type {
  bool real = false, is_signed = false, brain = false;  // of 8 bits: e5m2
  unsigned bits = 0, lanes = 1;
};
/// No bits: the word is no type that a cvt takes here.
consteval Type type_named(std::string_view word) {
  if (word == "f16x2" || word == "bf16x2") return {true, true, word[0] == 'b', 16, 2};
  if (word == "e4m3x2" || word == "e5m2x2") return {true, true, word[1] == '5', 8, 2};
  if (word == "f16" || word == "bf16") return {true, true, word[0] == 'b', 16};
  if (word == "f32" || word == "f64") return {true, true, false, word == "f32" ? 32u : 64u};
  if (word == "tf32") return {true, true, false, 19};
  for (unsigned bits : {8u, 16u, 32u, 64u}) {
    const char digits[] = {char('0' + bits / 10), char('0' + bits % 10)};
    if (word.size() >= 2 && word.substr(1) == std::string_view(digits + (bits == 8), bits == 8 ? 1 : 2) &&
        (word[0] == 's' || word[0] == 'u'))
      return {false, word[0] == 's', false, bits};
  }
  return {};
}

struct Conversion {
  Type to, from;
  char rounding = 0;  // the letter behind r: n, z, m (down), p (up), a (ties away from zero)
  bool whole = false, saturate = false, finite = false, relu = false, pack = false, known = true;
  constexpr bool halves() const { return to.lanes == 2 && to.bits == 16 && from.lanes == 1; }
};
consteval Conversion conversion_named(std::string_view words) {
  Conversion c;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find('.'));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    const bool rounds = word.size() >= 2 && word[0] == 'r' && word != "relu";
    if (rounds && word.size() <= 3)
      c.rounding = word == "rna" ? 'a' : word[1], c.whole = word.size() == 3 && word[2] == 'i';
    else if (word == "sat")
      c.saturate = true;
    else if (word == "satfinite")
      c.finite = true;
    else if (word == "relu")
      c.relu = true;
    else if (word == "pack")
      c.pack = true;
    else if (Type type = type_named(word); type.bits)
      (c.to.bits ? c.from : c.to) = type;
    else if (word != "ftz" && !(c.pack && word == "b32"))
      c.known = false;
  }
  c.known = c.known && c.to.bits && c.from.bits;
  return c;
}

namespace detail {
template <Type t>
auto number() {
  if constexpr (t.real)
    return std::conditional_t<t.bits == 64, f64, f32>();
  else if constexpr (t.bits == 8)
    return std::conditional_t<t.is_signed, std::int8_t, std::uint8_t>();
  else if constexpr (t.bits == 16)
    return std::conditional_t<t.is_signed, std::int16_t, std::uint16_t>();
  else if constexpr (t.bits == 32)
    return std::conditional_t<t.is_signed, std::int32_t, std::uint32_t>();
  else
    return std::conditional_t<t.is_signed, std::int64_t, std::uint64_t>();
}
template <Type t>
using Half = std::conditional_t<t.brain, __nv_bfloat16, __half>;

template <class T>
T whole(T a, char rounding) {
  return rounding == 'z'   ? std::trunc(a)
         : rounding == 'm' ? std::floor(a)
         : rounding == 'p' ? std::ceil(a)
                           : std::nearbyint(a);
}
/// What is nearest to x, moved by one unit in the last place if it lies on the wrong side of x.
template <class Bits>
Bits directed(Bits nearest, long double value, long double x, char rounding) {
  const bool down = rounding == 'm' || (rounding == 'z' && x > 0),
             up = rounding == 'p' || (rounding == 'z' && x < 0);
  const Bits sign = Bits(Bits{1} << (8 * sizeof(Bits) - 1));
  if (down && value > x)
    return nearest & sign ? Bits(nearest + 1) : nearest ? Bits(nearest - 1) : Bits(sign | 1);
  if (up && value < x)
    return nearest & sign ? nearest == sign ? Bits(1) : Bits(nearest - 1) : Bits(nearest + 1);
  return nearest;
}

/// The real number of type `to` for x, as the bits of a half or as a float or double.
template <Conversion c, class T>
auto real_from(T x) {
  if constexpr (std::is_floating_point_v<T>) {
    if (c.saturate) x = x > 0 ? x < 1 ? x : 1 : 0;
    if (c.relu && x < 0) x = 0;
    if (c.whole) x = whole(x, c.rounding);
  }
  constexpr bool exact = c.rounding == 0 || c.rounding == 'n' || c.whole;
  if constexpr (c.to.bits == 16) {
    const b16 nearest = rounded<Half<c.to>>(static_cast<double>(x));
    return exact ? nearest : directed(nearest, widened<Half<c.to>>(nearest), x, c.rounding);
  } else {
    using Real = decltype(number<c.to>());
    using Bits = std::conditional_t<sizeof(Real) == 4, b32, b64>;
    const Real nearest = static_cast<Real>(x);
    const Real result =
        exact ? nearest : std::bit_cast<Real>(directed(std::bit_cast<Bits>(nearest), nearest, x, c.rounding));
    return std::is_floating_point_v<T> || !c.saturate ? result
           : result > 0                               ? result < 1 ? result : Real{1}
                                                      : Real{0};
  }
}
template <Conversion c, class T>
auto integer_from(T x) {
  using To = decltype(number<c.to>());
  if constexpr (std::is_floating_point_v<T>)
    return saturated<To>(whole(x, c.rounding));
  else if constexpr (c.saturate)
    return std::in_range<To>(x)  ? static_cast<To>(x)
           : std::cmp_less(x, 0) ? std::numeric_limits<To>::min()
                                 : std::numeric_limits<To>::max();
  else
    return static_cast<To>(x);
}
}  // namespace detail

template <Words words, Conversion c = conversion_named(words.text)>
requires(c.known&& c.to.lanes == 1 && c.from.lanes == 1 && c.to.bits != 19 && !c.pack &&
         !c.finite) void cvt(auto& d, auto a) {
  const auto x = [a] {
    if constexpr (c.from.real && c.from.bits == 16)
      return static_cast<f32>(detail::widened<detail::Half<c.from>>(a));
    else
      return static_cast<decltype(detail::number<c.from>())>(a);
  }();
  if constexpr (c.to.real)
    d = detail::real_from<c>(x);
  else
    d = static_cast<std::remove_reference_t<decltype(d)>>(detail::integer_from<c>(x));
}
template <Words words, Conversion c = conversion_named(words.text)>
requires(c.known&& c.halves() && !c.finite) void cvt(b32& d, f32 high, f32 low) {
  d = detail::real_from<c>(low) | b32{detail::real_from<c>(high)} << 16;
}
/// tf32: 10 bits of mantissa, ties away from zero; the result stands in the upper bits of a float.
template <Words words, Conversion c = conversion_named(words.text)>
requires(c.known&& c.to.bits == 19 && c.rounding == 'a') void cvt(b32& d, f32 a) {
  const b32 bits = std::bit_cast<b32>(a);
  d = (bits & 0x7f800000u) == 0x7f800000u ? bits : (bits + 0x1000u) & ~0x1fffu;
}
/// cvt.pack: b in the lowest bits, then a, then what fits of c.
template <Words words, Conversion c = conversion_named(words.text)>
requires(c.known&& c.pack) void cvt(b32& d, b32 a, b32 b, b32 rest = 0) {
  const auto part = [](b32 x) {
    return static_cast<std::make_unsigned_t<decltype(detail::number<c.to>())>>(
        detail::integer_from<c>(static_cast<std::int32_t>(x)));
  };
  d = part(b) | b32{part(a)} << c.to.bits | (c.to.bits == 8 ? rest << 16 : 0);
}

// Pairs of 8-bit numbers, which saturate to what is finite: from floats, from halves, and to halves.
namespace detail {
template <Conversion c>
constexpr __nv_fp8_interpretation_t kind_of_8 = (c.to.bits == 8 ? c.to : c.from).brain ? __NV_E5M2
                                                                                       : __NV_E4M3;
constexpr bool to_pair_of_8(const Conversion& c) {
  return c.known && c.to.bits == 8 && c.to.lanes == 2 && c.finite && c.rounding == 'n';
}
}  // namespace detail
template <Words words, Conversion c = conversion_named(words.text)>
requires(detail::to_pair_of_8(c) && c.from.bits == 32 && c.from.real) void cvt(b16& d, f32 high, f32 low) {
  const auto positive = [](f32 x) { return c.relu && x < 0 ? 0.0f : x; };
  d = __nv_cvt_float2_to_fp8x2({positive(low), positive(high)}, __NV_SATFINITE, detail::kind_of_8<c>);
}
template <Words words, Conversion c = conversion_named(words.text)>
requires(detail::to_pair_of_8(c) && c.from.bits == 16 && c.from.lanes == 2 && !c.from.brain) void cvt(b16& d,
                                                                                                      b32 a) {
  const auto widened = [](b16 x) { return static_cast<f32>(detail::widened<__half>(x)); };
  f32 low = widened(static_cast<b16>(a)), high = widened(static_cast<b16>(a >> 16));
  if (c.relu) low = low < 0 ? 0 : low, high = high < 0 ? 0 : high;
  d = __nv_cvt_float2_to_fp8x2({low, high}, __NV_SATFINITE, detail::kind_of_8<c>);
}
template <Words words, Conversion c = conversion_named(words.text)>
requires(c.known&& c.from.bits == 8 && c.from.lanes == 2 && c.to.bits == 16 && c.to.lanes == 2 &&
         !c.to.brain) void cvt(b32& d, b16 a) {
  const auto half = [](unsigned x) {
    const b16 bits = __nv_cvt_fp8_to_halfraw(static_cast<__nv_fp8_storage_t>(x), detail::kind_of_8<c>).x;
    return c.relu && detail::widened<__half>(bits) < 0 ? b16{0} : bits;
  };
  d = half(a & 255u) | b32{half(a >> 8u)} << 16;
}

}  // namespace simt::ptx
