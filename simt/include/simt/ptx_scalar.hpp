// PTX instructions that work on one thread's registers. Names and operands as in simt/rewrite/ptx.hpp;
// meanings as in the PTX manual.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>

#include "simt/ptx_operands.hpp"

namespace simt::ptx {

// The C++ type that each PTX type computes in, and the register that holds it.
// X(PTX type, computed in, register)
#define SIMT_PTX_INTEGERS(X) \
  X(u16, std::uint16_t, b16) \
  X(s16, std::int16_t, b16)  \
  X(u32, std::uint32_t, b32) \
  X(s32, std::int32_t, b32)  \
  X(u64, std::uint64_t, b64) \
  X(s64, std::int64_t, b64)
#define SIMT_PTX_BITS(X) X(b16, b16, b16) X(b32, b32, b32) X(b64, b64, b64)
#define SIMT_PTX_FLOATS(X) X(f32, float, f32) X(f64, double, f64)

namespace detail {
template <class T>
constexpr T shifted_left(T a, b32 by) {
  return by < sizeof(T) * 8 ? static_cast<T>(a << by) : T{0};
}
template <class T>
constexpr T shifted_right(T a, b32 by) {
  constexpr b32 bits = sizeof(T) * 8;
  return static_cast<T>(a >> std::min(by, bits - 1) >> (by >= bits ? 1 : 0));
}
}  // namespace detail

#define SIMT_PTX_MOVE(type, T, R)                                                                         \
  inline void mov_##type(R& d, R a) { d = a; }                                                            \
  inline void selp_##type(R& d, R a, R b, bool p) { d = p ? a : b; }                                      \
  inline void slct_##type##_s32(R& d, R a, R b, b32 c) { d = static_cast<std::int32_t>(c) >= 0 ? a : b; } \
  inline void slct_##type##_f32(R& d, R a, R b, f32 c) { d = c >= 0 ? a : b; }
SIMT_PTX_INTEGERS(SIMT_PTX_MOVE)
SIMT_PTX_BITS(SIMT_PTX_MOVE)
SIMT_PTX_FLOATS(SIMT_PTX_MOVE)
#undef SIMT_PTX_MOVE
inline void mov_pred(bool& d, bool a) { d = a; }
inline void mov_b32(f32& d, b32 a) { d = std::bit_cast<f32>(a); }
inline void mov_b32(b32& d, f32 a) { d = std::bit_cast<b32>(a); }
inline void mov_b64(f64& d, b64 a) { d = std::bit_cast<f64>(a); }
inline void mov_b64(b64& d, f64 a) { d = std::bit_cast<b64>(a); }
// A number that stands in the text, and fits the bits of an integer as well as a real's.
template <std::integral T>
void mov_b32(auto& d, T a) {
  mov_b32(d, static_cast<b32>(a));
}
template <std::integral T>
void mov_b64(auto& d, T a) {
  mov_b64(d, static_cast<b64>(a));
}
inline void mov_b32(b32& d, b16 low, b16 high) { d = low | b32{high} << 16; }
inline void mov_b32(b16& low, b16& high, b32 a) {
  low = static_cast<b16>(a), high = static_cast<b16>(a >> 16);
}
inline void mov_b64(b64& d, b32 low, b32 high) { d = low | b64{high} << 32; }
inline void mov_b64(b32& low, b32& high, b64 a) {
  low = static_cast<b32>(a), high = static_cast<b32>(a >> 32);
}
inline void mov_b128(b128& d, b128 a) { d = a; }
inline void mov_b128(b128& d, b64 low, b64 high) { d = low | b128{high} << 64; }
inline void mov_b128(b64& low, b64& high, b128 a) {
  low = static_cast<b64>(a), high = static_cast<b64>(a >> 64);
}
inline void mov_b64(f64& d, b32 low, b32 high) { d = std::bit_cast<f64>(low | b64{high} << 32); }
inline void mov_b64(b32& low, b32& high, f64 a) { mov_b64(low, high, std::bit_cast<b64>(a)); }
inline void mov_b64(b64& d, f32 low, f32 high) {
  mov_b64(d, std::bit_cast<b32>(low), std::bit_cast<b32>(high));
}
inline void mov_b64(f32& low, f32& high, b64 a) {
  mov_b32(low, static_cast<b32>(a)), mov_b32(high, static_cast<b32>(a >> 32));
}

// With a boolean operator: the comparison, combined with a predicate.
#define SIMT_PTX_COMPARISON(name, op, type, T, R)                                                     \
  inline void setp_##name##_##type(bool& p, R a, R b) { p = static_cast<T>(a) op static_cast<T>(b); } \
  inline void setp_##name##_##type(bool& p, bool& q, R a, R b) {                                      \
    p = static_cast<T>(a) op static_cast<T>(b), q = !p;                                               \
  }                                                                                                   \
  inline void setp_##name##_and_##type(bool& p, R a, R b, bool c) {                                   \
    p = (static_cast<T>(a) op static_cast<T>(b)) && c;                                                \
  }                                                                                                   \
  inline void setp_##name##_or_##type(bool& p, R a, R b, bool c) {                                    \
    p = (static_cast<T>(a) op static_cast<T>(b)) || c;                                                \
  }                                                                                                   \
  inline void setp_##name##_xor_##type(bool& p, R a, R b, bool c) {                                   \
    p = (static_cast<T>(a) op static_cast<T>(b)) != c;                                                \
  }
