// Memory that graphs allocate: it has one address as long as a graph, or a copy of it, may use it.
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

std::shared_ptr<void> allocate_for_graph(std::size_t size) {
  void* memory = allocate(size, Memory::device);
  if (!memory) return nullptr;
  std::lock_guard lock(mutex);
  living().insert(memory);
  return {memory, [](void* p) {
            std::lock_guard lock(mutex);
            living().erase(p);
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

void* capture_allocation(cudaStream_t handle, std::size_t size) {
  auto memory = allocate_for_graph(size);
  if (!memory || enqueue(handle, {}, cudaGraphNodeTypeMemAlloc) != cudaSuccess) return nullptr;
  CUgraphNode_st* node = stream_of(handle).captured.front();
  node->memory = memory;
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
  node->memory = std::move(memory);
  node->allocation = *parameters;
  return cudaSuccess;
}
cudaError_t cudaGraphAddMemFreeNode(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                    size_t count, void* pointer) {
  CUgraphNode_st* node = pointer ? simt::add(out, graph, needs, count, cudaGraphNodeTypeMemFree) : nullptr;
  if (!node) return set_error(cudaErrorInvalidValue);
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
  return device == 0 ? cudaSuccess : set_error(cudaErrorInvalidDevice);
}
