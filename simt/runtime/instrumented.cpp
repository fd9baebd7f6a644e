// What the compiler calls in files with volatile objects, when no checker is linked; weak, so that
// simt_check's functions of the same names win in any order. They matter for volatile accesses; atomics must
// be done here, for the compiler leaves them to the library.
#include "simt/sync.hpp"

#define HERE __builtin_return_address(0)

#define SIMT_SIZE(bytes)                                                                             \
  [[gnu::weak]] void __tsan_read##bytes(void*) {}                                                    \
  [[gnu::weak]] void __tsan_write##bytes(void*) {}                                                   \
  [[gnu::weak]] void __tsan_unaligned_read##bytes(void*) {}                                          \
  [[gnu::weak]] void __tsan_unaligned_write##bytes(void*) {}                                         \
  [[gnu::weak]] void __tsan_volatile_read##bytes(void* p) { simt::volatile_access(p, false, HERE); } \
  [[gnu::weak]] void __tsan_volatile_write##bytes(void* p) { simt::volatile_access(p, true, HERE); } \
  [[gnu::weak]] void __tsan_unaligned_volatile_read##bytes(void* p) {                                \
    simt::volatile_access(p, false, HERE);                                                           \
  }                                                                                                  \
  [[gnu::weak]] void __tsan_unaligned_volatile_write##bytes(void* p) { simt::volatile_access(p, true, HERE); }

#define SIMT_UPDATE(bits, T, name)                                        \
  [[gnu::weak]] T __tsan_atomic##bits##_##name(volatile T* p, T v, int) { \
    return __atomic_##name(p, v, __ATOMIC_SEQ_CST);                       \
  }
#define SIMT_COMPARE(bits, T, name, may_fail)                                                               \
  [[gnu::weak]] int __tsan_atomic##bits##_compare_exchange_##name(volatile T* p, T* expected, T desired,    \
                                                                  int, int) {                               \
    return __atomic_compare_exchange_n(p, expected, desired, may_fail, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
  }
#define SIMT_ATOMIC(bits, T)                                                \
  [[gnu::weak]] T __tsan_atomic##bits##_load(const volatile T* p, int) {    \
    simt::volatile_access(const_cast<const T*>(p), false, HERE);            \
    return __atomic_load_n(p, __ATOMIC_SEQ_CST);                            \
  }                                                                         \
  [[gnu::weak]] void __tsan_atomic##bits##_store(volatile T* p, T v, int) { \
    __atomic_store_n(p, v, __ATOMIC_SEQ_CST);                               \
  }                                                                         \
  [[gnu::weak]] T __tsan_atomic##bits##_exchange(volatile T* p, T v, int) { \
    return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                     \
  }                                                                         \
  SIMT_UPDATE(bits, T, fetch_add)                                           \
  SIMT_UPDATE(bits, T, fetch_sub)                                           \
  SIMT_UPDATE(bits, T, fetch_and)                                           \
  SIMT_UPDATE(bits, T, fetch_or)                                            \
  SIMT_UPDATE(bits, T, fetch_xor)                                           \
  SIMT_UPDATE(bits, T, fetch_nand)                                          \
  SIMT_COMPARE(bits, T, strong, false)                                      \
  SIMT_COMPARE(bits, T, weak, true)

extern "C" {
[[gnu::weak]] void __tsan_init() {}
[[gnu::weak]] void __tsan_func_entry(void*) {}
[[gnu::weak]] void __tsan_func_exit() {}
[[gnu::weak]] void __tsan_vptr_update(void**, void*) {}
[[gnu::weak]] void __tsan_vptr_read(void**) {}
[[gnu::weak]] void __tsan_read_range(void*, unsigned long) {}
[[gnu::weak]] void __tsan_write_range(void*, unsigned long) {}
SIMT_SIZE(1)
SIMT_SIZE(2)
SIMT_SIZE(4)
SIMT_SIZE(8)
SIMT_SIZE(16)
SIMT_ATOMIC(8, unsigned char)
SIMT_ATOMIC(16, unsigned short)
SIMT_ATOMIC(32, unsigned)
SIMT_ATOMIC(64, unsigned long)
[[gnu::weak]] void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
[[gnu::weak]] void __tsan_atomic_signal_fence(int) {}
}
