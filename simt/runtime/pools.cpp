// Memory in the order of streams. Pools give memory at once, and take it back when the stream comes to that.
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "memory.hpp"
#include "report.hpp"
#include "state.hpp"
#include "stream.hpp"

using simt::Memory;
using simt::not_supported;
using simt::set_error;

struct CUmemPoolHandle_st {
  std::map<cudaMemPoolAttr, int> switches;  // which memory may be used again: kept, and of no effect
  std::size_t most = 0;                     // bytes that it may hold; 0: as many as there are
  unsigned long long threshold = 0;         // bytes that it keeps when the host waits
  unsigned long long used = 0, most_used = 0, reserved = 0, most_reserved = 0;
  bool destroyed = false;  // by the program; it goes with the last of its memory

  void take(std::size_t size) {
    most_used = std::max(most_used, used += size);
    most_reserved = std::max(most_reserved, reserved = std::max(reserved, used));
  }
  void trim(unsigned long long keep) { reserved = std::max(used, std::min(reserved, keep)); }
};

namespace {
using Pool = CUmemPoolHandle_st;

struct Pools {
  std::mutex mutex;
  Pool default_pool;
  Pool* current = &default_pool;
  std::set<Pool*> made;
  struct Piece {
    Pool* pool;
    std::size_t size;
  };
  std::map<void*, Piece> pieces;

  bool knows(cudaMemPool_t pool) const {
    return pool == &default_pool || (made.count(pool) && !pool->destroyed);
  }
  void remove_if_done(Pool* pool) {
    if (!pool->destroyed || pool->used != 0) return;
    made.erase(pool);
    delete pool;
  }
};
Pools& pools() {
  static Pools& instance = *new Pools;  // memory is freed by destructors of the program's static objects
  return instance;
}

cudaError_t allocate(void** pointer, std::size_t size, cudaMemPool_t pool, cudaStream_t stream) {
  if (!simt::valid(stream)) return set_error(cudaErrorInvalidResourceHandle);
  if (!pointer) return set_error(cudaErrorInvalidValue);
  if (simt::capturing(stream)) {
    *pointer = simt::capture_allocation(stream, size);
    return *pointer ? cudaSuccess : set_error(cudaErrorMemoryAllocation);
  }
  std::unique_lock lock(pools().mutex);
  if (pool && !pools().knows(pool)) return set_error(cudaErrorInvalidValue);
  if (!pool) pool = pools().current;
  if (pool->most && pool->used + size > pool->most) return set_error(cudaErrorMemoryAllocation);
  lock.unlock();
  if (cudaError_t error = cudaMalloc(pointer, size)) return error;
  lock.lock();
  if (!*pointer) return cudaSuccess;
  pool->take(size);
  pools().pieces[*pointer] = {pool, size};
  return cudaSuccess;
}

bool is_device(const cudaMemLocation* where) {
  return where && where->type == cudaMemLocationTypeDevice && where->id == 0;
}
cudaError_t no_sharing(const char* call) {
  return not_supported(call, "simt's memory is one process's; it cannot be shared with another");
}
}  // namespace

void simt::leave_pool(void* pointer) {
  auto& [mutex, default_pool, current, made, pieces] = pools();
  std::lock_guard lock(mutex);
  const auto found = pieces.find(pointer);
  if (found == pieces.end()) return;
  const auto [pool, size] = found->second;
  pieces.erase(found);
  pool->used -= size;
  pools().remove_if_done(pool);
}
void simt::trim_pools() {
  std::lock_guard lock(pools().mutex);
  pools().default_pool.trim(pools().default_pool.threshold);
  for (Pool* pool : pools().made) pool->trim(pool->threshold);
}
std::size_t simt::kept_by_pools() {
  std::lock_guard lock(pools().mutex);
  std::size_t kept = pools().default_pool.reserved - pools().default_pool.used;
  for (Pool* pool : pools().made) kept += pool->reserved - pool->used;
  return kept;
}

