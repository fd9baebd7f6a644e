// PTX atomics, arithmetic with carry, bit fields, and votes of a warp: what asm statements in programs use
// beside the instructions of simt/ptx_scalar.hpp.
#pragma once

#include <cstring>

#include "simt/atomics.hpp"
#include "simt/bits.hpp"
#include "simt/half.hpp"
#include "simt/ptx_memory.hpp"
#include "simt/ptx_operands.hpp"
#include "simt/ptx_scalar.hpp"
#include "simt/warp.hpp"

namespace simt::ptx {

namespace detail {
template <class To, class From>
To bits(const From& from) {  // halves are no std::bit_cast's
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(static_cast<void*>(&to), &from, sizeof to);
  return to;
}
}  // namespace detail

// atom{.shared}.op.type d, [a], b; and red, which returns nothing. Of semantics, the rewriter keeps the fence
// before a release.
#define SIMT_PTX_ATOM(op, type, T, R, function)                                                      \
  inline void atom_##op##_##type(R& d, b64 a, R b) {                                                 \
    d = detail::bits<R>(function(detail::generic<T>(a), detail::bits<T>(b)));                        \
  }                                                                                                  \
  inline void atom_shared_##op##_##type(R& d, b64 a, R b) {                                          \
    d = detail::bits<R>(function(detail::shared_window<T>(a), detail::bits<T>(b)));                  \
  }                                                                                                  \
  inline void red_##op##_##type(b64 a, R b) { function(detail::generic<T>(a), detail::bits<T>(b)); } \
  inline void red_shared_##op##_##type(b64 a, R b) {                                                 \
    function(detail::shared_window<T>(a), detail::bits<T>(b));                                       \
  }
using u64 = unsigned long long;
SIMT_PTX_ATOM(add, u32, unsigned, b32, atomicAdd)
SIMT_PTX_ATOM(add, s32, int, b32, atomicAdd)
SIMT_PTX_ATOM(add, u64, u64, b64, atomicAdd)
SIMT_PTX_ATOM(add, f32, float, f32, atomicAdd)
SIMT_PTX_ATOM(add, f64, double, f64, atomicAdd)
SIMT_PTX_ATOM(add, f16, __half, b16, atomicAdd)
SIMT_PTX_ATOM(add, bf16, __nv_bfloat16, b16, atomicAdd)
SIMT_PTX_ATOM(add, f16x2, __half2, b32, atomicAdd)
SIMT_PTX_ATOM(add, bf16x2, __nv_bfloat162, b32, atomicAdd)
SIMT_PTX_ATOM(inc, u32, unsigned, b32, atomicInc)
SIMT_PTX_ATOM(dec, u32, unsigned, b32, atomicDec)
SIMT_PTX_ATOM(exch, b32, unsigned, b32, atomicExch)
SIMT_PTX_ATOM(exch, b64, u64, b64, atomicExch)
SIMT_PTX_ATOM(exch, b128, b128, b128, atomicExch)
#define SIMT_PTX_ATOM_BITWISE(op, function)       \
  SIMT_PTX_ATOM(op, b32, unsigned, b32, function) \
  SIMT_PTX_ATOM(op, b64, u64, b64, function)
SIMT_PTX_ATOM_BITWISE(and, atomicAnd)
SIMT_PTX_ATOM_BITWISE(or, atomicOr)
SIMT_PTX_ATOM_BITWISE(xor, atomicXor)
#define SIMT_PTX_ATOM_ORDER(op, function)         \
  SIMT_PTX_ATOM(op, u32, unsigned, b32, function) \
  SIMT_PTX_ATOM(op, s32, int, b32, function)      \
  SIMT_PTX_ATOM(op, u64, u64, b64, function)      \
  SIMT_PTX_ATOM(op, s64, long long, b64, function)
SIMT_PTX_ATOM_ORDER(min, atomicMin)
SIMT_PTX_ATOM_ORDER(max, atomicMax)
#undef SIMT_PTX_ATOM_ORDER
#undef SIMT_PTX_ATOM_BITWISE
#undef SIMT_PTX_ATOM
#define SIMT_PTX_CAS(type, T)                                          \
  inline void atom_cas_##type(type& d, b64 a, type b, type c) {        \
    d = atomicCAS(detail::generic<T>(a), (T)b, (T)c);                  \
  }                                                                    \
  inline void atom_shared_cas_##type(type& d, b64 a, type b, type c) { \
    d = atomicCAS(detail::shared_window<T>(a), (T)b, (T)c);            \
  }
