#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "simt/kernel.hpp"
#include "simt/thread.hpp"

namespace simt {

/// Describes one `__shared__` declaration; has static storage duration.
struct SharedSite {
  const char* name;
  const char* file;
  int line;
  // A constant: the guard of one that is made when a thread gets there would be an atomic access, which
  // orders blocks.
  constexpr SharedSite(const char* name, const char* file, int line) : name(name), file(file), line(line) {}

  /// Index into a block's table of shared objects, from 1.
  unsigned id() const {
    const unsigned known = id_.load(std::memory_order_relaxed);
    return known ? known : take_id();
  }

 private:
  unsigned take_id() const;
  mutable std::atomic<unsigned> id_{0};
};

namespace detail {
/// The block's object for `site`, placed and poisoned on the block's first use of it.
void* shared_object(const SharedSite& site, std::size_t size, std::size_t align);
void* dynamic_shared_object();
}  // namespace detail

/// `__shared__ T x;`: one object per block, its bytes poisoned (0xFF: NaN, -1) when the block starts. Place
/// is a type that is declared beside it, aligned at least as x is to be.
template <class T, class Place = char>
SIMT_UNCHECKED T& shared(const SharedSite& site) {
  constexpr std::size_t align = alignof(Place) > alignof(T) ? alignof(Place) : alignof(T);
  static_cast<void>(&detail::StaticSharedNote<Place, sizeof(T), align>::noted);
  return *static_cast<T*>(detail::shared_object(site, sizeof(T), align));
}

/// `extern __shared__ T x[];`: the bytes asked for at the launch, aligned to 1024.
template <class T>
SIMT_UNCHECKED T* dynamic_shared() {
  return static_cast<T*>(detail::dynamic_shared_object());
}

/// Bytes of dynamic shared memory in this launch.
unsigned dynamic_shared_size();

/// An `extern __shared__ T x[];` outside functions.
template <class T>
struct DynamicShared {
  operator T*() const { return dynamic_shared<T>(); }
  auto operator&() const { return dynamic_shared<T[]>(); }
};

/// A `__shared__ T x;` outside functions, by way of its name alone; of a class's, the rewriter finds members.
/// Its size is T's.
template <class T, const SharedSite& site, class Place = char>
struct StaticShared {
  constexpr StaticShared() = default;
  StaticShared(const StaticShared&) = delete;  // so that printf's ... takes none
  operator T&() const { return shared<T, Place>(site); }
  T* operator&() const { return &shared<T, Place>(site); }
  template <class I>
  requires std::is_class_v<T>
  decltype(auto) operator[](const I& i) const { return shared<T, Place>(site)[i]; }
  template <class V>
  T& operator=(const V& v) const {
    return shared<T, Place>(site) = v;
  }
  template <class V>
  T& operator+=(const V& v) const {
    return shared<T, Place>(site) += v;
  }
  template <class V>
  T& operator-=(const V& v) const {
    return shared<T, Place>(site) -= v;
  }
  T& operator++() const { return ++shared<T, Place>(site); }
  auto operator++(int) const { return shared<T, Place>(site)++; }
  T& operator--() const { return --shared<T, Place>(site); }
  auto operator--(int) const { return shared<T, Place>(site)--; }

 private:
  alignas(T) char size_[sizeof(T)]{};
};

}  // namespace simt

/// Offset in the block's shared window, as PTX `cvta.to.shared` gives it.
std::size_t __cvta_generic_to_shared(const void* pointer);
void* __cvta_shared_to_generic(std::size_t offset);
unsigned __isShared(const void* pointer);
inline unsigned __isCtaShared(const void* pointer) { return __isShared(pointer); }
inline unsigned __isClusterShared(const void* pointer) { return __isShared(pointer); }  // of one block
inline unsigned __isConstant(const void*) { return 0; }
/// Whether it is on this thread's stack, which begins somewhere above.
[[gnu::noinline]] inline unsigned __isLocal(const void* pointer) {
  const auto here = reinterpret_cast<std::size_t>(__builtin_frame_address(0));
  return reinterpret_cast<std::size_t>(pointer) - here < 256 * 1024;
}
inline unsigned __isGlobal(const void* pointer) { return !__isShared(pointer) && !__isLocal(pointer); }
// The other windows are all of memory.
#define SIMT_WINDOW(space)                                            \
  inline std::size_t __cvta_generic_to_##space(const void* pointer) { \
    return reinterpret_cast<std::size_t>(pointer);                    \
  }                                                                   \
  inline void* __cvta_##space##_to_generic(std::size_t address) { return reinterpret_cast<void*>(address); }
SIMT_WINDOW(global)
SIMT_WINDOW(local)
SIMT_WINDOW(constant)
SIMT_WINDOW(grid_constant)
#undef SIMT_WINDOW
