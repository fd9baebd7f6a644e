#pragma once
// DPX: sums, minima and maxima in one instruction, as dynamic programming asks for them.
#include <algorithm>

namespace simt::detail {
/// f of each half of the operands; of those that take two, `c` is nothing.
template <class Half, class F>
unsigned by_halves(unsigned a, unsigned b, unsigned c, F&& f) {
  const auto half = [&](int shift) {
    return unsigned(static_cast<unsigned short>(f(Half(a >> shift), Half(b >> shift), Half(c >> shift))));
  };
  return half(16) << 16 | half(0);
}
/// Sums wrap around.
template <class T>
T wrapped_sum(T a, T b) {
  return T(unsigned(a) + unsigned(b));
}
}  // namespace simt::detail

// T, and pairs of Half in an unsigned.
#define SIMT_DPX(name, T, t, Half, halves, expression)                                  \
  inline T __##name##_##t(T x, T y, T z) {                                              \
    return [](T a, T b, T c) { return T(expression); }(x, y, z);                        \
  }                                                                                     \
  inline unsigned __##name##_##halves(unsigned x, unsigned y, unsigned z) {             \
    return simt::detail::by_halves<Half>(                                               \
        x, y, z, [](Half a, Half b, Half c) { return static_cast<Half>(expression); }); \
  }
#define SIMT_DPX_BOTH(name, expression)              \
  SIMT_DPX(name, int, s32, short, s16x2, expression) \
  SIMT_DPX(name, unsigned, u32, unsigned short, u16x2, expression)
#define SIMT_DPX_RELU(name, expression) SIMT_DPX(name, int, s32_relu, short, s16x2_relu, expression)
SIMT_DPX_BOTH(viaddmax, std::max(simt::detail::wrapped_sum(a, b), c))
SIMT_DPX_BOTH(viaddmin, std::min(simt::detail::wrapped_sum(a, b), c))
SIMT_DPX_BOTH(vimax3, std::max(std::max(a, b), c))
SIMT_DPX_BOTH(vimin3, std::min(std::min(a, b), c))
SIMT_DPX_RELU(viaddmax, std::max(std::max(simt::detail::wrapped_sum(a, b), c), decltype(a)(0)))
SIMT_DPX_RELU(viaddmin, std::max(std::min(simt::detail::wrapped_sum(a, b), c), decltype(a)(0)))
SIMT_DPX_RELU(vimax3, std::max(std::max(std::max(a, b), c), decltype(a)(0)))
SIMT_DPX_RELU(vimin3, std::max(std::min(std::min(a, b), c), decltype(a)(0)))
#undef SIMT_DPX_RELU
#undef SIMT_DPX_BOTH
#undef SIMT_DPX
inline int __vimax_s32_relu(int a, int b) { return std::max(std::max(a, b), 0); }
inline int __vimin_s32_relu(int a, int b) { return std::max(std::min(a, b), 0); }
inline unsigned __vimax_s16x2_relu(unsigned a, unsigned b) { return __vimax3_s16x2_relu(a, b, b); }
inline unsigned __vimin_s16x2_relu(unsigned a, unsigned b) { return __vimin3_s16x2_relu(a, b, b); }

// Which operand it was: true is a, of equals too.
#define SIMT_DPX(name, T, t, Half, halves, choose, compare)                                           \
  inline T __##name##_##t(T a, T b, bool* first) {                                                    \
    *first = a compare b;                                                                             \
    return choose(a, b);                                                                              \
  }                                                                                                   \
  inline unsigned __##name##_##halves(unsigned a, unsigned b, bool* first_high, bool* first_low) {    \
    *first_high = static_cast<Half>(a >> 16) compare static_cast<Half>(b >> 16);                      \
    *first_low = static_cast<Half>(a) compare static_cast<Half>(b);                                   \
    return simt::detail::by_halves<Half>(a, b, 0, [](Half x, Half y, Half) { return choose(x, y); }); \
  }
SIMT_DPX(vibmax, int, s32, short, s16x2, std::max, >=)
SIMT_DPX(vibmax, unsigned, u32, unsigned short, u16x2, std::max, >=)
SIMT_DPX(vibmin, int, s32, short, s16x2, std::min, <=)
SIMT_DPX(vibmin, unsigned, u32, unsigned short, u16x2, std::min, <=)
#undef SIMT_DPX
