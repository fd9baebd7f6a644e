// What is known about every 4 bytes of device, managed and shared memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "places.hpp"
#include "simt/observer.hpp"

namespace simt::checking {

// An interval of a block between two block-wide barriers has a number, its segment, that no other interval of
// the program has. Within one, threads of a warp are ordered by the warp's epoch, which grows whenever its
// lanes meet.
//
// The last access by a thread: who and when. All of one integer, so that the compiler keeps it in a register.
struct Access {
  std::uint64_t segment : 32 = 0;  // 0: none, or the runtime's
  std::uint64_t thread : 10 = 0;
  std::uint64_t epoch : 13 = 0;
  std::uint64_t strong : 1 = 0;  // atomic or volatile
  std::uint64_t bytes : 4 = 0;   // which of the four
  std::uint64_t flags : 4 = 0;   // a writer's: the bytes ever written; a reader's: below
};
// Blocks that race for a cell on two of the host's threads see of each access all or nothing.
using AccessBits [[gnu::may_alias]] = std::uint64_t;
inline Access seen(const Access& a) {
  return std::bit_cast<Access>(__atomic_load_n(reinterpret_cast<const AccessBits*>(&a), __ATOMIC_RELAXED));
}
inline void record(Access& a, Access now) {
  __atomic_store_n(reinterpret_cast<AccessBits*>(&a), std::bit_cast<std::uint64_t>(now), __ATOMIC_RELEASE);
}
enum ReaderFlag : std::uint32_t { many_lanes = 1, many_warps = 2, many_blocks = 4 };

struct Cell {
  Access writer, reader;
  Code writer_code : code_bits = 0;
  std::uint32_t accessible : 4 = 0;  // which bytes lie in an allocation
  Code reader_code : code_bits = 0;
  std::uint32_t landing : 1 = 0;  // target of a copy in flight
  std::uint32_t leaving : 1 = 0;  // source of one
  std::uint32_t special : 1 =
      0;  // freed since; in the data segment: of a constant, or right behind a variable
  std::uint32_t touched : 1 = 0;  // by the runtime, in this launch
};
static_assert(sizeof(Cell) == 24);

// variables: the program's data segment, of which only __device__ variables and their kind are accessible.
enum class Space : std::uint8_t { shared, device, managed, variables };

// The cells of one region. Address space is reserved for all of it; only what is touched costs memory.
struct Shadow {
  std::uintptr_t begin = 0;
  std::size_t size = 0;
  Cell* cells = nullptr;
  bool* pages = nullptr;  // touched by this launch

  static constexpr std::uintptr_t page = 4096;

  bool contains(std::uintptr_t address) const { return address - begin < size; }
  Cell& at(std::uintptr_t address) const { return cells[(address - begin) >> 2]; }
  bool& touched_at(std::uintptr_t address) const { return pages[(address - begin) / page]; }
  void mark_touched(std::uintptr_t address, std::size_t bytes) const {  // at least one
    for (std::uintptr_t a = address; a < address + bytes; a += page) touched_at(a) = true;
    touched_at(address + bytes - 1) = true;
  }
};
extern Shadow shadows[4];  // by Space
inline bool in_shared(std::uintptr_t address) {
  return shadows[static_cast<int>(Space::shared)].contains(address);
}

// Follows the executor's regions, which come into being with the first allocation in them.
void open_shadow(Space space, const Region& region);

// The shadow that holds the address; null for host memory.
inline const Shadow* shadow_of(std::uintptr_t address) {
  for (const Shadow& s : shadows)
    if (s.contains(address)) return &s;
  return nullptr;
}

// Calls f(cell, mask of bytes) for the cells of [address, address + bytes), which lies in one shadow.
template <class F>
void for_cells(const Shadow& shadow, std::uintptr_t address, std::size_t bytes, F&& f) {
  const std::uintptr_t end = address + bytes;
  while (address < end) {
    const unsigned first = address & 3,
                   last = end - (address - first) < 4 ? unsigned(end - (address - first)) : 4;
    f(shadow.at(address), ((1u << last) - 1) & ~((1u << first) - 1));
    address += last - first;
  }
}

// The bytes become an allocation's, unwritten; or nobody's.
void make_accessible(std::uintptr_t address, std::size_t bytes, bool written);
void make_inaccessible(std::uintptr_t address, std::size_t bytes, bool freed);

}  // namespace simt::checking
