#include "stacks.hpp"

#include <sys/mman.h>

#include <new>

namespace simt {
namespace {
constexpr std::size_t stacks_per_slab = 64;
constexpr std::size_t page = 4096;
constexpr std::size_t slab_size = stacks_per_slab * Stacks::size;
// A guard page splits its mapping in two, and a process may have 65530 mappings: beyond this many
// slabs only the lowest stack of each is guarded.
constexpr std::size_t guarded_slabs = 128;
}  // namespace

Stacks::~Stacks() {
  for (void* slab : slabs_) munmap(slab, slab_size);
}

void Stacks::grow() {
  void* slab =
      mmap(nullptr, slab_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (slab == MAP_FAILED) throw std::bad_alloc();
  slabs_.push_back(slab);
  for (std::size_t i = stacks_per_slab; i-- > 0;) {
    char* bottom = static_cast<char*>(slab) + i * size;
    if (i == 0 || slabs_.size() <= guarded_slabs) mprotect(bottom, page, PROT_NONE);
    all_.push_back(bottom + size - (i % 64) * 64);
    free_.push_back(all_.back());
  }
}

void* Stacks::take() {
  if (free_.empty()) grow();
  void* top = free_.back();
  free_.pop_back();
  return top;
}

}  // namespace simt
