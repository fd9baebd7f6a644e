#include "shadow.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace simt::checking {

Shadow shadows[4];

namespace {
template <class T>
T* reserve(std::size_t count) {
  void* p = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  return static_cast<T*>(p);
}
}  // namespace

void open_shadow(Space space, const Region& region) {
  Shadow& shadow = shadows[static_cast<int>(space)];
  if (shadow.cells || region.begin == region.end) return;
  const std::size_t size = region.end - region.begin;
  shadow = {region.begin, size, reserve<Cell>(size / 4), reserve<bool>(size / Shadow::page)};
}

void make_accessible(std::uintptr_t address, std::size_t bytes, bool written) {
  const Shadow* shadow = shadow_of(address);
  if (!shadow) return;
  for_cells(*shadow, address, bytes, [&](Cell& cell, unsigned mask) {
    const unsigned accessible = cell.accessible | mask;  // a cell may hold the ends of two objects
    if (mask == 15) cell = Cell{};
    cell.accessible = accessible & 15;
    cell.special = 0;
    if (written) cell.writer.flags |= mask;
  });
}

void make_inaccessible(std::uintptr_t address, std::size_t bytes, bool freed) {
  const Shadow* shadow = shadow_of(address);
  if (!shadow) return;
  for_cells(*shadow, address, bytes, [&](Cell& cell, unsigned) {
    cell = Cell{};
    cell.special = freed;
  });
}

}  // namespace simt::checking
