// Allocation. Device memory is host memory with room around it for a checker's canaries, and is filled
// with 0xFF (NaN, -1), for nobody may rely on what cudaMalloc'd memory holds.
#include "memory.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>

#include "simt/lasting.hpp"
#include "state.hpp"
#include "stream.hpp"

namespace simt {

constinit Region device_region, managed_region;

Region reserve(std::size_t size) {
  for (; size >= (std::size_t{1} << 20); size /= 2) {
    void* base =
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) continue;
    auto begin = reinterpret_cast<std::uintptr_t>(base);
    return {begin, begin + size};
  }
  throw std::bad_alloc();
}

Region stack_of_thread() {
  pthread_attr_t attributes;
  void* stack = nullptr;
  std::size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
  pthread_attr_getstack(&attributes, &stack, &size);
  pthread_attr_destroy(&attributes);
  const auto begin = reinterpret_cast<std::uintptr_t>(stack);
  return {begin, begin + size};
}

namespace {
constexpr std::size_t alignment = 256, margin = 256;

/// Hands out pieces of one region, first fit.
class Heap {
 public:
  explicit Heap(Region& region) {
    region = reserve(2 * gpu().memory);
    free_[reinterpret_cast<char*>(region.begin)] = region.end - region.begin;
  }
  char* take(std::size_t size) {
    for (auto piece = free_.begin(); piece != free_.end(); ++piece) {
      auto [begin, length] = *piece;
      if (length < size) continue;
      free_.erase(piece);
      if (length > size) free_[begin + size] = length - size;
      return begin;
    }
    return nullptr;
  }
  void give_back(char* begin, std::size_t size) {
    constexpr std::size_t worth_returning = 1 << 20;
    if (size >= worth_returning) {  // to the system: whole pages of it
      auto first = (reinterpret_cast<std::uintptr_t>(begin) + 4095) / 4096 * 4096;
      auto last = reinterpret_cast<std::uintptr_t>(begin + size) / 4096 * 4096;
      madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
    }
    auto piece = free_.emplace(begin, size).first;
    auto next = std::next(piece);
    if (next != free_.end() && begin + size == next->first) {
      piece->second += next->second;
      free_.erase(next);
    }
    if (piece == free_.begin()) return;
    auto previous = std::prev(piece);
    if (previous->first + previous->second != begin) return;
    previous->second += piece->second;
    free_.erase(piece);
  }

 private:
  std::map<char*, std::size_t> free_;
};

std::mutex mutex;
[[gnu::init_priority(before_program)]] Lasting<std::map<const char*, Allocation>> all_allocations;
[[gnu::init_priority(before_program)]] Lasting<std::map<const char*, std::size_t>> all_registrations;
auto& allocations = all_allocations.object;      // by their first byte
auto& registrations = all_registrations.object;  // of the host's own memory: begin and size
std::size_t device_bytes = 0;

Heap& heap_of(Memory kind) {
  static Heap &device = *new Heap(device_region), &managed = *new Heap(managed_region);
  return kind == Memory::device ? device : managed;
}

/// Of the model GPU's memory what the host can stand for: of every byte a checker keeps some seven.
std::size_t capacity() {
  static const std::size_t machine =
      std::size_t(sysconf(_SC_PHYS_PAGES)) * std::size_t(sysconf(_SC_PAGESIZE));
  return observer ? std::min(gpu().memory, machine / 8) : gpu().memory;
}
void say_capacity() {
  static std::once_flag said;
  std::call_once(said, [] {
    std::fprintf(
        stderr,
        "simt: this machine can check %zu MB of the device's memory, and cudaMalloc fails beyond them: "
        "smaller sizes do\n",
        capacity() >> 20);
  });
}

/// With the margins around it.
std::size_t whole_size(std::size_t size) {
  return (size + alignment - 1) / alignment * alignment + 2 * margin;
}
}  // namespace

