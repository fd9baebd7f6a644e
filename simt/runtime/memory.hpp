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

/// The calling thread's, as the system gave it.
Region stack_of_thread();

/// Null when the model GPU's memory, or the host's, does not suffice.
void* allocate(std::size_t size, Memory kind, unsigned flags = 0);
/// `kind` (device for managed memory too) tells cudaFree from cudaFreeHost; false when `pointer` is no such
/// allocation's start.
bool release(void* pointer, Memory kind);
std::optional<Allocation> find_allocation(const void* pointer);
/// Of the variable of the device's that lies there, where the program has asked for its address or is
/// checked.
std::optional<Memory> variable_at(const void* pointer);
/// What the program has said of managed memory that is freed.
void forget_hints(const char* begin, std::size_t size);
/// What is freed goes back to its pool, if it came from one.
void leave_pool(void* pointer);
/// Pools give back to the device what they hold unused, where nothing told them to keep it: when the host
/// waits.
void trim_pools();
std::size_t kept_by_pools();
/// Whether cudaHostRegister made it known to the GPU.
bool registered(const void* pointer);
std::size_t device_bytes_free();
/// cudaMalloc in a kernel takes from the heap of malloc there; null when it is full.
void* allocate_in_kernel(std::size_t bytes);
/// Of other memory: nothing.
void release_in_kernel(void* pointer);
/// Once a kernel has asked for some.
extern constinit Region kernel_heap;
/// Of a checked program: whether a kernel's malloc gave this byte of its heap, or gave it and got it back.
enum class KernelHeap { given, freed, not_given };
KernelHeap look_at_kernel_heap(const void* p);

/// Of a copy, in bytes.
struct Rows {
  std::size_t width, height, target_pitch, source_pitch;
};
/// Tells the checker of the pinned memory of a copy that has just been queued.
void note_in_flight(void* target, const void* source, Rows rows);
/// At once, as the work of a stream does it.
void copy_now(void* target, const void* source, Rows rows);

}  // namespace simt
