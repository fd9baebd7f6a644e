// What the compiler calls at every load and store of code built with -fsanitize=thread. The names and
// signatures are the compiler's; the real ThreadSanitizer is not linked.
#include <algorithm>
#include <cstring>

#include "access.hpp"
#include "simt/sync.hpp"

namespace simt::checking {
void start();
}

extern "C" void simt_check_is_linked() {}  // simt/cuda.hpp asks for it

using simt::checking::access;
using simt::checking::access_range;
using simt::checking::Action;

#define HERE __builtin_return_address(0)

namespace {
// threadIdx and its kind are thread-local variables, of which the compiler tells as of any. All kernels read
// them: they are let pass first, by how far from threadIdx they lie, which is the same on every OS thread.
struct Indices {
  std::uintptr_t below = 0, size = 0;

  static std::uintptr_t from() { return reinterpret_cast<std::uintptr_t>(&threadIdx); }
  void find() {
    const auto [first, last] = std::minmax({from(), reinterpret_cast<std::uintptr_t>(&blockIdx),
                                            reinterpret_cast<std::uintptr_t>(&blockDim),
                                            reinterpret_cast<std::uintptr_t>(&gridDim)});
    below = from() - first;
    size = last + sizeof(dim3) - first;
  }
  bool hold(const void* p) const { return reinterpret_cast<std::uintptr_t>(p) - from() + below < size; }
} indices;

template <unsigned bytes>
void load(const void* p, const void* here) {
  if (!indices.hold(p)) access<bytes, Action::load>(p, here);
}
template <unsigned bytes>
void volatile_load(const void* p, const void* here) {
  simt::volatile_access(p, false, here);
  access<bytes, Action::load>(p, here, true);
}
template <unsigned bytes>
void volatile_store(const void* p, const void* here) {
  simt::volatile_access(p, true, here);
  access<bytes, Action::store>(p, here, true);
}
void atomic(const void* p, unsigned bytes, const void* here) {
  switch (bytes) {
    case 1: return access<1, Action::atomic>(p, here, true);
    case 2: return access<2, Action::atomic>(p, here, true);
    case 4: return access<4, Action::atomic>(p, here, true);
    case 8: return access<8, Action::atomic>(p, here, true);
    default: return access<16, Action::atomic>(p, here, true);
  }
}
void release(int order) {
  if (order >= __ATOMIC_RELEASE) simt::checking::fence();
}
}  // namespace

#define SIMT_TSAN_SIZE(bytes)                                                                         \
  void __tsan_read##bytes(void* p) { load<bytes>(p, HERE); }                                          \
  void __tsan_write##bytes(void* p) { access<bytes, Action::store>(p, HERE); }                        \
  void __tsan_volatile_read##bytes(void* p) { volatile_load<bytes>(p, HERE); }                        \
  void __tsan_volatile_write##bytes(void* p) { volatile_store<bytes>(p, HERE); }                      \
  void __tsan_unaligned_read##bytes(void* p) { access_range(p, bytes, Action::load, HERE); }          \
  void __tsan_unaligned_write##bytes(void* p) { access_range(p, bytes, Action::store, HERE); }        \
  void __tsan_unaligned_volatile_read##bytes(void* p) { access_range(p, bytes, Action::load, HERE); } \
  void __tsan_unaligned_volatile_write##bytes(void* p) { access_range(p, bytes, Action::store, HERE); }

