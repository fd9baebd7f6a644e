#pragma once
#pragma GCC system_header  // a volatile access here is one that the user's asm asks for (see rewrite.hpp)
// Loads and stores that do not race with one another, of 1, 2, 4, 8 or 16 bytes, or of several times 16.
// Always inlined, so that a checker sees them at the user's line.
#include <bit>
#include <cstddef>
#include <cstdint>

#include "simt/sync.hpp"

namespace simt::detail {

// 16 bytes: one volatile access, which the host's vector registers make at once.
using Sixteen [[gnu::vector_size(16)]] = long long;
template <std::size_t size>
struct Strong {
  struct type {
    Sixteen part[size / 16];
  };
};
template <>
struct Strong<1> {
  using type = std::uint8_t;
};
template <>
struct Strong<2> {
  using type = std::uint16_t;
};
template <>
struct Strong<4> {
  using type = std::uint32_t;
};
template <>
struct Strong<8> {
  using type = std::uint64_t;
};

/// A loop that waits for another thread lets it run. Everything behind the load stays behind it.
template <class T>
[[gnu::always_inline]] inline T strong_load(const T* from) {
  using B = typename Strong<sizeof(T)>::type;
  yield();
  if constexpr (sizeof(T) <= 8) {
    return std::bit_cast<T>(__atomic_load_n(reinterpret_cast<const B*>(from), __ATOMIC_ACQUIRE));
  } else {
    B bits;
    for (std::size_t i = 0; i < sizeof(T) / 16; ++i)
      bits.part[i] = reinterpret_cast<const volatile B*>(from)->part[i];
    return std::bit_cast<T>(bits);
  }
}
/// What a release adds is a fence in front.
template <class T>
[[gnu::always_inline]] inline void strong_store(T* to, T value) {
  using B = typename Strong<sizeof(T)>::type;
  const B bits = std::bit_cast<B>(value);
  if constexpr (sizeof(T) <= 8)
    __atomic_store_n(reinterpret_cast<B*>(to), bits, __ATOMIC_RELAXED);
  else
    for (std::size_t i = 0; i < sizeof(T) / 16; ++i)
      reinterpret_cast<volatile B*>(to)->part[i] = bits.part[i];
}

}  // namespace simt::detail
