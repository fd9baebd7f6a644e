// Memory that graphs allocate: it has one address as long as a graph, or a copy of it, may use it.
#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "memory.hpp"
#include "state.hpp"
#include "stream.hpp"

namespace simt {
namespace {
std::mutex mutex;
std::set<const void*>& living() {
  static auto& all = *new std::set<const void*>;
  return all;
}

/// Of graphs' memory: what is allocated now, and what has been since it was last trimmed, with their sizes.
struct Usage {
  std::map<const void*, std::size_t> used, reserved;
  unsigned long long used_now = 0, most_used = 0, reserved_now = 0, most_reserved = 0;

  void begin(const void* p, std::size_t size) {
    if (used.emplace(p, size).second) most_used = std::max(most_used, used_now += size);
    if (reserved.emplace(p, size).second) most_reserved = std::max(most_reserved, reserved_now += size);
  }
  static void take_out(std::map<const void*, std::size_t>& from, const void* p, unsigned long long& total) {
    if (const auto found = from.find(p); found != from.end()) {
      total -= found->second;
      from.erase(found);
    }
  }
  void end(const void* p) { take_out(used, p, used_now); }
  void forget(const void* p) { end(p), take_out(reserved, p, reserved_now); }
};
Usage& usage() {
  static auto& instance = *new Usage;
  return instance;
}

std::function<void()> beginning(const void* p, std::size_t size) {
  return [=] {
    std::lock_guard lock(mutex);
    usage().begin(p, size);
  };
}

std::shared_ptr<void> allocate_for_graph(std::size_t size) {
  void* memory = allocate(size, Memory::device);
  if (!memory) return nullptr;
  std::lock_guard lock(mutex);
  living().insert(memory);
  return {memory, [](void* p) {
            std::lock_guard lock(mutex);
            living().erase(p);
            usage().forget(p);
            release(p, Memory::device);
          }};
}

CUgraphNode_st* add(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* needs, std::size_t count,
                    cudaGraphNodeType type) {
  if (!out || !graph || (count && !needs)) return nullptr;
  return *out = add_node(*graph, type, {}, {needs, needs + count});
}
}  // namespace

bool graph_memory(const void* pointer) {
  std::lock_guard lock(mutex);
  return living().count(pointer) != 0;
}

std::function<void()> free_graph_memory(const void* pointer) {
  return [pointer] {
    std::lock_guard lock(mutex);
    usage().end(pointer);
  };
}

void* capture_allocation(cudaStream_t handle, std::size_t size) {
  auto memory = allocate_for_graph(size);
  CUgraphNode_st* node = nullptr;
  if (!memory || enqueue(handle, {}, cudaGraphNodeTypeMemAlloc, &node) != cudaSuccess) return nullptr;
  node->memory = memory;
  node->work = beginning(memory.get(), size);
  node->allocation.bytesize = size, node->allocation.dptr = memory.get();
  return memory.get();
}
}  // namespace simt

using simt::set_error;

cudaError_t cudaGraphAddMemAllocNode(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                     size_t count, cudaMemAllocNodeParams* parameters) {
  if (!parameters || !parameters->bytesize) return set_error(cudaErrorInvalidValue);
  auto memory = simt::allocate_for_graph(parameters->bytesize);
  if (!memory) return set_error(cudaErrorMemoryAllocation);
  CUgraphNode_st* node = simt::add(out, graph, needs, count, cudaGraphNodeTypeMemAlloc);
  if (!node) return set_error(cudaErrorInvalidValue);
  parameters->dptr = memory.get();
  node->work = simt::beginning(memory.get(), parameters->bytesize);
  node->memory = std::move(memory);
  node->allocation = *parameters;
  return cudaSuccess;
}
cudaError_t cudaGraphAddMemFreeNode(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                    size_t count, void* pointer) {
  CUgraphNode_st* node = pointer ? simt::add(out, graph, needs, count, cudaGraphNodeTypeMemFree) : nullptr;
  if (!node) return set_error(cudaErrorInvalidValue);
  node->work = simt::free_graph_memory(pointer);
  node->allocation.dptr = pointer;
  return cudaSuccess;
}
cudaError_t cudaGraphMemAllocNodeGetParams(cudaGraphNode_t node, cudaMemAllocNodeParams* parameters) {
  if (!node || !parameters || node->type != cudaGraphNodeTypeMemAlloc)
    return set_error(cudaErrorInvalidValue);
  *parameters = node->allocation;
  return cudaSuccess;
}
cudaError_t cudaGraphMemFreeNodeGetParams(cudaGraphNode_t node, void* pointer) {
  if (!node || !pointer || node->type != cudaGraphNodeTypeMemFree) return set_error(cudaErrorInvalidValue);
  *static_cast<void**>(pointer) = node->allocation.dptr;
  return cudaSuccess;
}
cudaError_t cudaDeviceGraphMemTrim(int device) {
  if (device != 0) return set_error(cudaErrorInvalidDevice);
  std::lock_guard lock(simt::mutex);
  simt::usage().reserved = simt::usage().used;
  simt::usage().reserved_now = simt::usage().used_now;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetGraphMemAttribute(int device, cudaGraphMemAttributeType attribute, void* value) {
  if (device != 0) return set_error(cudaErrorInvalidDevice);
  if (!value) return set_error(cudaErrorInvalidValue);
  std::lock_guard lock(simt::mutex);
  const auto& [used, reserved, used_now, most_used, reserved_now, most_reserved] = simt::usage();
  auto& number = *static_cast<unsigned long long*>(value);
  switch (attribute) {
    case cudaGraphMemAttrUsedMemCurrent: number = used_now; break;
    case cudaGraphMemAttrUsedMemHigh: number = most_used; break;
    case cudaGraphMemAttrReservedMemCurrent: number = reserved_now; break;
    case cudaGraphMemAttrReservedMemHigh: number = most_reserved; break;
    default: return set_error(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}
cudaError_t cudaDeviceSetGraphMemAttribute(int device, cudaGraphMemAttributeType attribute, void* value) {
  if (device != 0) return set_error(cudaErrorInvalidDevice);
  if (!value || *static_cast<unsigned long long*>(value) != 0) return set_error(cudaErrorInvalidValue);
  std::lock_guard lock(simt::mutex);
  if (attribute == cudaGraphMemAttrUsedMemHigh)
    simt::usage().most_used = simt::usage().used_now;
  else if (attribute == cudaGraphMemAttrReservedMemHigh)
    simt::usage().most_reserved = simt::usage().reserved_now;
  else
    return set_error(cudaErrorInvalidValue);
  return cudaSuccess;
}