SIMT_PTX_CAS(b16, unsigned short)
SIMT_PTX_CAS(b32, unsigned)
SIMT_PTX_CAS(b64, u64)
SIMT_PTX_CAS(b128, b128)
#undef SIMT_PTX_CAS

// The carry flag. A chain of instructions is one statement, in which a thread is not left.
inline thread_local unsigned carry = 0;
#define SIMT_PTX_CARRY(type, T, Wide)                                                                       \
  inline void addc_cc_##type(T& d, T a, T b) {                                                              \
    const Wide sum = Wide(a) + b + carry;                                                                   \
    d = T(sum), carry = unsigned(sum >> (8 * sizeof(T)));                                                   \
  }                                                                                                         \
  inline void add_cc_##type(T& d, T a, T b) { carry = 0, addc_cc_##type(d, a, b); }                         \
  inline void addc_##type(T& d, T a, T b) { d = T(a + b + carry); }                                         \
  inline void subc_cc_##type(T& d, T a, T b) {                                                              \
    const Wide difference = Wide(a) - b - carry;                                                            \
    d = T(difference), carry = unsigned(difference >> (8 * sizeof(T))) & 1;                                 \
  }                                                                                                         \
  inline void sub_cc_##type(T& d, T a, T b) { carry = 0, subc_cc_##type(d, a, b); }                         \
  inline void subc_##type(T& d, T a, T b) { d = T(a - b - carry); }                                         \
  inline void mad_lo_cc_##type(T& d, T a, T b, T c) { add_cc_##type(d, T(a* b), c); }                       \
  inline void madc_lo_cc_##type(T& d, T a, T b, T c) { addc_cc_##type(d, T(a* b), c); }                     \
  inline void madc_lo_##type(T& d, T a, T b, T c) { addc_##type(d, T(a* b), c); }                           \
  inline void mad_hi_cc_##type(T& d, T a, T b, T c) {                                                       \
    add_cc_##type(d, T(Wide(a) * b >> (8 * sizeof(T))), c);                                                 \
  }                                                                                                         \
  inline void madc_hi_cc_##type(T& d, T a, T b, T c) {                                                      \
    addc_cc_##type(d, T(Wide(a) * b >> (8 * sizeof(T))), c);                                                \
  }                                                                                                         \
  inline void madc_hi_##type(T& d, T a, T b, T c) { addc_##type(d, T(Wide(a) * b >> (8 * sizeof(T))), c); } \
  inline void mad_hi_##type(T& d, T a, T b, T c) { d = T(T(Wide(a) * b >> (8 * sizeof(T))) + c); }
SIMT_PTX_CARRY(u32, b32, b64)
SIMT_PTX_CARRY(u64, b64, b128)
#undef SIMT_PTX_CARRY
inline void mul_hi_u64(b64& d, b64 a, b64 b) { d = __umul64hi(a, b); }
inline void mul_hi_s64(b64& d, b64 a, b64 b) { d = b64(__mul64hi((long long)a, (long long)b)); }
inline void mad_hi_s32(b32& d, b32 a, b32 b, b32 c) { d = b32(__mulhi(int(a), int(b))) + c; }
inline void mad_hi_s64(b64& d, b64 a, b64 b, b64 c) { mul_hi_s64(d, a, b), d += c; }
#define SIMT_PTX_SHORT(type, T)                                                          \
  inline void mul_wide_##type(b32& d, b16 a, b16 b) { d = b32(T(a) * T(b)); }            \
  inline void mad_wide_##type(b32& d, b16 a, b16 b, b32 c) { d = b32(T(a) * T(b)) + c; } \
  inline void mul_hi_##type(b16& d, b16 a, b16 b) { d = b16(b32(T(a) * T(b)) >> 16); }   \
  inline void mad_hi_##type(b16& d, b16 a, b16 b, b16 c) { d = b16((b32(T(a) * T(b)) >> 16) + c); }
SIMT_PTX_SHORT(u16, unsigned)
SIMT_PTX_SHORT(s16, std::int16_t)
#undef SIMT_PTX_SHORT