cudaError_t cudaMallocAsync(void** pointer, size_t size, cudaStream_t stream) {
  return simt::current ? cudaMalloc(pointer, size) : allocate(pointer, size, nullptr, stream);
}
cudaError_t cudaMallocFromPoolAsync(void** pointer, size_t size, cudaMemPool_t pool, cudaStream_t stream) {
  return pool ? allocate(pointer, size, pool, stream) : set_error(cudaErrorInvalidValue);
}
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  if (!pointer || !simt::find_allocation(pointer)) return set_error(cudaErrorInvalidValue);
  if (simt::graph_memory(pointer))
    return simt::enqueue(stream, simt::free_graph_memory(pointer), cudaGraphNodeTypeMemFree);
  return simt::enqueue(
      stream,
      [pointer] {
        if (const auto found = simt::find_allocation(pointer); found && simt::observer)
          simt::observer->freed_in_stream(pointer, found->size);
        simt::release(pointer, Memory::device);
      },
      cudaGraphNodeTypeMemFree);
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  if (!pool || device != 0) return set_error(cudaErrorInvalidValue);
  *pool = &pools().default_pool;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetMemPool(cudaMemPool_t* pool, int device) {
  if (!pool || device != 0) return set_error(cudaErrorInvalidValue);
  std::lock_guard lock(pools().mutex);
  *pool = pools().current;
  return cudaSuccess;
}
cudaError_t cudaDeviceSetMemPool(int device, cudaMemPool_t pool) {
  std::lock_guard lock(pools().mutex);
  if (device != 0 || !pools().knows(pool)) return set_error(cudaErrorInvalidValue);
  pools().current = pool;
  return cudaSuccess;
}
cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps* properties) {
  if (!pool || !properties || properties->allocType != cudaMemAllocationTypePinned)
    return set_error(cudaErrorInvalidValue);
  if (properties->location.type != cudaMemLocationTypeDevice)
    return not_supported("cudaMemPoolCreate", "simt has pools of the device's memory only");
  if (properties->location.id != 0) return set_error(cudaErrorInvalidDevice);
  *pool = new CUmemPoolHandle_st;
#if CUDART_VERSION >= 12020
  (*pool)->most = properties->maxSize;
#endif
  std::lock_guard lock(pools().mutex);
  pools().made.insert(*pool);
  return cudaSuccess;
}
/// Where it was the device's pool, the default one is from then on.
cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  std::lock_guard lock(pools().mutex);
  if (!pools().knows(pool) || pool == &pools().default_pool) return set_error(cudaErrorInvalidValue);
  if (pools().current == pool) pools().current = &pools().default_pool;
  pool->destroyed = true;
  pools().remove_if_done(pool);
  return cudaSuccess;
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  std::lock_guard lock(pools().mutex);
  if (!pools().knows(pool) || !value) return set_error(cudaErrorInvalidValue);
  switch (attribute) {
    case cudaMemPoolReuseFollowEventDependencies:
    case cudaMemPoolReuseAllowOpportunistic:
    case cudaMemPoolReuseAllowInternalDependencies:
      pool->switches[attribute] = *static_cast<int*>(value);
      return cudaSuccess;
    default: break;
  }
  const auto number = *static_cast<unsigned long long*>(value);
  if (attribute == cudaMemPoolAttrReleaseThreshold)
    pool->threshold = number;
  else if (attribute == cudaMemPoolAttrUsedMemHigh && number == 0)
    pool->most_used = pool->used;
  else if (attribute == cudaMemPoolAttrReservedMemHigh && number == 0)
    pool->most_reserved = pool->reserved;
  else
    return set_error(cudaErrorInvalidValue);
  return cudaSuccess;
}
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  std::lock_guard lock(pools().mutex);
  if (!pools().knows(pool) || !value) return set_error(cudaErrorInvalidValue);
  const auto give = [value](unsigned long long number) {
    *static_cast<unsigned long long*>(value) = number;
    return cudaSuccess;
  };
  switch (attribute) {
    case cudaMemPoolReuseFollowEventDependencies:
    case cudaMemPoolReuseAllowOpportunistic:
    case cudaMemPoolReuseAllowInternalDependencies:
      *static_cast<int*>(value) = pool->switches.try_emplace(attribute, 1).first->second;
      return cudaSuccess;
    case cudaMemPoolAttrReleaseThreshold: return give(pool->threshold);
    case cudaMemPoolAttrReservedMemCurrent: return give(pool->reserved);
    case cudaMemPoolAttrReservedMemHigh: return give(pool->most_reserved);
    case cudaMemPoolAttrUsedMemCurrent: return give(pool->used);
    case cudaMemPoolAttrUsedMemHigh: return give(pool->most_used);
    default: return set_error(cudaErrorInvalidValue);
  }
}
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t keep) {
  std::lock_guard lock(pools().mutex);
  if (!pools().knows(pool)) return set_error(cudaErrorInvalidValue);
  pool->trim(keep);
  return cudaSuccess;
}

