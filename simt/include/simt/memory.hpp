#pragma once
// Loads and stores with cache hints: here, plain ones. Always inlined, so that a checker sees them at the
// user's line.
#include <ctime>
#include <type_traits>

#include "simt/sync.hpp"

#define SIMT_LOAD(name)                                    \
  template <class T>                                       \
  [[gnu::always_inline]] inline T name(const T* address) { \
    return *address;                                       \
  }
SIMT_LOAD(__ldg)
SIMT_LOAD(__ldca)
SIMT_LOAD(__ldcg)
SIMT_LOAD(__ldcs)
SIMT_LOAD(__ldlu)
SIMT_LOAD(__ldcv)
#undef SIMT_LOAD
#define SIMT_STORE(name)                                                               \
  template <class T>                                                                   \
  [[gnu::always_inline]] inline void name(T* address, std::type_identity_t<T> value) { \
    *address = value;                                                                  \
  }
SIMT_STORE(__stwb)
SIMT_STORE(__stcg)
SIMT_STORE(__stcs)
SIMT_STORE(__stwt)
#undef SIMT_STORE

// The host's function by name: in a kernel it counts a multiprocessor's cycles (runtime/device.cpp).
extern "C" clock_t clock() noexcept __asm__("simt_clock");
inline long long clock64() { return static_cast<long long>(__builtin_ia32_rdtsc()); }
inline unsigned long long __globaltimer() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<unsigned long long>(now.tv_sec) * 1000000000u +
         static_cast<unsigned long long>(now.tv_nsec);
}
inline void __prof_trigger(int) {}
