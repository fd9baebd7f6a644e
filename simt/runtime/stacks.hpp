#pragma once
#include <cstddef>
#include <vector>

namespace simt {

/// Fiber stacks of one worker. Their size is an odd number of pages and their tops are staggered: at a power
/// of two apart they would share sets of the TLB and of the cache (33 -> 19 ns a barrier at 256 threads).
class Stacks {
 public:
  static constexpr std::size_t size = 65 * 4096;

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