// Atomics of the language (std::atomic, cuda::atomic): done here, for the compiler leaves them to the
// library.
#define SIMT_TSAN_ATOMIC(bits, T)                                                                            \
  T __tsan_atomic##bits##_load(const volatile T* p, int) {                                                   \
    volatile_load<bits / 8>(const_cast<const T*>(p), HERE);                                                  \
    return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                                             \
  }                                                                                                          \
  void __tsan_atomic##bits##_store(volatile T* p, T v, int order) {                                          \
    release(order);                                                                                          \
    access<bits / 8, Action::store>(const_cast<const T*>(p), HERE, true);                                    \
    __atomic_store_n(p, v, __ATOMIC_SEQ_CST);                                                                \
  }                                                                                                          \
  T __tsan_atomic##bits##_exchange(volatile T* p, T v, int order) {                                          \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                                      \
  }                                                                                                          \
  T __tsan_atomic##bits##_fetch_add(volatile T* p, T v, int order) {                                         \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);                                                       \
  }                                                                                                          \
  T __tsan_atomic##bits##_fetch_sub(volatile T* p, T v, int order) {                                         \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST);                                                       \
  }                                                                                                          \
  T __tsan_atomic##bits##_fetch_and(volatile T* p, T v, int order) {                                         \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST);                                                       \
  }                                                                                                          \
  T __tsan_atomic##bits##_fetch_or(volatile T* p, T v, int order) {                                          \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST);                                                        \
  }                                                                                                          \
  T __tsan_atomic##bits##_fetch_xor(volatile T* p, T v, int order) {                                         \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST);                                                       \
  }                                                                                                          \
  T __tsan_atomic##bits##_fetch_nand(volatile T* p, T v, int order) {                                        \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_fetch_nand(p, v, __ATOMIC_SEQ_CST);                                                      \
  }                                                                                                          \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* expected, T desired, int order, int) { \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_compare_exchange_n(p, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);     \
  }                                                                                                          \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile T* p, T* expected, T desired, int order, int) {   \
    release(order);                                                                                          \
    access<bits / 8, Action::atomic>(const_cast<const T*>(p), HERE, true);                                   \
    return __atomic_compare_exchange_n(p, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);     \
  }

extern "C" {
void __tsan_init() {
  indices.find();
  simt::checking::start();
}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void** p, void*) { access<sizeof *p, Action::store>(p, HERE); }
void __tsan_vptr_read(void**) {}
SIMT_TSAN_SIZE(1)
SIMT_TSAN_SIZE(2)
SIMT_TSAN_SIZE(4)
SIMT_TSAN_SIZE(8)
SIMT_TSAN_SIZE(16)
void __tsan_read_range(void* p, unsigned long bytes) { access_range(p, bytes, Action::load, HERE); }
void __tsan_write_range(void* p, unsigned long bytes) { access_range(p, bytes, Action::store, HERE); }
SIMT_TSAN_ATOMIC(8, unsigned char)
SIMT_TSAN_ATOMIC(16, unsigned short)
SIMT_TSAN_ATOMIC(32, unsigned)
SIMT_TSAN_ATOMIC(64, unsigned long)
void __tsan_atomic_thread_fence(int) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  simt::checking::fence();
}
void __tsan_atomic_signal_fence(int) { simt::checking::fence_block(); }

// Of simt/checked_ranges.hpp.
void* simt_checked_memcpy(void* to, const void* from, std::size_t bytes) {
  access_range(from, bytes, Action::load, HERE);
  access_range(to, bytes, Action::store, HERE);
  return std::memcpy(to, from, bytes);
}
void* simt_checked_memmove(void* to, const void* from, std::size_t bytes) {
  access_range(from, bytes, Action::load, HERE);
  access_range(to, bytes, Action::store, HERE);
  return std::memmove(to, from, bytes);
}
void* simt_checked_memset(void* to, int value, std::size_t bytes) {
  access_range(to, bytes, Action::store, HERE);
  return std::memset(to, value, bytes);
}

// atomicAdd and its kind (simt/atomics.hpp), which do their work unseen.
void simt_checked_atomic(const void* p, unsigned bytes) { atomic(p, bytes, HERE); }
void simt_checked_atomic_block(const void* p, unsigned bytes) {
  simt::checking::check_block_scope(p, bytes, HERE);
  atomic(p, bytes, HERE);
}
}
