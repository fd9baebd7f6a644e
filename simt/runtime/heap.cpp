// malloc and new in kernels: a heap of their own, apart from the host's, so that the checker tells the two
// apart. simt-cc links with --wrap=malloc and --wrap=free; operator new and delete are replaced here.
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

#include "memory.hpp"
#include "simt/thread.hpp"

namespace simt {
constinit Region kernel_heap;
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
    if (observer) note(piece, bytes);
    return piece + header;
  }
  bool owns(const void* p) const {
    return base_ && std::size_t(static_cast<const char*>(p) - base_) < capacity;
  }
  KernelHeap look_at(const char* p) const {
    const unsigned char left = *granule(p);
    return left == freed                           ? KernelHeap::freed
           : std::size_t(p - base_) % grain < left ? KernelHeap::given
                                                   : KernelHeap::not_given;
  }
  void release(void* p) {
    if (observer && *granule(static_cast<char*>(p)) == freed)
      return observer->defect("use-after-free", "memory of a kernel's malloc or new is freed twice",
                              "two threads that free what one has allocated, or a free in a loop", {});
    std::lock_guard lock(mutex_);
    char* piece = static_cast<char*>(p) - header;
    if (observer) std::memset(granule(static_cast<char*>(p)), freed, size_of(piece) / grain);
    void*& list = free_[*reinterpret_cast<unsigned*>(piece)];
    *static_cast<void**>(p) = list;
    list = piece;
  }

 private:
  static constexpr std::size_t capacity = std::size_t{64} << 30, header = 16;  // of address space
  // For the checker: of every 16 bytes, how many of them malloc gave to somebody.
  static constexpr std::size_t grain = 16;
  static constexpr unsigned char freed = 255;
  unsigned char* granule(const char* p) const { return granules_ + (p - base_) / grain; }
  static std::size_t size_of(const char* piece) {
    return (std::size_t{1} << *reinterpret_cast<const unsigned*>(piece)) - header;
  }
  void note(const char* piece, std::size_t bytes) {
    unsigned char* first = granule(piece + header);
    std::memset(first, 0, size_of(piece) / grain);
    std::memset(first, grain, bytes / grain);
    if (bytes % grain) first[bytes / grain] = static_cast<unsigned char>(bytes % grain);
  }
  void reserve() {
    void* p =
        mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) std::abort();
    base_ = static_cast<char*>(p);
    kernel_heap = {reinterpret_cast<std::uintptr_t>(base_),
                   reinterpret_cast<std::uintptr_t>(base_) + capacity};
    granules_ = reinterpret_cast<unsigned char*>(simt::reserve(capacity / grain).begin);
  }
  std::mutex mutex_;
  char* base_ = nullptr;
  unsigned char* granules_ = nullptr;
  std::size_t used_ = 0;
  std::array<void*, 37> free_{};
};
constinit DeviceHeap heap;

}  // namespace

void* allocate_in_kernel(std::size_t bytes) { return heap.allocate(bytes); }
KernelHeap look_at_kernel_heap(const void* p) { return heap.look_at(static_cast<const char*>(p)); }
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