void* allocate(std::size_t size, Memory kind, unsigned flags) {
  std::lock_guard lock(mutex);
  const bool pinned = kind == Memory::pinned;
  if (size > gpu().memory || (!pinned && device_bytes + size > gpu().memory)) return nullptr;
  if (!pinned && device_bytes + size > capacity()) return say_capacity(), nullptr;
  std::size_t whole = whole_size(size);
  char* raw = pinned ? static_cast<char*>(std::aligned_alloc(alignment, whole)) : heap_of(kind).take(whole);
  if (!raw) return nullptr;
  // Touching gigabytes that a program may never use is not worth it: those stay as the system gives them.
  if (whole + (pinned ? 0 : device_bytes) <= (std::size_t{1} << 30)) std::memset(raw, 0xFF, whole);
  allocations[raw + margin] = {raw + margin, size, kind, flags};
  if (!pinned) device_bytes += size;
  if (observer) observer->allocated(raw + margin, size, kind, {});
  return raw + margin;
}

bool release(void* pointer, Memory kind) {
  if (kind == Memory::device) leave_pool(pointer);
  std::lock_guard lock(mutex);
  auto found = allocations.find(static_cast<char*>(pointer));
  if (found == allocations.end()) return false;
  auto [begin, size, actual, flags] = found->second;
  if ((kind == Memory::pinned) != (actual == Memory::pinned)) return false;
  if (observer) observer->freed(pointer, {});
  if (actual == Memory::pinned) {
    std::free(begin - margin);
  } else {
    heap_of(actual).give_back(begin - margin, whole_size(size));
    device_bytes -= size;
    if (actual == Memory::managed) forget_hints(begin, size);
  }
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

bool registered(const void* pointer) {
  std::lock_guard lock(mutex);
  auto next = registrations.upper_bound(static_cast<const char*>(pointer));
  if (next == registrations.begin()) return false;
  --next;
  return static_cast<const char*>(pointer) < next->first + next->second;
}

std::size_t device_bytes_free() {
  const std::size_t kept = kept_by_pools();
  std::lock_guard lock(mutex);
  return capacity() - std::min(device_bytes + kept, capacity());
}

namespace {
cudaError_t allocate_to(void** pointer, std::size_t size, Memory kind, unsigned flags = 0) {
  if (!pointer) return set_error(cudaErrorInvalidValue);
  *pointer = nullptr;
  if (cudaError_t error = sticky_error()) return error;
  if (size == 0) return cudaSuccess;
  *pointer = allocate(size, kind, flags);
  return *pointer ? cudaSuccess : set_error(cudaErrorMemoryAllocation);
}
}  // namespace
}  // namespace simt

using simt::Memory;

