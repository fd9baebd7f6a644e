#pragma once
#include <cstddef>
#include <vector>

namespace simt {

/// Fiber stacks of one worker. Tops are staggered, for equal tops would share cache sets.
class Stacks {
 public:
  static constexpr std::size_t size = 256 * 1024;

  Stacks() = default;
  Stacks(const Stacks&) = delete;
  ~Stacks();
  /// The top of a free stack; it stays valid until it is given back.
  void* take();
  void give_back(void* top) { free_.push_back(top); }
  /// Every stack is free again: their fibers have been abandoned.
  void reclaim_all() { free_ = all_; }
  /// Bytes that a fiber may use below `top`.
  static constexpr std::size_t usable = size - 8 * 1024;

 private:
  void grow();
  std::vector<void*> free_, all_, slabs_;
};

}  // namespace simt
