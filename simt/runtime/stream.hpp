#pragma once
// Streams as a graph of operations: each needs those before it in its stream, and those of events waited for.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace simt {

inline constexpr int greatest_priority = -5;

/// What is ordered before a moment: of each queue so many operations. A queue is a stream, or a branch of a
/// graph that runs through one. Kept for a checker only.
class Clock {
 public:
  bool has(unsigned queue, std::uint64_t count) const {
    return queue < counts_.size() && counts_[queue] >= count;
  }
  void add(unsigned queue, std::uint64_t count) {
    if (counts_.size() <= queue) counts_.resize(queue + 1);
    counts_[queue] = std::max(counts_[queue], count);
  }
  void add(const Clock& other) {
    for (unsigned queue = 0; queue < other.counts_.size(); ++queue) add(queue, other.counts_[queue]);
  }

 private:
  std::vector<std::uint64_t> counts_;
};
/// Whether the host has waited for so many operations of the queue.
bool host_waited_for(unsigned queue, std::uint64_t count);
/// The running operation is a host function, which may tell the program that all before it is done.
void host_is_told();

struct Operation {
  std::function<void()> work;  // empty once done
  std::vector<std::shared_ptr<Operation>> needs;
  bool done = false;
  std::uint64_t number = 0;  // in the order of the calls
  unsigned queue = 0;
  std::uint64_t queue_count = 0;  // of the queue's operations, with this one
  Clock clock;                    // itself included
  std::uint32_t place = 0;        // a checker's, of the call that queued it
};
using OperationPtr = std::shared_ptr<Operation>;

/// A queue's number for as long as it lives; later queues use it again.
class QueueNumber {
 public:
  QueueNumber();
  ~QueueNumber();
  QueueNumber(const QueueNumber&) = delete;
  operator unsigned() const { return number_; }

 private:
  unsigned number_;
};

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

/// Guards streams, what they hold and their captures.
extern std::recursive_mutex stream_mutex;
/// Those that programs made, and threads' own.
extern std::set<CUstream_st*> streams;

/// Queues `work` on the stream, or captures it as `node`. In the random schedule it runs at the latest
/// synchronisation that needs it, in any order that streams and events allow; otherwise at once.
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work,
                    cudaGraphNodeType type = cudaGraphNodeTypeKernel, CUgraphNode_st** node = nullptr);
/// Queues a copy of the graph's work.
cudaError_t enqueue_graph(cudaStream_t stream, const CUgraph_st& graph);
bool valid(cudaStream_t stream);
bool is_legacy(cudaStream_t stream);
CUstream_st& stream_of(cudaStream_t stream);
bool works_late();
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