#define SIMT_PTX_COMPARE(type, T, R)      \
  SIMT_PTX_COMPARISON(eq, ==, type, T, R) \
  SIMT_PTX_COMPARISON(ne, !=, type, T, R) \
  SIMT_PTX_COMPARISON(lt, <, type, T, R)  \
  SIMT_PTX_COMPARISON(le, <=, type, T, R) \
  SIMT_PTX_COMPARISON(gt, >, type, T, R)  \
  SIMT_PTX_COMPARISON(ge, >=, type, T, R)
SIMT_PTX_INTEGERS(SIMT_PTX_COMPARE)
SIMT_PTX_BITS(SIMT_PTX_COMPARE)
SIMT_PTX_FLOATS(SIMT_PTX_COMPARE)
#undef SIMT_PTX_COMPARE
SIMT_PTX_COMPARISON(lo, <, u32, b32, b32)
SIMT_PTX_COMPARISON(ls, <=, u32, b32, b32)
SIMT_PTX_COMPARISON(hi, >, u32, b32, b32)
SIMT_PTX_COMPARISON(hs, >=, u32, b32, b32)
#undef SIMT_PTX_COMPARISON
// Reals that may be unordered.
#define SIMT_PTX_UNORDERED(name, expression, R) \
  inline void setp_##name##_##R(bool& p, R a, R b) { p = expression; }
#define SIMT_PTX_UNORDERED_ALL(type, T, R)      \
  SIMT_PTX_UNORDERED(equ, !(a < b || a > b), R) \
  SIMT_PTX_UNORDERED(neu, a != b, R)            \
  SIMT_PTX_UNORDERED(ltu, !(a >= b), R)         \
  SIMT_PTX_UNORDERED(leu, !(a > b), R)          \
  SIMT_PTX_UNORDERED(gtu, !(a <= b), R)         \
  SIMT_PTX_UNORDERED(geu, !(a < b), R)          \
  SIMT_PTX_UNORDERED(num, a == a && b == b, R)  \
  SIMT_PTX_UNORDERED(nan, a != a || b != b, R)
SIMT_PTX_FLOATS(SIMT_PTX_UNORDERED_ALL)
#undef SIMT_PTX_UNORDERED_ALL
#undef SIMT_PTX_UNORDERED

// Unsigned where the result is the same, so that overflow is defined.
#define SIMT_PTX_ARITHMETIC(type, T, R)                                                            \
  inline void add_##type(R& d, R a, R b) { d = static_cast<R>(a + b); }                            \
  inline void sub_##type(R& d, R a, R b) { d = static_cast<R>(a - b); }                            \
  inline void mul_lo_##type(R& d, R a, R b) { d = static_cast<R>(std::uint64_t{a} * b); }          \
  inline void mad_lo_##type(R& d, R a, R b, R c) { d = static_cast<R>(std::uint64_t{a} * b + c); } \
  inline void div_##type(R& d, R a, R b) {                                                         \
    d = b ? static_cast<R>(static_cast<T>(a) / static_cast<T>(b)) : static_cast<R>(-1);            \
  }                                                                                                \
  inline void rem_##type(R& d, R a, R b) {                                                         \
    d = b ? static_cast<R>(static_cast<T>(a) % static_cast<T>(b)) : a;                             \
  }                                                                                                \
  inline void min_##type(R& d, R a, R b) {                                                         \
    d = static_cast<R>(std::min(static_cast<T>(a), static_cast<T>(b)));                            \
  }                                                                                                \
  inline void max_##type(R& d, R a, R b) {                                                         \
    d = static_cast<R>(std::max(static_cast<T>(a), static_cast<T>(b)));                            \
  }                                                                                                \
  inline void neg_##type(R& d, R a) { d = static_cast<R>(0 - a); }                                 \
  inline void shr_##type(R& d, R a, b32 by) {                                                      \
    d = static_cast<R>(detail::shifted_right(static_cast<T>(a), by));                              \
  }
SIMT_PTX_INTEGERS(SIMT_PTX_ARITHMETIC)
#undef SIMT_PTX_ARITHMETIC

inline void abs_s32(b32& d, b32 a) { d = static_cast<std::int32_t>(a) < 0 ? 0 - a : a; }
inline void abs_s64(b64& d, b64 a) { d = static_cast<std::int64_t>(a) < 0 ? 0 - a : a; }

#define SIMT_PTX_WIDE(type, T, Wide, wide)                                                      \
  inline void mul_wide_##type(wide& d, b32 a, b32 b) {                                          \
    d = static_cast<wide>(Wide{static_cast<T>(a)} * static_cast<T>(b));                         \
  }                                                                                             \
  inline void mul_hi_##type(b32& d, b32 a, b32 b) {                                             \
    d = static_cast<b32>(static_cast<wide>(Wide{static_cast<T>(a)} * static_cast<T>(b)) >> 32); \
  }                                                                                             \
  inline void mad_wide_##type(wide& d, b32 a, b32 b, wide c) {                                  \
    d = static_cast<wide>(Wide{static_cast<T>(a)} * static_cast<T>(b)) + c;                     \
  }
