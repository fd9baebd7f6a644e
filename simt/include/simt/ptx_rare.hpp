#pragma once
// Instructions that compilers make and people seldom write: odd bit fields, sets.
#include "simt/bits.hpp"
#include "simt/ptx_operands.hpp"

namespace simt::ptx {

inline void cnot_b32(b32& d, b32 a) { d = a == 0; }
inline void fns_b32(b32& d, b32 mask, b32 base, b32 offset) {
  d = static_cast<b32>(__fns(mask, base, static_cast<int>(offset)));
}
/// `width` ones from bit `from` on; clamped, or both taken modulo 32.
inline void bmsk_clamp_b32(b32& d, b32 from, b32 width) {
  const b32 ones = width >= 32 ? ~b32{0} : (b32{1} << width) - 1;
  d = from >= 32 ? 0 : ones << from;
}
inline void bmsk_wrap_b32(b32& d, b32 from, b32 width) { bmsk_clamp_b32(d, from % 32, width % 32); }
/// The lowest `width` bits, extended with zeros or with their sign; none where width is 0.
inline void szext_clamp_u32(b32& d, b32 a, b32 width) { d = width >= 32 ? a : a & ((b32{1} << width) - 1); }
inline void szext_clamp_s32(b32& d, b32 a, b32 width) {
  const b32 up = width >= 32 ? 0 : 32 - width;
  d = width == 0 ? 0 : static_cast<b32>(static_cast<std::int32_t>(a << up) >> up);
}
inline void szext_wrap_u32(b32& d, b32 a, b32 width) { szext_clamp_u32(d, a, width % 32); }
inline void szext_wrap_s32(b32& d, b32 a, b32 width) { szext_clamp_s32(d, a, width % 32); }

// A comparison whose result is all ones, or 1.0.
#define SIMT_PTX_SET(name, op, type, T, R)                \
  inline void set_##name##_u32_##type(b32& d, R a, R b) { \
    d = static_cast<T>(a) op static_cast<T>(b) ? ~0u : 0; \
  }                                                       \
  inline void set_##name##_f32_##type(f32& d, R a, R b) { \
    d = static_cast<T>(a) op static_cast<T>(b) ? 1 : 0;   \
  }
#define SIMT_PTX_SETS(type, T, R)  \
  SIMT_PTX_SET(eq, ==, type, T, R) \
  SIMT_PTX_SET(ne, !=, type, T, R) \
  SIMT_PTX_SET(lt, <, type, T, R)  \
  SIMT_PTX_SET(le, <=, type, T, R) \
  SIMT_PTX_SET(gt, >, type, T, R)  \
  SIMT_PTX_SET(ge, >=, type, T, R)
SIMT_PTX_SETS(u32, b32, b32)
SIMT_PTX_SETS(s32, std::int32_t, b32)
SIMT_PTX_SETS(f32, f32, f32)
#undef SIMT_PTX_SETS
#undef SIMT_PTX_SET

inline b32 sreg_total_smem_size() { return dynamic_shared_size(); }  // the static part is not known
// A block is a cluster by itself.
inline b32 sreg_cluster_ctarank() { return 0; }
inline b32 sreg_cluster_nctarank() { return 1; }

}  // namespace simt::ptx
