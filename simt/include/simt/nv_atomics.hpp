#pragma once
// __nv_atomic_…: nvcc's built-in atomics with an order and a scope. A release is a fence in front; an acquire
// needs none here, for nothing is moved in front of it.
#include <type_traits>

#include "simt/atomics.hpp"
#include "simt/strong.hpp"

#define __NV_ATOMIC_RELAXED 0
#define __NV_ATOMIC_CONSUME 1
#define __NV_ATOMIC_ACQUIRE 2
#define __NV_ATOMIC_RELEASE 3
#define __NV_ATOMIC_ACQ_REL 4
#define __NV_ATOMIC_SEQ_CST 5
#define __NV_THREAD_SCOPE_THREAD 0
#define __NV_THREAD_SCOPE_BLOCK 1
#define __NV_THREAD_SCOPE_CLUSTER 2
#define __NV_THREAD_SCOPE_DEVICE 3
#define __NV_THREAD_SCOPE_SYSTEM 4

namespace simt::detail {
[[gnu::always_inline]] inline void nv_fence(int scope) {
  scope <= __NV_THREAD_SCOPE_BLOCK ? __threadfence_block() : __threadfence();
}
[[gnu::always_inline]] inline void nv_release(int order, int scope) {
  if (order >= __NV_ATOMIC_RELEASE) nv_fence(scope);
}
template <class T, class F>
[[gnu::always_inline]] inline T nv_update(T* address, int order, int scope, F f) {
  nv_release(order, scope);
  tell_checker(address, sizeof *address, scope <= __NV_THREAD_SCOPE_BLOCK);
  return atomic_update(address, f);
}
}  // namespace simt::detail

#define SIMT_NV [[gnu::always_inline]] inline
#define SIMT_SCOPE int scope = __NV_THREAD_SCOPE_SYSTEM
template <class T>
SIMT_NV T __nv_atomic_load_n(const T* address, int, int = __NV_THREAD_SCOPE_SYSTEM) {
  return simt::detail::strong_load(address);
}
template <class T>
SIMT_NV void __nv_atomic_load(const T* address, T* result, int, int = __NV_THREAD_SCOPE_SYSTEM) {
  *result = simt::detail::strong_load(address);
}
template <class T>
SIMT_NV void __nv_atomic_store_n(T* address, std::type_identity_t<T> value, int order, SIMT_SCOPE) {
  simt::detail::nv_release(order, scope);
  simt::detail::strong_store(address, value);
}
template <class T>
SIMT_NV void __nv_atomic_store(T* address, T* value, int order, SIMT_SCOPE) {
  __nv_atomic_store_n(address, *value, order, scope);
}

template <class T>
SIMT_NV T __nv_atomic_exchange_n(T* address, std::type_identity_t<T> value, int order, SIMT_SCOPE) {
  simt::detail::nv_release(order, scope);
  simt::detail::tell_checker(address, sizeof *address, scope <= __NV_THREAD_SCOPE_BLOCK);
  return simt::detail::atomic_exchange(address, value);
}
template <class T>
SIMT_NV void __nv_atomic_exchange(T* address, T* value, T* result, int order, SIMT_SCOPE) {
  *result = __nv_atomic_exchange_n(address, *value, order, scope);
}
template <class T>
SIMT_NV bool __nv_atomic_compare_exchange_n(T* address, T* expected, std::type_identity_t<T> desired, bool,
                                            int order, int, SIMT_SCOPE) {
  simt::detail::nv_release(order, scope);
  simt::detail::tell_checker(address, sizeof *address, scope <= __NV_THREAD_SCOPE_BLOCK);
  const T wanted = *expected, old = simt::detail::atomic_cas(address, wanted, desired);
  const bool swapped = simt::detail::same_bits(old, wanted);
  if (!swapped) *expected = old;
  return swapped;
}
template <class T>
SIMT_NV bool __nv_atomic_compare_exchange(T* address, T* expected, T* desired, bool weak, int order,
                                          int failing, SIMT_SCOPE) {
  return __nv_atomic_compare_exchange_n(address, expected, *desired, weak, order, failing, scope);
}

// With the old value, and without.
#define SIMT_NV_UPDATE(name, condition, next)                                                                \
  template <class T>                                                                                         \
  requires(condition)                                                                                        \
      SIMT_NV T __nv_atomic_fetch_##name(T* address, std::type_identity_t<T> value, int order, SIMT_SCOPE) { \
    return simt::detail::nv_update(address, order, scope, [value](T old) -> T { return next; });             \
  }                                                                                                          \
  template <class T>                                                                                         \
  requires(condition)                                                                                        \
      SIMT_NV void __nv_atomic_##name(T* address, std::type_identity_t<T> value, int order, SIMT_SCOPE) {    \
    __nv_atomic_fetch_##name(address, value, order, scope);                                                  \
  }
SIMT_NV_UPDATE(add, std::is_arithmetic_v<T>, T(old + value))
SIMT_NV_UPDATE(sub, std::is_arithmetic_v<T>, T(old - value))
SIMT_NV_UPDATE(min, std::is_integral_v<T>, value < old ? value : old)
SIMT_NV_UPDATE(max, std::is_integral_v<T>, value > old ? value : old)
SIMT_NV_UPDATE(and, std::is_integral_v<T>, T(old& value))
SIMT_NV_UPDATE(or, std::is_integral_v<T>, T(old | value))
SIMT_NV_UPDATE(xor, std::is_integral_v<T>, T(old ^ value))
#undef SIMT_NV_UPDATE

SIMT_NV void __nv_atomic_thread_fence(int order, SIMT_SCOPE) {
  if (order != __NV_ATOMIC_RELAXED) simt::detail::nv_fence(scope);
}
#undef SIMT_SCOPE
#undef SIMT_NV
