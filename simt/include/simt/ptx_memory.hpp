// PTX loads and stores, and what they address.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "simt/ptx_operands.hpp"
#include "simt/shared.hpp"
#include "simt/strong.hpp"

namespace simt::ptx {

// Addresses: shared memory has offsets in the block's window, as 32 bits or widened to 64.
inline void cvta_to_shared_u64(b64& d, b64 a) {
  d = __cvta_generic_to_shared(reinterpret_cast<const void*>(a));
}
inline void cvta_shared_u64(b64& d, b64 a) { d = reinterpret_cast<b64>(__cvta_shared_to_generic(a)); }
inline void cvta_to_global_u64(b64& d, b64 a) { d = a; }
inline void cvta_global_u64(b64& d, b64 a) { d = a; }
inline void isspacep_shared(bool& p, b64 a) { p = __isShared(reinterpret_cast<const void*>(a)) != 0; }
inline void isspacep_global(bool& p, b64 a) { p = __isGlobal(reinterpret_cast<const void*>(a)) != 0; }

namespace detail {
template <class T>
T* generic(b64 address) {
  return reinterpret_cast<T*>(address);
}
template <class T>
T* shared_window(b64 offset) {
  return static_cast<T*>(__cvta_shared_to_generic(offset));
}

// One access of the whole vector, as on a GPU.
template <class T, std::size_t n>
struct alignas(sizeof(T) * n) Vector {
  T value[n];
};

// The memory's type need not be the register's: ld.u8 fills a 16- or 32-bit register, .b32 may go to a float.
template <class T, class R>
void widen(R& to, T from) {
  if constexpr (std::is_same_v<R, Sink>)
    return;
  else if constexpr (sizeof(T) == sizeof(R))
    to = std::bit_cast<R>(from);
  else
    to = static_cast<R>(from);
}
template <class T, class R>
T narrow(R from) {
  if constexpr (sizeof(T) == sizeof(R))
    return std::bit_cast<T>(from);
  else
    return static_cast<T>(from);
}

template <class V>
[[gnu::always_inline]] inline V weak_load(const V* from) {
  return *from;
}
template <class V>
[[gnu::always_inline]] inline void weak_store(V* to, V value) {
  *to = value;
}

using simt::detail::strong_load;
using simt::detail::strong_store;
}  // namespace detail

// Strong: volatile, relaxed, acquire, release. Such accesses do not race with one another; what a release
// adds is the fence that the rewriter puts in front.
#define SIMT_PTX_ACCESS(kind, name, type, T, pointer)                                                   \
  [[gnu::always_inline]] inline void ld##name##_##type(auto& d, b64 a) {                                \
    detail::widen(d, detail::kind##_load(detail::pointer<const detail::Vector<T, 1>>(a)).value[0]);     \
  }                                                                                                     \
  [[gnu::always_inline]] inline void ld##name##_##type(auto& d0, auto& d1, b64 a) {                     \
    const auto v = detail::kind##_load(detail::pointer<const detail::Vector<T, 2>>(a));                 \
    detail::widen(d0, v.value[0]), detail::widen(d1, v.value[1]);                                       \
  }                                                                                                     \
  [[gnu::always_inline]] inline void ld##name##_##type(auto& d0, auto& d1, auto& d2, auto& d3, b64 a) { \
    const auto v = detail::kind##_load(detail::pointer<const detail::Vector<T, 4>>(a));                 \
    detail::widen(d0, v.value[0]), detail::widen(d1, v.value[1]);                                       \
    detail::widen(d2, v.value[2]), detail::widen(d3, v.value[3]);                                       \
  }                                                                                                     \
  [[gnu::always_inline]] inline void st##name##_##type(b64 a, auto... v) {                              \
    using V = detail::Vector<T, sizeof...(v)>;                                                          \
    detail::kind##_store(detail::pointer<V>(a), V{{detail::narrow<T>(v)...}});                          \
  }
// Without a state space an address is generic, which here is what a global one is.
#define SIMT_PTX_MEMORY(type, T)                                  \
  SIMT_PTX_ACCESS(weak, , type, T, generic)                       \
  SIMT_PTX_ACCESS(weak, _global, type, T, generic)                \
  SIMT_PTX_ACCESS(weak, _shared, type, T, shared_window)          \
  SIMT_PTX_ACCESS(strong, _strong, type, T, generic)              \
  SIMT_PTX_ACCESS(strong, _strong_global, type, T, generic)       \
  SIMT_PTX_ACCESS(strong, _strong_shared, type, T, shared_window) \
  inline void ldu_global_##type(auto&&... o) { ld_global_##type(o...); }
SIMT_PTX_MEMORY(u8, std::uint8_t)
SIMT_PTX_MEMORY(s8, std::int8_t)
SIMT_PTX_MEMORY(b8, std::uint8_t)
SIMT_PTX_MEMORY(b16, b16)
SIMT_PTX_MEMORY(u16, b16)
SIMT_PTX_MEMORY(s16, std::int16_t)
SIMT_PTX_MEMORY(b32, b32)
SIMT_PTX_MEMORY(u32, b32)
SIMT_PTX_MEMORY(s32, std::int32_t)
SIMT_PTX_MEMORY(b64, b64)
SIMT_PTX_MEMORY(u64, b64)
SIMT_PTX_MEMORY(s64, std::int64_t)
SIMT_PTX_MEMORY(b128, b128)
SIMT_PTX_MEMORY(f32, f32)
SIMT_PTX_MEMORY(f64, f64)
#undef SIMT_PTX_MEMORY
#undef SIMT_PTX_ACCESS

}  // namespace simt::ptx