SIMT_PTX_WIDE(u32, std::uint32_t, std::uint64_t, b64)
SIMT_PTX_WIDE(s32, std::int32_t, std::int64_t, b64)
#undef SIMT_PTX_WIDE

#define SIMT_PTX_LOGIC(type, T, R)                                                 \
  inline void and_##type(R& d, R a, R b) { d = a & b; }                            \
  inline void or_##type(R& d, R a, R b) { d = a | b; }                             \
  inline void xor_##type(R& d, R a, R b) { d = a ^ b; }                            \
  inline void not_##type(R& d, R a) { d = static_cast<R>(~a); }                    \
  inline void shl_##type(R& d, R a, b32 by) { d = detail::shifted_left(a, by); }   \
  inline void shr_##type(R& d, R a, b32 by) { d = detail::shifted_right(a, by); }  \
  inline void popc_##type(b32& d, R a) { d = static_cast<b32>(std::popcount(a)); } \
  inline void clz_##type(b32& d, R a) { d = static_cast<b32>(std::countl_zero(a)); }
SIMT_PTX_BITS(SIMT_PTX_LOGIC)
#undef SIMT_PTX_LOGIC
inline void and_pred(bool& d, bool a, bool b) { d = a && b; }
inline void or_pred(bool& d, bool a, bool b) { d = a || b; }
inline void xor_pred(bool& d, bool a, bool b) { d = a != b; }
inline void not_pred(bool& d, bool a) { d = !a; }

inline void brev_b32(b32& d, b32 a) {
  d = 0;
  for (int bit = 0; bit < 32; ++bit) d |= (a >> bit & 1u) << (31 - bit);
}
/// Bit i of the table is the result for inputs whose bits (a, b, c) read as the number i.
inline void lop3_b32(b32& d, b32 a, b32 b, b32 c, b32 table) {
  d = 0;
  for (b32 row = 0; row < 8; ++row)
    if (table >> row & 1) d |= (row & 4 ? a : ~a) & (row & 2 ? b : ~b) & (row & 1 ? c : ~c);
}
// d|p: whether any bit of it is set, combined with another predicate.
inline void lop3_or_b32(b32& d, bool& p, b32 a, b32 b, b32 c, b32 table, bool q) {
  lop3_b32(d, a, b, c, table), p = d != 0 || q;
}
inline void lop3_and_b32(b32& d, bool& p, b32 a, b32 b, b32 c, b32 table, bool q) {
  lop3_b32(d, a, b, c, table), p = d != 0 && q;
}
inline void prmt_b32(b32& d, b32 a, b32 b, b32 selector) {
  const b64 bytes = a | b64{b} << 32;
  d = 0;
  for (int i = 0; i < 4; ++i) {
    const b32 pick = selector >> (4 * i) & 15;
    b32 byte = static_cast<b32>(bytes >> (8 * (pick & 7))) & 255;
    if (pick & 8) byte = byte & 128 ? 255 : 0;
    d |= byte << (8 * i);
  }
}
// Its modes take two bits of the selector, which stand for four bytes at once.
#define SIMT_PTX_PRMT(mode, s0, s1, s2, s3)                         \
  inline void prmt_b32_##mode(b32& d, b32 a, b32 b, b32 selector) { \
    constexpr b32 bytes[] = {s0, s1, s2, s3};                       \
    prmt_b32(d, a, b, bytes[selector & 3]);                         \
  }
SIMT_PTX_PRMT(f4e, 0x3210, 0x4321, 0x5432, 0x6543)
SIMT_PTX_PRMT(b4e, 0x5670, 0x6701, 0x7012, 0x0123)
SIMT_PTX_PRMT(rc8, 0x0000, 0x1111, 0x2222, 0x3333)
SIMT_PTX_PRMT(ecl, 0x3210, 0x3211, 0x3222, 0x3333)
SIMT_PTX_PRMT(ecr, 0x0000, 0x1110, 0x2210, 0x3210)
SIMT_PTX_PRMT(rc16, 0x1010, 0x3232, 0x1010, 0x3232)
#undef SIMT_PTX_PRMT
inline void bfe_u32(b32& d, b32 a, b32 position, b32 length) {
  position &= 255, length &= 255;
  const b32 field = detail::shifted_right(a, position);
  d = length < 32 ? field & ((1u << length) - 1) : field;
}
inline void shf_l_wrap_b32(b32& d, b32 a, b32 b, b32 by) {
  d = static_cast<b32>((a | b64{b} << 32) << (by & 31) >> 32);
}
inline void shf_r_wrap_b32(b32& d, b32 a, b32 b, b32 by) {
  d = static_cast<b32>((a | b64{b} << 32) >> (by & 31));
}

#undef SIMT_PTX_INTEGERS
#undef SIMT_PTX_BITS
#undef SIMT_PTX_FLOATS

}  // namespace simt::ptx
