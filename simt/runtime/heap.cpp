// malloc and new in kernels: a heap of their own, apart from the host's, so that the checker tells the two
// apart. simt-cc links with --wrap=malloc and --wrap=free; operator new and delete are replaced here.
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>

#include "memory.hpp"
#include "simt/thread.hpp"

namespace simt {
namespace {

// Pieces are powers of two, from 32 bytes; the first 16 hold the piece's class. Freed ones wait in a list.
class DeviceHeap {
 public:
  void* allocate(std::size_t bytes) {
    const unsigned order = std::bit_width(std::max(bytes + header, std::size_t{32}) - 1);
    std::lock_guard lock(mutex_);
    if (!base_) reserve();
    if (order >= free_.size()) return nullptr;
    char* piece = static_cast<char*>(free_[order]);
    if (piece) {
      free_[order] = *reinterpret_cast<void**>(piece + header);
    } else {
      const std::size_t size = std::size_t{1} << order;
      if (size > capacity - used_) return nullptr;
      piece = base_ + used_;
      used_ += size;
    }
    *reinterpret_cast<unsigned*>(piece) = order;
    return piece + header;
  }
  bool owns(const void* p) const {
    return base_ && std::size_t(static_cast<const char*>(p) - base_) < capacity;
  }
  void release(void* p) {
    std::lock_guard lock(mutex_);
    char* piece = static_cast<char*>(p) - header;
    void*& list = free_[*reinterpret_cast<unsigned*>(piece)];
    *static_cast<void**>(p) = list;
    list = piece;
  }

 private:
  static constexpr std::size_t capacity = std::size_t{64} << 30, header = 16;  // of address space
  void reserve() {
    void* p =
        mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) std::abort();
    base_ = static_cast<char*>(p);
  }
  std::mutex mutex_;
  char* base_ = nullptr;
  std::size_t used_ = 0;
  std::array<void*, 37> free_{};
};
constinit DeviceHeap heap;

}  // namespace

void* allocate_in_kernel(std::size_t bytes) { return heap.allocate(bytes); }
void release_in_kernel(void* p) {
  if (heap.owns(p)) heap.release(p);
}
}  // namespace simt

extern "C" {
void* __real_malloc(std::size_t) __attribute__((weak));
void __real_free(void*) __attribute__((weak));
void* __wrap_malloc(std::size_t bytes) {
  if (simt::current) return simt::heap.allocate(bytes);
  return __real_malloc(bytes);
}
void __wrap_free(void* p) {
  if (simt::heap.owns(p)) return simt::heap.release(p);
  __real_free(p);
}
}

void* operator new(std::size_t bytes) {
  void* p = simt::current ? simt::heap.allocate(bytes) : std::malloc(bytes ? bytes : 1);
  if (!p) throw std::bad_alloc();
  return p;
}
void operator delete(void* p) noexcept {
  if (simt::heap.owns(p)) return simt::heap.release(p);
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }
