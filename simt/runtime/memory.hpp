#pragma once
#include <cstddef>
#include <optional>

namespace simt {

enum class MemoryKind { device, managed, pinned };

struct Allocation {
  char* begin;
  std::size_t size;
  MemoryKind kind;
};

/// Null when the model GPU's memory, or the host's, does not suffice.
void* allocate(std::size_t size, MemoryKind kind);
/// `kind` tells cudaFree from cudaFreeHost; false when `pointer` is no such allocation's start.
bool release(void* pointer, MemoryKind kind);
std::optional<Allocation> find_allocation(const void* pointer);
std::size_t device_bytes_in_use();

}  // namespace simt