// Bit fields
inline void bfe_s32(b32& d, b32 a, b32 position, b32 length) {
  position &= 255, length &= 255;
  const std::int64_t wide = std::int32_t(a);  // bits past the top repeat the sign
  const b32 field = b32(wide >> std::min(position, 63u));
  if (length == 0)
    d = 0;
  else if (length >= 32)
    d = field;
  else
    d = b32(std::int32_t(field << (32 - length)) >> (32 - length));
}
inline void bfe_u64(b64& d, b64 a, b32 position, b32 length) {
  position &= 255, length &= 255;
  const b64 field = detail::shifted_right(a, position);
  d = length < 64 ? field & ((b64{1} << length) - 1) : field;
}
inline void bfi_b32(b32& d, b32 a, b32 b, b32 position, b32 length) {
  position &= 255, length &= 255;
  const b32 field = length < 32 ? (1u << length) - 1 : ~0u, mask = detail::shifted_left(field, position);
  d = (b & ~mask) | (detail::shifted_left(a, position) & mask);
}
inline void bfi_b64(b64& d, b64 a, b64 b, b32 position, b32 length) {
  position &= 255, length &= 255;
  const b64 field = length < 64 ? (b64{1} << length) - 1 : ~b64{0},
            mask = detail::shifted_left(field, position);
  d = (b & ~mask) | (detail::shifted_left(a, position) & mask);
}
inline void bfind_u32(b32& d, b32 a) { d = a ? 31 - b32(std::countl_zero(a)) : ~0u; }
inline void bfind_u64(b32& d, b64 a) { d = a ? 63 - b32(std::countl_zero(a)) : ~0u; }
inline void bfind_s32(b32& d, b32 a) { bfind_u32(d, int(a) < 0 ? ~a : a); }
inline void bfind_s64(b32& d, b64 a) { bfind_u64(d, (long long)(a) < 0 ? ~a : a); }
// By how far to shift a so that the bit found is the top one.
inline void bfind_shiftamt_u32(b32& d, b32 a) { bfind_u32(d, a), d = a ? 31 - d : ~0u; }
inline void bfind_shiftamt_u64(b32& d, b64 a) { bfind_u64(d, a), d = a ? 63 - d : ~0u; }
inline void bfind_shiftamt_s32(b32& d, b32 a) { bfind_shiftamt_u32(d, int(a) < 0 ? ~a : a); }
inline void bfind_shiftamt_s64(b32& d, b64 a) { bfind_shiftamt_u64(d, (long long)(a) < 0 ? ~a : a); }
inline void shf_l_clamp_b32(b32& d, b32 a, b32 b, b32 by) { d = __funnelshift_lc(a, b, by); }
inline void shf_r_clamp_b32(b32& d, b32 a, b32 b, b32 by) { d = __funnelshift_rc(a, b, by); }
inline void brev_b64(b64& d, b64 a) { d = __brevll(a); }
inline void sad_u32(b32& d, b32 a, b32 b, b32 c) { d = __usad(a, b, c); }
inline void sad_s32(b32& d, b32 a, b32 b, b32 c) { d = __sad(int(a), int(b), c); }
inline void mul24_lo_u32(b32& d, b32 a, b32 b) { d = __umul24(a, b); }
inline void mul24_lo_s32(b32& d, b32 a, b32 b) { d = b32(__mul24(int(a), int(b))); }
// Products of bytes with bytes, or of halves with the lower or upper bytes, added up.
#define SIMT_PTX_DOT(ta, tb, Byte, Half, Byte2)                                               \
  inline void dp4a_##ta##_##tb(b32& d, b32 a, b32 b, b32 c) {                                 \
    d = c;                                                                                    \
    for (int i = 0; i < 4; ++i) d += b32(int(Byte(a >> 8 * i)) * int(Byte2(b >> 8 * i)));     \
  }                                                                                           \
  inline void dp2a_lo_##ta##_##tb(b32& d, b32 a, b32 b, b32 c) {                              \
    d = c + b32(int(Half(a)) * int(Byte2(b))) + b32(int(Half(a >> 16)) * int(Byte2(b >> 8))); \
  }                                                                                           \
  inline void dp2a_hi_##ta##_##tb(b32& d, b32 a, b32 b, b32 c) { dp2a_lo_##ta##_##tb(d, a, b >> 16, c); }