// The one device has access to its own pools, and cannot be denied it.
cudaError_t cudaMemPoolSetAccess(cudaMemPool_t pool, const cudaMemAccessDesc* wanted, size_t count) {
  std::lock_guard lock(pools().mutex);
  if (!pools().knows(pool) || (count && !wanted)) return set_error(cudaErrorInvalidValue);
  for (size_t i = 0; i < count; ++i) {
    if (!is_device(&wanted[i].location)) return set_error(cudaErrorInvalidDevice);
    if (wanted[i].flags != cudaMemAccessFlagsProtReadWrite) return set_error(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}
cudaError_t cudaMemPoolGetAccess(cudaMemAccessFlags* flags, cudaMemPool_t pool, cudaMemLocation* where) {
  std::lock_guard lock(pools().mutex);
  if (!flags || !pools().knows(pool) || !where) return set_error(cudaErrorInvalidValue);
  if (!is_device(where)) return set_error(cudaErrorInvalidDevice);
  *flags = cudaMemAccessFlagsProtReadWrite;
  return cudaSuccess;
}

cudaError_t cudaMemPoolExportToShareableHandle(void*, cudaMemPool_t, cudaMemAllocationHandleType, unsigned) {
  return no_sharing("cudaMemPoolExportToShareableHandle");
}
cudaError_t cudaMemPoolImportFromShareableHandle(cudaMemPool_t*, void*, cudaMemAllocationHandleType,
                                                 unsigned) {
  return no_sharing("cudaMemPoolImportFromShareableHandle");
}
cudaError_t cudaMemPoolExportPointer(cudaMemPoolPtrExportData*, void*) {
  return no_sharing("cudaMemPoolExportPointer");
}
cudaError_t cudaMemPoolImportPointer(void**, cudaMemPool_t, cudaMemPoolPtrExportData*) {
  return no_sharing("cudaMemPoolImportPointer");
}

#if CUDART_VERSION >= 13000
namespace {
bool of_device(const cudaMemLocation* where, cudaMemAllocationType type) {
  return is_device(where) && type == cudaMemAllocationTypePinned;
}
}  // namespace
cudaError_t cudaMemGetDefaultMemPool(cudaMemPool_t* pool, cudaMemLocation* where,
                                     cudaMemAllocationType type) {
  if (!of_device(where, type))
    return not_supported("cudaMemGetDefaultMemPool", "simt has pools of the device's memory only");
  return cudaDeviceGetDefaultMemPool(pool, 0);
}
cudaError_t cudaMemGetMemPool(cudaMemPool_t* pool, cudaMemLocation* where, cudaMemAllocationType type) {
  if (!of_device(where, type))
    return not_supported("cudaMemGetMemPool", "simt has pools of the device's memory only");
  return cudaDeviceGetMemPool(pool, 0);
}
cudaError_t cudaMemSetMemPool(cudaMemLocation* where, cudaMemAllocationType type, cudaMemPool_t pool) {
  if (!of_device(where, type))
    return not_supported("cudaMemSetMemPool", "simt has pools of the device's memory only");
  return cudaDeviceSetMemPool(0, pool);
}
#endif
