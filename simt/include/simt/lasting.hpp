#pragma once
#include <utility>

namespace simt {

/// For [[gnu::init_priority(before_program)]]: before the program's own static objects.
inline constexpr int before_program = 101;

/// What those objects need that allocate in their constructors and free in their destructors: with the
/// priority above it is there before them, and it is never destroyed.
template <class T>
union Lasting {
  T object;
  Lasting() : object() {}
  ~Lasting() {}
};

/// The calling thread's own. Made again where the thread's end has taken it: the main thread's is gone when
/// static objects are destroyed, and these may still run something.
template <class T>
T& of_thread() {
  static constinit thread_local T* own = nullptr;
  struct Leave {
    ~Leave() { delete std::exchange(own, nullptr); }
  };
  if (!own) [[unlikely]] {
    own = new T;
    static thread_local Leave leave;
  }
  return *own;
}

}  // namespace simt
