#pragma once
// Streams, events and graphs: what orders operations.
#include <cuda_runtime_api.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "operation.hpp"

namespace simt {
inline constexpr int greatest_priority = -5;
}  // namespace simt

struct CUgraph_st;
namespace simt {
unsigned long long next_stream_id();
struct Kernel;
struct UserObjects;
}  // namespace simt

/// A node's work and the nodes it comes after.
struct CUgraphNode_st {
  cudaGraphNodeType type;
  std::function<void()> work;
  std::vector<CUgraphNode_st*> needs;
  const CUgraphNode_st* origin = nullptr;  // in the graph that this one's is a copy of
  // What it was made with. A kernel's arguments are those of `bound`.
  cudaKernelNodeParams kernel{};
  std::shared_ptr<const simt::Kernel> bound;
  std::vector<void*> arguments;
  std::map<cudaLaunchAttributeID, cudaLaunchAttributeValue> attributes;
  cudaMemcpy3DParms copy{};
  cudaMemsetParams fill{};
  cudaHostNodeParams host{};
  cudaEvent_t event = nullptr;
  std::shared_ptr<CUgraph_st> child;
  std::shared_ptr<void> memory;  // of an allocation: it is given back with the last graph that holds it
  cudaMemAllocNodeParams allocation{};
  CUgraph_st* graph = nullptr;  // whose node it is
  bool enabled = true;
};

struct CUgraph_st {
  std::vector<std::unique_ptr<CUgraphNode_st>> nodes;  // each after those it needs
  bool invalidated = false;                            // its capture, by a call that none allows
  unsigned long long capture = 0;                      // the number of that
  bool made_by_capture = false;
  std::shared_ptr<simt::UserObjects> objects;
};

struct CUgraphExec_st {
  CUgraph_st graph;
  unsigned long long flags = 0;
};

struct CUstream_st {
  simt::QueueNumber queue;
  unsigned long long id = simt::next_stream_id();
  unsigned flags = 0;
  int priority = 0;
  bool abandoned = false;  // a thread's own, and the thread has ended
  std::map<cudaLaunchAttributeID, cudaLaunchAttributeValue> attributes;  // kept, and of no effect
  simt::OperationPtr tail;                                               // the newest operation
  CUgraph_st* capture = nullptr;
  bool began_capture = false;
  std::vector<CUgraphNode_st*> captured;  // while capturing: what the next node needs
};

struct CUevent_st {
  unsigned flags = 0;
  simt::OperationPtr recorded;
  double seconds = 0;
  CUgraph_st* capture = nullptr;  // recorded in a capturing stream
  std::vector<CUgraphNode_st*> captured;
};

namespace simt {

/// Those that programs made, and threads' own.
extern std::set<CUstream_st*>& streams;

/// Queues `work` on the stream, or captures it as `node`. In the random schedule it runs at the latest
/// synchronisation that needs it, in any order that streams and events allow; otherwise at once.
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work,
                    cudaGraphNodeType type = cudaGraphNodeTypeKernel, CUgraphNode_st** node = nullptr);
/// Queues a copy of the graph's work.
cudaError_t enqueue_graph(cudaStream_t stream, const CUgraph_st& graph);
bool valid(cudaStream_t stream);
bool is_legacy(cudaStream_t stream);
CUstream_st& stream_of(cudaStream_t stream);
/// As cudaDeviceSynchronize, for calls that wait whatever is being captured.
cudaError_t wait_for_all();
/// The CPU's time, in seconds.
double now();
bool capturing(cudaStream_t stream);
/// Captures an allocation: its memory, or null.
void* capture_allocation(cudaStream_t stream, std::size_t size);
/// The work of freeing a graph's allocation.
std::function<void()> free_graph_memory(const void* pointer);
/// Whether a graph allocated it. Such memory stays until the graph goes, whoever frees it.
bool graph_memory(const void* pointer);
CUgraphNode_st* add_node(CUgraph_st& graph, cudaGraphNodeType type, std::function<void()> work,
                         std::vector<CUgraphNode_st*> needs);

}  // namespace simt
