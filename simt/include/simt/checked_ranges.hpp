#pragma once
// In a checked build: memcpy, memmove and memset, which tell the checker what they read and write. The
// compiler would leave them to the C library or expand them, both unseen, but for those that are one load and
// one store.
#include <cstddef>
#include <cstring>

extern "C" {
void* simt_checked_memcpy(void* to, const void* from, std::size_t bytes);
void* simt_checked_memmove(void* to, const void* from, std::size_t bytes);
void* simt_checked_memset(void* to, int value, std::size_t bytes);

#define SIMT_IN_PLACE extern inline __attribute__((gnu_inline, always_inline, artificial))
SIMT_IN_PLACE void* memcpy(void* to, const void* from, std::size_t bytes) noexcept {
  if (__builtin_constant_p(bytes) && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16))
    return __builtin_memcpy(to, from, bytes);
  return simt_checked_memcpy(to, from, bytes);
}
SIMT_IN_PLACE void* memmove(void* to, const void* from, std::size_t bytes) noexcept {
  return simt_checked_memmove(to, from, bytes);
}
SIMT_IN_PLACE void* memset(void* to, int value, std::size_t bytes) noexcept {
  return simt_checked_memset(to, value, bytes);
}
#undef SIMT_IN_PLACE
}
