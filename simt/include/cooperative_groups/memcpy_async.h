#pragma once
// Copies by a whole group, as cp.async of 4 to 16 bytes where the addresses allow it.
#include <algorithm>

#include "../cooperative_groups.h"
#include "simt/hide_letters.hpp"

namespace cooperative_groups {

template <class Group>
void memcpy_async(const Group& group, void* target, const void* source, std::size_t size,
                  simt::Site site = simt::Site::here()) {
  auto bits = reinterpret_cast<std::uintptr_t>(target) | reinterpret_cast<std::uintptr_t>(source) | size;
  const std::size_t piece = bits % 16 == 0 ? 16 : bits % 8 == 0 ? 8 : bits % 4 == 0 ? 4 : 1;
  for (std::size_t i = group.thread_rank() * piece; i < size; i += group.size() * piece) {
    char* to = static_cast<char*>(target) + i;
    const char* from = static_cast<const char*>(source) + i;
    if (piece == 1 || !simt::in_shared(target))
      std::memcpy(to, from, piece);
    else
      simt::copy_async(unsigned(__cvta_generic_to_shared(to)), from, unsigned(piece), unsigned(piece), site);
  }
  simt::commit_copies();
}
template <class Group, class T>
requires(!std::is_void_v<T>) void memcpy_async(const Group& group, T* target, const T* source,
                                               std::size_t size, simt::Site site = simt::Site::here()) {
  memcpy_async(group, static_cast<void*>(target), static_cast<const void*>(source), size, site);
}
/// As many elements as both counts allow.
template <class Group, class T, class To, class From>
requires(std::is_convertible_v<From, std::size_t>) void memcpy_async(const Group& group, T* target,
                                                                     const To& room, const T* source,
                                                                     const From& count,
                                                                     simt::Site site = simt::Site::here()) {
  memcpy_async(group, target, source, std::min<std::size_t>(room, count) * sizeof(T), site);
}
template <class Group>
void wait(const Group& group, simt::Site site = simt::Site::here()) {
  simt::wait_for_copies(0);
  group.sync(site);
}
template <unsigned newest, class Group>
void wait_prior(const Group& group, simt::Site site = simt::Site::here()) {
  simt::wait_for_copies(newest);
  group.sync(site);
}

}  // namespace cooperative_groups

#include "simt/show_letters.hpp"
