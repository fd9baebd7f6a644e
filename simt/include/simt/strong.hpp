#pragma once
#pragma GCC system_header  // a volatile access here is one that the user's asm asks for (see rewrite.hpp)
// Loads and stores that do not race with one another, of 1, 2, 4, 8 or 16 bytes, or of several times 16.
// Always inlined, so that a checker sees them at the user's line.
#include <bit>
#include <cstddef>
#include <type_traits>

#include "simt/atomics.hpp"
#include "simt/sync.hpp"

namespace simt::detail {

// 16 bytes: one volatile access, which the host's vector registers make at once.
using Sixteen [[gnu::vector_size(16)]] = long long;
template <std::size_t size>
struct Sixteens {
  Sixteen part[size / 16];
};
template <std::size_t size>
using Strong = std::conditional_t<(size > 8), Sixteens<size>, Bits<size>>;

/// A loop that waits for another thread lets it run. Everything behind the load stays behind it.
template <class T>
[[gnu::always_inline]] inline T strong_load(const T* from) {
  using B = Strong<sizeof(T)>;
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
  using B = Strong<sizeof(T)>;
  const B bits = std::bit_cast<B>(value);
  if constexpr (sizeof(T) <= 8)
    __atomic_store_n(reinterpret_cast<B*>(to), bits, __ATOMIC_RELAXED);
  else
    for (std::size_t i = 0; i < sizeof(T) / 16; ++i)
      reinterpret_cast<volatile B*>(to)->part[i] = bits.part[i];
}

}  // namespace simt::detail
