// Allocation. Device memory is host memory with room around it for a checker's canaries, and is filled
// with 0xFF (NaN, -1), for nobody may rely on what cudaMalloc'd memory holds.
#include "memory.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "state.hpp"

namespace simt {
namespace {
constexpr std::size_t alignment = 256, margin = 256;

std::mutex mutex;
std::map<const char*, Allocation> allocations;  // by their first byte
std::size_t device_bytes = 0;
}  // namespace

void* allocate(std::size_t size, MemoryKind kind) {
  std::lock_guard lock(mutex);
  bool device = kind == MemoryKind::device || kind == MemoryKind::managed;
  if (size > gpu().memory || (device && device_bytes + size > gpu().memory)) return nullptr;
  std::size_t whole = (size + alignment - 1) / alignment * alignment + 2 * margin;
  char* raw = static_cast<char*>(std::aligned_alloc(alignment, whole));
  if (!raw) return nullptr;
  // Touching gigabytes that a program may never use is not worth it: those stay as the system gives them.
  if (whole <= (std::size_t{1} << 30)) std::memset(raw, 0xFF, whole);
  allocations[raw + margin] = {raw + margin, size, kind};
  if (device) device_bytes += size;
  return raw + margin;
}

bool release(void* pointer, MemoryKind kind) {
  std::lock_guard lock(mutex);
  auto found = allocations.find(static_cast<char*>(pointer));
  if (found == allocations.end()) return false;
  MemoryKind actual = found->second.kind;
  bool device = actual == MemoryKind::device || actual == MemoryKind::managed;
  if ((kind == MemoryKind::pinned) == device) return false;
  if (device) device_bytes -= found->second.size;
  std::free(static_cast<char*>(pointer) - margin);
  allocations.erase(found);
  return true;
}

std::optional<Allocation> find_allocation(const void* pointer) {
  std::lock_guard lock(mutex);
  auto next = allocations.upper_bound(static_cast<const char*>(pointer));
  if (next == allocations.begin()) return {};
  const Allocation& a = std::prev(next)->second;
  if (static_cast<const char*>(pointer) >= a.begin + a.size) return {};
  return a;
}

std::size_t device_bytes_in_use() {
  std::lock_guard lock(mutex);
  return device_bytes;
}

namespace {
cudaError_t allocate_to(void** pointer, std::size_t size, MemoryKind kind) {
  if (!pointer) return set_error(cudaErrorInvalidValue);
  *pointer = nullptr;
  if (cudaError_t error = sticky_error()) return error;
  if (size == 0) return cudaSuccess;
  *pointer = allocate(size, kind);
  return *pointer ? cudaSuccess : set_error(cudaErrorMemoryAllocation);
}
}  // namespace
}  // namespace simt

using simt::MemoryKind;

cudaError_t cudaMalloc(void** pointer, size_t size) {
  return simt::allocate_to(pointer, size, MemoryKind::device);
}
cudaError_t cudaMallocManaged(void** pointer, size_t size, unsigned) {
  if (size == 0) return simt::set_error(cudaErrorInvalidValue);
  return simt::allocate_to(pointer, size, MemoryKind::managed);
}
cudaError_t cudaMallocHost(void** pointer, size_t size) {
  return simt::allocate_to(pointer, size, MemoryKind::pinned);
}
cudaError_t cudaHostAlloc(void** pointer, size_t size, unsigned) {
  return simt::allocate_to(pointer, size, MemoryKind::pinned);
}
cudaError_t cudaFree(void* pointer) {
  if (!pointer) return cudaSuccess;
  if (cudaError_t error = cudaDeviceSynchronize()) return error;
  return simt::release(pointer, MemoryKind::device) ? cudaSuccess : simt::set_error(cudaErrorInvalidValue);
}
cudaError_t cudaFreeHost(void* pointer) {
  if (!pointer) return cudaSuccess;
  if (cudaError_t error = cudaDeviceSynchronize()) return error;
  return simt::release(pointer, MemoryKind::pinned) ? cudaSuccess : simt::set_error(cudaErrorInvalidValue);
}