cudaError_t cudaMalloc(void** pointer, size_t size) {
  if (simt::current) {
    *pointer = simt::allocate_in_kernel(size);
    if (simt::observer) simt::observer->runtime_writes(pointer, sizeof *pointer, {});
    return *pointer ? cudaSuccess : cudaErrorMemoryAllocation;
  }
  return simt::allocate_to(pointer, size, Memory::device);
}
cudaError_t cudaMallocManaged(void** pointer, size_t size, unsigned flags) {
  if (simt::current)
    return cudaMalloc(pointer, size);  // a by-value argument's copy, as its destructor's cudaFree
  if (size == 0 || (flags != cudaMemAttachGlobal && flags != cudaMemAttachHost))
    return simt::set_error(cudaErrorInvalidValue);
  return simt::allocate_to(pointer, size, Memory::managed);
}
cudaError_t cudaMallocHost(void** pointer, size_t size) {
  return simt::allocate_to(pointer, size, Memory::pinned, cudaHostAllocMapped);
}
cudaError_t cudaHostAlloc(void** pointer, size_t size, unsigned flags) {
  constexpr unsigned known = cudaHostAllocPortable | cudaHostAllocMapped | cudaHostAllocWriteCombined;
  if (flags & ~known) return simt::set_error(cudaErrorInvalidValue);
  return simt::allocate_to(pointer, size, Memory::pinned,
                           flags | cudaHostAllocMapped);  // as all memory is here
}
// After a kernel's fault the error is what the caller hears, yet the memory is given back: it is no leak of
// theirs.
static cudaError_t free_after(cudaError_t fault, void* pointer, Memory kind) {
  const bool known = simt::release(pointer, kind);
  if (fault != cudaSuccess) return fault;
  if (known) return cudaSuccess;
  const auto around = simt::find_allocation(pointer);
  if (!around)
    return simt::set_error(cudaErrorInvalidValue, "of what no such call gave, or what was freed before");
  if (simt::observer) simt::observer->free_refused(around->begin);
  return simt::set_error(cudaErrorInvalidValue,
                         pointer != around->begin ? "of a pointer behind the first byte of its allocation"
                         : kind == Memory::pinned ? "of memory that cudaFree frees"
                                                  : "of pinned memory, which cudaFreeHost frees");
}
cudaError_t cudaFree(void* pointer) {
  if (!pointer) return cudaSuccess;
  if (simt::current) {  // of the host's memory: by a by-value argument's destructor, which on a GPU the host
                        // runs
    simt::release_in_kernel(pointer);
    return cudaSuccess;
  }
  if (simt::graph_memory(pointer)) {
    const cudaError_t error = simt::wait_for_all();
    simt::free_graph_memory(pointer)();
    return error;
  }
  return free_after(simt::wait_for_all(), pointer, Memory::device);
}
cudaError_t cudaFreeHost(void* pointer) {
  if (!pointer) return cudaSuccess;
  return free_after(simt::wait_for_all(), pointer, Memory::pinned);
}
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned) {
  if (!device || !(simt::find_allocation(host) || simt::registered(host)))
    return simt::set_error(cudaErrorInvalidValue);
  *device = host;
  return cudaSuccess;
}
cudaError_t cudaHostGetFlags(unsigned* flags, void* host) {
  const auto found = simt::find_allocation(host);
  if (!flags || !found || found->kind != Memory::pinned) return simt::set_error(cudaErrorInvalidValue);
  *flags = found->flags;
  return cudaSuccess;
}
// Registered memory stays what it is: the simulated GPU reaches all of the host's.
cudaError_t cudaHostRegister(void* pointer, size_t size, unsigned) {
  if (!pointer || !size) return simt::set_error(cudaErrorInvalidValue);
  if (simt::registered(pointer)) return simt::set_error(cudaErrorHostMemoryAlreadyRegistered);
  std::lock_guard lock(simt::mutex);
  simt::registrations[static_cast<const char*>(pointer)] = size;
  return cudaSuccess;
}
cudaError_t cudaHostUnregister(void* pointer) {
  std::lock_guard lock(simt::mutex);
  const bool known = simt::registrations.erase(static_cast<const char*>(pointer));
  return known ? cudaSuccess : simt::set_error(cudaErrorHostMemoryNotRegistered);
}
/// Rows are padded to 512 bytes.
cudaError_t cudaMallocPitch(void** pointer, size_t* pitch, size_t width, size_t height) {
  if (!pitch) return simt::set_error(cudaErrorInvalidValue);
  *pitch = (width + 511) / 512 * 512;
  return cudaMalloc(pointer, *pitch * height);
}
cudaError_t cudaMalloc3D(cudaPitchedPtr* pointer, cudaExtent extent) {
  if (!pointer) return simt::set_error(cudaErrorInvalidValue);
  pointer->xsize = extent.width;
  pointer->ysize = extent.height;
  return cudaMallocPitch(&pointer->ptr, &pointer->pitch, extent.width, extent.height * extent.depth);
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  if (!attributes) return simt::set_error(cudaErrorInvalidValue);
  *attributes = cudaPointerAttributes{};
  const auto found = simt::find_allocation(pointer);
  const bool registered = !found && simt::registered(pointer);
  const std::optional<Memory> kind = found        ? found->kind
                                     : registered ? Memory::pinned
                                                  : simt::variable_at(pointer);
  attributes->device = kind ? 0 : cudaInvalidDeviceId;
  attributes->type = !kind                      ? cudaMemoryTypeUnregistered
                     : *kind == Memory::device  ? cudaMemoryTypeDevice
                     : *kind == Memory::managed ? cudaMemoryTypeManaged
                                                : cudaMemoryTypeHost;
  attributes->devicePointer = kind ? const_cast<void*>(pointer) : nullptr;
  attributes->hostPointer = kind == Memory::device ? nullptr : const_cast<void*>(pointer);
  return cudaSuccess;
}