SIMT_PTX_DOT(u32, u32, std::uint8_t, std::uint16_t, std::uint8_t)
SIMT_PTX_DOT(u32, s32, std::uint8_t, std::uint16_t, std::int8_t)
SIMT_PTX_DOT(s32, u32, std::int8_t, std::int16_t, std::uint8_t)
SIMT_PTX_DOT(s32, s32, std::int8_t, std::int16_t, std::int8_t)
#undef SIMT_PTX_DOT
inline void add_u16x2(b32& d, b32 a, b32 b) { d = __vadd2(a, b); }
inline void add_s16x2(b32& d, b32 a, b32 b) { d = __vadd2(a, b); }
inline void min_s16x2(b32& d, b32 a, b32 b) { d = __vmins2(a, b); }
inline void max_s16x2(b32& d, b32 a, b32 b) { d = __vmaxs2(a, b); }
inline void min_relu_s16x2(b32& d, b32 a, b32 b) { d = __vmaxs2(__vmins2(a, b), 0); }
inline void max_relu_s16x2(b32& d, b32 a, b32 b) { d = __vmaxs2(__vmaxs2(a, b), 0); }
inline void min_relu_s32(b32& d, b32 a, b32 b) { d = b32(std::max(std::min(int(a), int(b)), 0)); }
inline void max_relu_s32(b32& d, b32 a, b32 b) { d = b32(std::max({int(a), int(b), 0})); }
inline void min_u16x2(b32& d, b32 a, b32 b) { d = __vminu2(a, b); }
inline void max_u16x2(b32& d, b32 a, b32 b) { d = __vmaxu2(a, b); }
inline void add_sat_s32(b32& d, b32 a, b32 b) {
  if (__builtin_add_overflow(int(a), int(b), reinterpret_cast<int*>(&d)))
    d = int(a) < 0 ? 1u << 31 : ~0u >> 1;
}
inline void sub_sat_s32(b32& d, b32 a, b32 b) {
  if (__builtin_sub_overflow(int(a), int(b), reinterpret_cast<int*>(&d)))
    d = int(a) < 0 ? 1u << 31 : ~0u >> 1;
}

inline void mul24_hi_u32(b32& d, b32 a, b32 b) { d = b32(b64{a & 0xffffff} * (b & 0xffffff) >> 16); }
inline void mul24_hi_s32(b32& d, b32 a, b32 b) {
  d = b32(std::int64_t{int(a << 8) >> 8} * (int(b << 8) >> 8) >> 16);
}
inline void mad24_hi_u32(b32& d, b32 a, b32 b, b32 c) { mul24_hi_u32(d, a, b), d += c; }
inline void mad24_hi_s32(b32& d, b32 a, b32 b, b32 c) { mul24_hi_s32(d, a, b), d += c; }
inline void mad24_lo_u32(b32& d, b32 a, b32 b, b32 c) { d = __umul24(a, b) + c; }
inline void mad24_lo_s32(b32& d, b32 a, b32 b, b32 c) { d = b32(__mul24(int(a), int(b))) + c; }
inline void abs_s16(b16& d, b16 a) { d = std::int16_t(a) < 0 ? b16(0 - a) : a; }
inline void copysign_f32(f32& d, f32 sign, f32 a) { d = std::copysign(a, sign); }
inline void copysign_f64(f64& d, f64 sign, f64 a) { d = std::copysign(a, sign); }

// What a warp does together
inline void match_any_sync_b32(b32& d, b32 a, b32 mask, Site site = Site::here()) {
  d = __match_any_sync(mask, a, site);
}
inline void match_any_sync_b64(b32& d, b64 a, b32 mask, Site site = Site::here()) {
  d = __match_any_sync(mask, a, site);
}
inline void match_all_sync_b32(b32& d, bool& all, b32 a, b32 mask, Site site = Site::here()) {
  int same = 0;
  d = __match_all_sync(mask, a, &same, site);
  all = same != 0;
}
inline void match_all_sync_b32(b32& d, b32 a, b32 mask, Site site = Site::here()) {
  bool all;
  match_all_sync_b32(d, all, a, mask, site);
}
#define SIMT_PTX_REDUX(op, type, T)                                                         \
  inline void redux_sync_##op##_##type(b32& d, b32 a, b32 mask, Site site = Site::here()) { \
    d = b32(__reduce_##op##_sync(mask, T(a), site));                                        \
  }
SIMT_PTX_REDUX(add, u32, unsigned)
SIMT_PTX_REDUX(add, s32, int)
SIMT_PTX_REDUX(min, u32, unsigned)
SIMT_PTX_REDUX(min, s32, int)
SIMT_PTX_REDUX(max, u32, unsigned)
SIMT_PTX_REDUX(max, s32, int)
SIMT_PTX_REDUX(and, b32, unsigned)
SIMT_PTX_REDUX(or, b32, unsigned)
SIMT_PTX_REDUX(xor, b32, unsigned)
#undef SIMT_PTX_REDUX

}  // namespace simt::ptx
