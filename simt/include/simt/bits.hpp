#pragma once
// Integer intrinsics, and reading one type's bits as another's.
#include <vector_types.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

inline int __popc(unsigned x) { return std::popcount(x); }
inline int __popcll(unsigned long long x) { return std::popcount(x); }
inline int __clz(int x) { return std::countl_zero(unsigned(x)); }
inline int __clzll(long long x) { return std::countl_zero(static_cast<unsigned long long>(x)); }
inline int __ffs(int x) { return x ? std::countr_zero(unsigned(x)) + 1 : 0; }
inline int __ffsll(long long x) { return x ? std::countr_zero(static_cast<unsigned long long>(x)) + 1 : 0; }
inline unsigned __brev(unsigned x) {
  x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
  x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
  x = (x >> 4 & 0x0F0F0F0Fu) | (x & 0x0F0F0F0Fu) << 4;
  return __builtin_bswap32(x);
}
inline unsigned long long __brevll(unsigned long long x) {
  return static_cast<unsigned long long>(__brev(unsigned(x))) << 32 | __brev(unsigned(x >> 32));
}
/// Byte i of the result is the byte of {y, x} that nibble i of `selector` names; its top bit replicates the
/// sign.
inline unsigned short __nv_bswap16(unsigned short x) { return __builtin_bswap16(x); }
inline unsigned __nv_bswap32(unsigned x) { return __builtin_bswap32(x); }
inline unsigned long long __nv_bswap64(unsigned long long x) { return __builtin_bswap64(x); }
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  std::uint64_t bytes = std::uint64_t(y) << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    unsigned nibble = selector >> (4 * i) & 15, byte = unsigned(bytes >> (8 * (nibble & 7))) & 255;
    if (nibble & 8) byte = byte & 128 ? 255 : 0;
    result |= byte << (8 * i);
  }
  return result;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return unsigned((std::uint64_t(high) << 32 | low) << (shift & 31) >> 32);
}
inline unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? low : __funnelshift_l(low, high, shift);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return unsigned((std::uint64_t(high) << 32 | low) >> (shift & 31));
}
inline unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? high : __funnelshift_r(low, high, shift);
}
inline int __mulhi(int a, int b) { return int(std::int64_t(a) * b >> 32); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(std::uint64_t(a) * b >> 32); }
inline long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
inline int __mul24(int a, int b) { return int(unsigned(a << 8 >> 8) * unsigned(b << 8 >> 8)); }
inline unsigned __umul24(unsigned a, unsigned b) { return (a & 0xFFFFFF) * (b & 0xFFFFFF); }
inline unsigned __sad(int a, int b, unsigned c) {
  return c + (a > b ? unsigned(a) - unsigned(b) : unsigned(b) - unsigned(a));
}
inline unsigned __usad(unsigned a, unsigned b, unsigned c) { return c + (a > b ? a - b : b - a); }
inline int __hadd(int a, int b) { return int((std::int64_t(a) + b) >> 1); }
inline int __rhadd(int a, int b) { return int((std::int64_t(a) + b + 1) >> 1); }
inline unsigned __uhadd(unsigned a, unsigned b) { return unsigned((std::uint64_t(a) + b) >> 1); }
inline unsigned __urhadd(unsigned a, unsigned b) { return unsigned((std::uint64_t(a) + b + 1) >> 1); }

