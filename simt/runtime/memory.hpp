#pragma once
#include <cstddef>
#include <optional>

#include "simt/observer.hpp"

namespace simt {

struct Allocation {
  char* begin;
  std::size_t size;
  Memory kind;
  unsigned flags = 0;  // of cudaHostAlloc
};

/// Address space that costs nothing until it is touched; less than `size` where the system allows no more.
Region reserve(std::size_t size);

/// Null when the model GPU's memory, or the host's, does not suffice.
void* allocate(std::size_t size, Memory kind, unsigned flags = 0);
/// `kind` (device for managed memory too) tells cudaFree from cudaFreeHost; false when `pointer` is no such
/// allocation's start.
bool release(void* pointer, Memory kind);
std::optional<Allocation> find_allocation(const void* pointer);
/// Whether cudaHostRegister made it known to the GPU.
bool registered(const void* pointer);
std::size_t device_bytes_in_use();
/// cudaMalloc in a kernel takes from the heap of malloc there; null when it is full.
void* allocate_in_kernel(std::size_t bytes);
/// Of other memory: nothing.
void release_in_kernel(void* pointer);

/// Of a copy, in bytes.
struct Rows {
  std::size_t width, height, target_pitch, source_pitch;
};
/// At once, as the work of a stream does it.
void copy_now(void* target, const void* source, Rows rows);

}  // namespace simt
