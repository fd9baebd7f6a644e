#pragma once
// Atomic read-modify-write functions: they return the old value. Device scope is the host's sequentially
// weakest order; the _block and _system forms are the same instruction here, but for what a checker is told.
#include <cstring>
#include <type_traits>

#include "simt/sync.hpp"
#include "simt/thread.hpp"

#ifdef __SANITIZE_THREAD__
extern "C" void simt_checked_atomic(const void* address, unsigned bytes);
extern "C" void simt_checked_atomic_block(const void* address, unsigned bytes);
#endif

namespace simt {

using b128 = unsigned __int128;
/// Returns what was there. The address is a multiple of 16.
b128 compare_and_swap(b128* address, b128 expected, b128 desired);

/// True when `address` is in the running block's shared memory, which one OS thread alone touches.
SIMT_UNCHECKED inline bool in_shared(const void* address) {
  return current &&
         std::size_t(static_cast<const char*>(address) - current->block->shared_base) < shared_window;
}

namespace detail {

/// In a checked build each atomic function tells the checker, from the user's own line; the work itself goes
/// unseen.
[[gnu::always_inline]] inline void tell_checker([[maybe_unused]] const void* address,
                                                [[maybe_unused]] std::size_t bytes,
                                                [[maybe_unused]] bool within_block = false) {
#ifdef __SANITIZE_THREAD__
  if (within_block) return simt_checked_atomic_block(address, static_cast<unsigned>(bytes));
  simt_checked_atomic(address, static_cast<unsigned>(bytes));
#endif
}

template <std::size_t size>
struct BitsOf {
  using type = b128;
};
template <>
struct BitsOf<1> {
  using type = unsigned char;
};
template <>
struct BitsOf<2> {
  using type = unsigned short;
};
template <>
struct BitsOf<4> {
  using type = unsigned;
};
template <>
struct BitsOf<8> {
  using type = unsigned long long;
};
/// What `size` bytes are compared and swapped as.
template <std::size_t size>
using Bits = typename BitsOf<size>::type;

template <class B>
SIMT_UNCHECKED B guessed(const B* bits) {
  if constexpr (sizeof(B) == 16)
    return *bits;  // in two parts, perhaps of two values: swapped() finds out
  else
    return __atomic_load_n(bits, __ATOMIC_RELAXED);
}
/// Whether *bits was `before` and is `after` now; otherwise `before` becomes what it is.
template <class B>
SIMT_UNCHECKED bool swapped(B* bits, B& before, B after) {
  if constexpr (sizeof(B) == 16) {
    const B expected = before;
    before = compare_and_swap(bits, expected, after);
    return before == expected;
  } else {
    return __atomic_compare_exchange_n(bits, &before, after, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
  }
}
template <class T>
SIMT_UNCHECKED bool same_bits(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

/// *address = f(*address), atomically.
template <class T, class F>
SIMT_UNCHECKED T atomic_update(T* address, F&& f) {
  if (in_shared(address)) {
    T old = *address;
    *address = f(old);
    return old;
  }
  using B = Bits<sizeof(T)>;
  B* bits = reinterpret_cast<B*>(address);
  B before = guessed(bits);
  for (;;) {
    T old, next;
    std::memcpy(static_cast<void*>(&old), &before, sizeof old);
    next = f(old);
    B after;
    std::memcpy(&after, static_cast<void*>(&next), sizeof after);
    if (swapped(bits, before, after)) return old;
  }
}

template <class T>
SIMT_UNCHECKED T atomic_add_any(T* address, T value) {
  if constexpr (std::is_integral_v<T>) {
    if (!in_shared(address)) return __atomic_fetch_add(address, value, __ATOMIC_ACQ_REL);
  }
  return atomic_update(address, [value](T old) { return T(old + value); });
}

/// Adding 0 is how programs read atomically, in loops that wait: it lets the others run. Afterwards: what is
/// read is what the checker has just been told of.
template <class T>
SIMT_UNCHECKED T atomic_add(T* address, T value) {
  const T old = atomic_add_any(address, value);
  if (value == T{}) yield();
  return old;
}

/// A failed compare-and-swap is how programs spin, so it lets the others run.
template <class T>
SIMT_UNCHECKED T atomic_cas(T* address, T expected, T desired) {
  T old = atomic_update(address, [&](T old) { return same_bits(old, expected) ? desired : old; });
  if (!same_bits(old, expected)) yield();
  return old;
}

template <class T>
SIMT_UNCHECKED T atomic_exchange(T* address, T value) {
  T old = atomic_update(address, [value](T) { return value; });
  if (same_bits(old, value)) yield();  // a lock that is taken with atomicExch
  return old;
}

}  // namespace detail
}  // namespace simt

#define SIMT_ATOMIC_FUNCTION(scope, signature, expression)                                  \
  [[gnu::always_inline]] inline signature {                                                 \
    simt::detail::tell_checker(address, sizeof *address, sizeof #scope == sizeof "_block"); \
    return expression;                                                                      \
  }
#define SIMT_ATOMIC(name, T, expression)                                        \
  SIMT_ATOMIC_FUNCTION(, T name(T* address, T value), expression)               \
  SIMT_ATOMIC_FUNCTION(_block, T name##_block(T* address, T value), expression) \
  SIMT_ATOMIC_FUNCTION(, T name##_system(T* address, T value), expression)
#define SIMT_ATOMIC_UPDATE(name, T, next) \
  SIMT_ATOMIC(name, T, simt::detail::atomic_update(address, [value](T old) -> T { return next; }))
#define SIMT_ATOMIC_BITWISE(T)                                              \
  SIMT_ATOMIC_UPDATE(atomicMin, T, value < old ? value : old)               \
  SIMT_ATOMIC_UPDATE(atomicMax, T, value > old ? value : old)               \
  SIMT_ATOMIC_UPDATE(atomicAnd, T, old& value)                              \
  SIMT_ATOMIC_UPDATE(atomicOr, T, old | value)                              \
  SIMT_ATOMIC_UPDATE(atomicXor, T, old ^ value)                             \
  SIMT_ATOMIC(atomicExch, T, simt::detail::atomic_exchange(address, value)) \
  SIMT_ATOMIC_CAS(T)
#define SIMT_ATOMIC_CAS(T)                                                           \
  SIMT_ATOMIC_FUNCTION(, T atomicCAS(T* address, T expected, T desired),             \
                       simt::detail::atomic_cas(address, expected, desired))         \
  SIMT_ATOMIC_FUNCTION(_block, T atomicCAS_block(T* address, T expected, T desired), \
                       simt::detail::atomic_cas(address, expected, desired))         \
  SIMT_ATOMIC_FUNCTION(, T atomicCAS_system(T* address, T expected, T desired),      \
                       simt::detail::atomic_cas(address, expected, desired))
SIMT_ATOMIC(atomicAdd, int, simt::detail::atomic_add(address, value))
SIMT_ATOMIC(atomicAdd, unsigned, simt::detail::atomic_add(address, value))
SIMT_ATOMIC(atomicAdd, unsigned long long, simt::detail::atomic_add(address, value))
SIMT_ATOMIC(atomicAdd, float, simt::detail::atomic_add(address, value))
SIMT_ATOMIC(atomicAdd, double, simt::detail::atomic_add(address, value))
SIMT_ATOMIC_UPDATE(atomicSub, int, int(unsigned(old) - unsigned(value)))
SIMT_ATOMIC_UPDATE(atomicSub, unsigned, old - value)
SIMT_ATOMIC_UPDATE(atomicInc, unsigned, old >= value ? 0 : old + 1)
SIMT_ATOMIC_UPDATE(atomicDec, unsigned, old == 0 || old > value ? value : old - 1)
SIMT_ATOMIC(atomicExch, float, simt::detail::atomic_exchange(address, value))
SIMT_ATOMIC_BITWISE(int)
SIMT_ATOMIC_BITWISE(unsigned)
SIMT_ATOMIC_BITWISE(unsigned long long)
SIMT_ATOMIC_UPDATE(atomicMin, long long, value < old ? value : old)
SIMT_ATOMIC_UPDATE(atomicMax, long long, value > old ? value : old)
SIMT_ATOMIC_CAS(unsigned short)
// Of anything that takes 16 bytes and may be copied as bytes.
template <class T>
concept SimtWide = sizeof(T) == 16 && alignof(T) >= 16 && std::is_trivially_copyable_v<T>;
#define SIMT_ATOMIC_WIDE(suffix)                                                       \
  template <SimtWide T>                                                                \
  SIMT_ATOMIC_FUNCTION(suffix, T atomicCAS##suffix(T* address, T expected, T desired), \
                       simt::detail::atomic_cas(address, expected, desired))           \
  template <SimtWide T>                                                                \
  SIMT_ATOMIC_FUNCTION(suffix, T atomicExch##suffix(T* address, T value),              \
                       simt::detail::atomic_exchange(address, value))
SIMT_ATOMIC_WIDE()
SIMT_ATOMIC_WIDE(_block)
SIMT_ATOMIC_WIDE(_system)
#undef SIMT_ATOMIC_WIDE
#undef SIMT_ATOMIC_CAS
#undef SIMT_ATOMIC_BITWISE
#undef SIMT_ATOMIC_UPDATE
#undef SIMT_ATOMIC
#undef SIMT_ATOMIC_FUNCTION