namespace simt::detail {
template <class A, class B, class C>
C dot4(A a, B b, C c) {
  for (int i = 0; i < 4; ++i) c = C(unsigned(c) + unsigned(int(a[i]) * int(b[i])));
  return c;
}
template <class Byte>
struct Bytes {
  Byte bytes[4];
  explicit Bytes(unsigned x) { std::memcpy(bytes, &x, 4); }
  Byte operator[](int i) const { return bytes[i]; }
};
}  // namespace simt::detail
inline int __dp4a(int a, int b, int c) {
  using simt::detail::Bytes;
  return simt::detail::dot4(Bytes<signed char>(unsigned(a)), Bytes<signed char>(unsigned(b)), c);
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  using simt::detail::Bytes;
  return simt::detail::dot4(Bytes<unsigned char>(a), Bytes<unsigned char>(b), c);
}
inline int __dp4a(char4 a, char4 b, int c) { return __dp4a(std::bit_cast<int>(a), std::bit_cast<int>(b), c); }
inline unsigned __dp4a(uchar4 a, uchar4 b, unsigned c) {
  return __dp4a(std::bit_cast<unsigned>(a), std::bit_cast<unsigned>(b), c);
}
// The low, or high, two bytes of b beside the 16-bit halves of a.
namespace simt::detail {
template <class Half, class Byte, class T>
T dot2(T a, T b, T c, int first) {
  for (int i = 0; i < 2; ++i)
    c = T(unsigned(c) +
          unsigned(int(Half(unsigned(a) >> (16 * i))) * int(Byte(unsigned(b) >> (8 * (first + i))))));
  return c;
}
}  // namespace simt::detail
inline int __dp2a_lo(int a, int b, int c) { return simt::detail::dot2<short, signed char>(a, b, c, 0); }
inline int __dp2a_hi(int a, int b, int c) { return simt::detail::dot2<short, signed char>(a, b, c, 2); }
inline unsigned __dp2a_lo(unsigned a, unsigned b, unsigned c) {
  return simt::detail::dot2<unsigned short, unsigned char>(a, b, c, 0);
}
inline unsigned __dp2a_hi(unsigned a, unsigned b, unsigned c) {
  return simt::detail::dot2<unsigned short, unsigned char>(a, b, c, 2);
}
#define SIMT_DP2A(name)                                                     \
  inline int name(short2 a, char4 b, int c) {                               \
    return name(std::bit_cast<int>(a), std::bit_cast<int>(b), c);           \
  }                                                                         \
  inline unsigned name(ushort2 a, uchar4 b, unsigned c) {                   \
    return name(std::bit_cast<unsigned>(a), std::bit_cast<unsigned>(b), c); \
  }
SIMT_DP2A(__dp2a_lo)
SIMT_DP2A(__dp2a_hi)
#undef SIMT_DP2A
/// The place of the n-th set bit of `mask`, counted from `base` upwards, or downwards where n is negative;
/// the base itself, if set, is the first. All ones where there is none.
inline unsigned __fns(unsigned mask, unsigned base, int n) {
  if (n == 0) return mask >> (base & 31) & 1 ? base : ~0u;
  for (int i = int(base & 31), left = n < 0 ? -n : n; i >= 0 && i < 32; i += n < 0 ? -1 : 1)
    if ((mask >> i & 1) && --left == 0) return unsigned(i);
  return ~0u;
}

inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline long long __double_as_longlong(double x) { return std::bit_cast<long long>(x); }
inline double __longlong_as_double(long long x) { return std::bit_cast<double>(x); }
inline int __double2hiint(double x) { return int(std::bit_cast<std::uint64_t>(x) >> 32); }
inline int __double2loint(double x) { return int(std::bit_cast<std::uint64_t>(x)); }
inline double __hiloint2double(int high, int low) {
  return std::bit_cast<double>(std::uint64_t(unsigned(high)) << 32 | unsigned(low));
}

// Two 16-bit or four 8-bit integers in one register, each by itself.
namespace simt::detail {
template <class Lane, class F>
unsigned by_lane(unsigned a, unsigned b, F&& f) {
  constexpr int bits = 8 * sizeof(Lane);
  unsigned result = 0;
  for (int shift = 0; shift < 32; shift += bits) {
    unsigned lane = unsigned(f(Lane(a >> shift), Lane(b >> shift))) & ((1u << bits) - 1);
    result |= lane << shift;
  }
  return result;
}
/// The lanes' sum.
template <class Lane>
unsigned lanes(unsigned x) {
  unsigned sum = 0;
  for (unsigned shift = 0; shift < 32; shift += 8 * sizeof(Lane)) sum += Lane(x >> shift);
  return sum;
}
}  // namespace simt::detail
#define SIMT_LANES(name, expression)                                                             \
  inline unsigned __v##name##2(unsigned x, unsigned y) {                                         \
    return simt::detail::by_lane<unsigned short>(x, y, [](int a, int b) { return expression; }); \
  }                                                                                              \
  inline unsigned __v##name##4(unsigned x, unsigned y) {                                         \
    return simt::detail::by_lane<unsigned char>(x, y, [](int a, int b) { return expression; });  \
  }
#define SIMT_SIGNED_LANES(name, expression)                                                   \
  inline unsigned __v##name##2(unsigned x, unsigned y) {                                      \
    return simt::detail::by_lane<short>(x, y, [](int a, int b) { return expression; });       \
  }                                                                                           \
  inline unsigned __v##name##4(unsigned x, unsigned y) {                                      \
    return simt::detail::by_lane<signed char>(x, y, [](int a, int b) { return expression; }); \
  }
SIMT_LANES(add, a + b)
SIMT_LANES(sub, a - b)
SIMT_LANES(minu, a < b ? a : b)
SIMT_LANES(maxu, a > b ? a : b)
SIMT_LANES(avgu, (a + b + 1) / 2)
SIMT_LANES(absdiffu, a > b ? a - b : b - a)
SIMT_LANES(cmpeq, a == b ? -1 : 0)
SIMT_LANES(cmpne, a != b ? -1 : 0)
SIMT_LANES(cmpgtu, a > b ? -1 : 0)
SIMT_LANES(cmpltu, a < b ? -1 : 0)
SIMT_LANES(cmpgeu, a >= b ? -1 : 0)
SIMT_LANES(cmpleu, a <= b ? -1 : 0)
SIMT_LANES(seteq, a == b)
SIMT_LANES(setne, a != b)
SIMT_LANES(setgtu, a > b)
SIMT_LANES(setltu, a < b)
SIMT_LANES(setgeu, a >= b)
SIMT_LANES(setleu, a <= b)
SIMT_LANES(haddu, (a + b) / 2)
SIMT_LANES(subus, a > b ? a - b : 0)
SIMT_SIGNED_LANES(mins, a < b ? a : b)
SIMT_SIGNED_LANES(maxs, a > b ? a : b)
SIMT_SIGNED_LANES(avgs, (a + b + (a + b >= 0)) >> 1)
SIMT_SIGNED_LANES(absdiffs, a > b ? a - b : b - a)
SIMT_SIGNED_LANES(cmpgts, a > b ? -1 : 0)
SIMT_SIGNED_LANES(cmplts, a < b ? -1 : 0)
SIMT_SIGNED_LANES(cmpges, a >= b ? -1 : 0)
SIMT_SIGNED_LANES(cmples, a <= b ? -1 : 0)
SIMT_SIGNED_LANES(setgts, a > b)
SIMT_SIGNED_LANES(setlts, a < b)
SIMT_SIGNED_LANES(setges, a >= b)
SIMT_SIGNED_LANES(setles, a <= b)
#undef SIMT_SIGNED_LANES
#undef SIMT_LANES
// Sums that stay at the lanes' limits, negations, absolute values, and sums of absolute differences over
// lanes.
#define SIMT_LANES(n, Signed, Unsigned)                                                                 \
  inline unsigned __vaddss##n(unsigned x, unsigned y) {                                                 \
    using Limit = std::numeric_limits<Signed>;                                                          \
    return simt::detail::by_lane<Signed>(                                                               \
        x, y, [](int a, int b) { return std::clamp<int>(a + b, Limit::min(), Limit::max()); });         \
  }                                                                                                     \
  inline unsigned __vsubss##n(unsigned x, unsigned y) {                                                 \
    using Limit = std::numeric_limits<Signed>;                                                          \
    return simt::detail::by_lane<Signed>(                                                               \
        x, y, [](int a, int b) { return std::clamp<int>(a - b, Limit::min(), Limit::max()); });         \
  }                                                                                                     \
  inline unsigned __vaddus##n(unsigned x, unsigned y) {                                                 \
    return simt::detail::by_lane<Unsigned>(                                                             \
        x, y, [](int a, int b) { return std::min<int>(a + b, std::numeric_limits<Unsigned>::max()); }); \
  }                                                                                                     \
  inline unsigned __vneg##n(unsigned x) { return __vsub##n(0, x); }                                     \
  inline unsigned __vnegss##n(unsigned x) { return __vsubss##n(0, x); }                                 \
  inline unsigned __vabs##n(unsigned x) { return __vabsdiffs##n(x, 0); }                                \
  inline unsigned __vabsss##n(unsigned x) { return __vmaxs##n(x, __vnegss##n(x)); }                     \
  inline unsigned __vsads##n(unsigned x, unsigned y) {                                                  \
    return simt::detail::lanes<Unsigned>(__vabsdiffs##n(x, y));                                         \
  }                                                                                                     \
  inline unsigned __vsadu##n(unsigned x, unsigned y) {                                                  \
    return simt::detail::lanes<Unsigned>(__vabsdiffu##n(x, y));                                         \
  }
SIMT_LANES(2, short, unsigned short)
SIMT_LANES(4, signed char, unsigned char)
#undef SIMT_LANES
