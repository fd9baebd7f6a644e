// CUDA graphs: captured from streams or built node by node, and run through a stream.
#include <algorithm>
#include <cstring>
#include <map>

#include "array.hpp"
#include "simt/observer.hpp"
#include "simt/runtime.hpp"
#include "state.hpp"
#include "stream.hpp"

using simt::set_error;

namespace {

using Nodes = std::vector<CUgraphNode_st*>;

void copy_nodes(const CUgraph_st& from, CUgraph_st& to) {
  std::map<const CUgraphNode_st*, CUgraphNode_st*> copies;
  for (auto& node : from.nodes) {
    Nodes needs;
    for (CUgraphNode_st* need : node->needs) needs.push_back(copies.at(need));
    CUgraphNode_st* copy = simt::add_node(to, node->type, node->work, std::move(needs));
    copy->origin = node.get();
    copy->kernel = node->kernel, copy->fill = node->fill, copy->host = node->host, copy->event = node->event;
    copy->child = node->child, copy->memory = node->memory, copy->allocation = node->allocation;
    copy->enabled = node->enabled;
    copies[node.get()] = copy;
  }
}

cudaError_t add(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* needs, std::size_t count,
                cudaGraphNodeType type, std::function<void()> work) {
  if (!out || !graph || (count && !needs)) return set_error(cudaErrorInvalidValue);
  *out = simt::add_node(*graph, type, std::move(work), Nodes(needs, needs + count));
  return cudaSuccess;
}

/// The kernel node's work; empty if the kernel is not known by its address.
std::function<void()> work_of(const cudaKernelNodeParams& p) {
  auto kernel = simt::bind(p.func, p.kernelParams);
  if (!kernel) return {};
  return simt::launch_work({"(by address)", "", 0, p.func}, {p.gridDim, p.blockDim, p.sharedMemBytes},
                           std::move(kernel));
}

std::function<void()> work_of(const cudaMemsetParams& p) {
  return [p] {
    for (std::size_t row = 0; row < std::max<std::size_t>(p.height, 1); ++row) {
      char* to = static_cast<char*>(p.dst) + row * p.pitch;
      for (std::size_t i = 0; i < p.width; ++i) std::memcpy(to + i * p.elementSize, &p.value, p.elementSize);
      if (simt::observer) simt::observer->runtime_writes(to, p.width * p.elementSize, {});
    }
  };
}

std::function<void()> work_of(const cudaMemcpy3DParms& p) {
  return [p] { simt::for_slices(p, simt::copy_now); };
}
std::function<void()> work_of(void* to, const void* from, std::size_t size) {
  return [=] { simt::copy_now(to, from, {size, 1, 0, 0}); };
}

/// The node of a copied graph that was made from `node`; null where there is none.
CUgraphNode_st* node_in(const CUgraph_st& graph, cudaGraphNode_t node) {
  for (auto& copy : graph.nodes)
    if (copy->origin == node) return copy.get();
  return nullptr;
}

}  // namespace

cudaError_t cudaGraphCreate(cudaGraph_t* graph, unsigned) {
  if (!graph) return set_error(cudaErrorInvalidValue);
  *graph = new CUgraph_st;
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  if (!graph) return set_error(cudaErrorInvalidValue);
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphClone(cudaGraph_t* clone, cudaGraph_t graph) {
  if (!clone || !graph) return set_error(cudaErrorInvalidValue);
  *clone = new CUgraph_st;
  copy_nodes(*graph, **clone);
  return cudaSuccess;
}
cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                   size_t count, const cudaKernelNodeParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  auto work = work_of(*parameters);
  if (!work) return set_error(cudaErrorInvalidDeviceFunction);
  const cudaError_t error = add(node, graph, needs, count, cudaGraphNodeTypeKernel, std::move(work));
  if (error == cudaSuccess) (*node)->kernel = *parameters;
  return error;
}
cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams* parameters) {
  if (!node || !parameters || !node->kernel.func) return set_error(cudaErrorInvalidValue);
  *parameters = node->kernel;
  return cudaSuccess;
}
cudaError_t cudaGraphKernelNodeSetParams(cudaGraphNode_t node, const cudaKernelNodeParams* parameters) {
  if (!node || !parameters || node->type != cudaGraphNodeTypeKernel) return set_error(cudaErrorInvalidValue);
  auto work = work_of(*parameters);
  if (!work) return set_error(cudaErrorInvalidDeviceFunction);
  node->work = std::move(work);
  node->kernel = *parameters;
  return cudaSuccess;
}
cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaKernelNodeParams* parameters) {
  if (!exec || !node) return set_error(cudaErrorInvalidValue);
  return cudaGraphKernelNodeSetParams(node_in(exec->graph, node), parameters);
}
cudaError_t cudaGraphAddMemcpyNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                   size_t count, const cudaMemcpy3DParms* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  return add(node, graph, needs, count, cudaGraphNodeTypeMemcpy, work_of(*parameters));
}
cudaError_t cudaGraphExecMemcpyNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaMemcpy3DParms* parameters) {
  CUgraphNode_st* own = exec && node ? node_in(exec->graph, node) : nullptr;
  if (!own || !parameters || own->type != cudaGraphNodeTypeMemcpy) return set_error(cudaErrorInvalidValue);
  own->work = work_of(*parameters);
  return cudaSuccess;
}
cudaError_t cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t exec, cudaGraphNode_t node, void* target,
                                               const void* source, size_t size, cudaMemcpyKind) {
  CUgraphNode_st* own = exec && node ? node_in(exec->graph, node) : nullptr;
  if (!own || own->type != cudaGraphNodeTypeMemcpy) return set_error(cudaErrorInvalidValue);
  own->work = work_of(target, source, size);
  return cudaSuccess;
}
cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                     size_t count, void* target, const void* source, size_t size,
                                     cudaMemcpyKind) {
  return add(node, graph, needs, count, cudaGraphNodeTypeMemcpy, work_of(target, source, size));
}
cudaError_t cudaGraphAddMemsetNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                   size_t count, const cudaMemsetParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  const cudaError_t error = add(node, graph, needs, count, cudaGraphNodeTypeMemset, work_of(*parameters));
  if (error == cudaSuccess) (*node)->fill = *parameters;
  return error;
}
cudaError_t cudaGraphMemsetNodeGetParams(cudaGraphNode_t node, cudaMemsetParams* parameters) {
  if (!node || !parameters || !node->fill.dst) return set_error(cudaErrorInvalidValue);
  *parameters = node->fill;
  return cudaSuccess;
}
cudaError_t cudaGraphMemsetNodeSetParams(cudaGraphNode_t node, const cudaMemsetParams* parameters) {
  if (!node || !parameters || node->type != cudaGraphNodeTypeMemset) return set_error(cudaErrorInvalidValue);
  node->work = work_of(*parameters);
  node->fill = *parameters;
  return cudaSuccess;
}
cudaError_t cudaGraphExecMemsetNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaMemsetParams* parameters) {
  if (!exec || !node) return set_error(cudaErrorInvalidValue);
  return cudaGraphMemsetNodeSetParams(node_in(exec->graph, node), parameters);
}
namespace {
auto call(const cudaHostNodeParams& p) {
  return [p] {
    simt::host_is_told();
    p.fn(p.userData);
  };
}
}  // namespace
cudaError_t cudaGraphAddHostNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                 size_t count, const cudaHostNodeParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  const cudaError_t error = add(node, graph, needs, count, cudaGraphNodeTypeHost, call(*parameters));
  if (error == cudaSuccess) (*node)->host = *parameters;
  return error;
}
cudaError_t cudaGraphHostNodeGetParams(cudaGraphNode_t node, cudaHostNodeParams* parameters) {
  if (!node || !parameters || !node->host.fn) return set_error(cudaErrorInvalidValue);
  *parameters = node->host;
  return cudaSuccess;
}
cudaError_t cudaGraphHostNodeSetParams(cudaGraphNode_t node, const cudaHostNodeParams* parameters) {
  if (!node || !parameters || node->type != cudaGraphNodeTypeHost) return set_error(cudaErrorInvalidValue);
  node->work = call(*parameters);
  node->host = *parameters;
  return cudaSuccess;
}
cudaError_t cudaGraphExecHostNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                           const cudaHostNodeParams* parameters) {
  if (!exec || !node) return set_error(cudaErrorInvalidValue);
  return cudaGraphHostNodeSetParams(node_in(exec->graph, node), parameters);
}
cudaError_t cudaGraphAddEmptyNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                  size_t count) {
  return add(node, graph, needs, count, cudaGraphNodeTypeEmpty, {});
}
cudaError_t cudaGraphAddChildGraphNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                       size_t count, cudaGraph_t child) {
  if (!child) return set_error(cudaErrorInvalidValue);
  auto copy = std::make_shared<CUgraph_st>();
  copy_nodes(*child, *copy);
  const cudaError_t error = add(node, graph, needs, count, cudaGraphNodeTypeGraph, [copy] {
    for (auto& inner : copy->nodes)
      if (inner->work && inner->enabled) inner->work();
  });
  if (error == cudaSuccess) (*node)->child = copy;
  return error;
}
cudaError_t cudaGraphChildGraphNodeGetGraph(cudaGraphNode_t node, cudaGraph_t* graph) {
  if (!node || !graph || !node->child) return set_error(cudaErrorInvalidValue);
  *graph = node->child.get();
  return cudaSuccess;
}
cudaError_t cudaGraphAddEventRecordNode(cudaGraphNode_t* node, cudaGraph_t graph,
                                        const cudaGraphNode_t* needs, size_t count, cudaEvent_t event) {
  if (!event) return set_error(cudaErrorInvalidValue);
  const cudaError_t error =
      add(node, graph, needs, count, cudaGraphNodeTypeEventRecord, [event] { event->seconds = simt::now(); });
  if (error == cudaSuccess) (*node)->event = event;
  return error;
}
cudaError_t cudaGraphAddEventWaitNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                      size_t count, cudaEvent_t event) {
  if (!event) return set_error(cudaErrorInvalidValue);
  const cudaError_t error = add(node, graph, needs, count, cudaGraphNodeTypeWaitEvent, {});
  if (error == cudaSuccess) (*node)->event = event;
  return error;
}
cudaError_t cudaGraphEventRecordNodeGetEvent(cudaGraphNode_t node, cudaEvent_t* event) {
  if (!node || !event || !node->event) return set_error(cudaErrorInvalidValue);
  *event = node->event;
  return cudaSuccess;
}
cudaError_t cudaGraphEventWaitNodeGetEvent(cudaGraphNode_t node, cudaEvent_t* event) {
  return cudaGraphEventRecordNodeGetEvent(node, event);
}
cudaError_t cudaGraphNodeSetEnabled(cudaGraphExec_t exec, cudaGraphNode_t node, unsigned enabled) {
  CUgraphNode_st* own = exec && node ? node_in(exec->graph, node) : nullptr;
  if (!own) return set_error(cudaErrorInvalidValue);
  own->enabled = enabled != 0;
  return cudaSuccess;
}
cudaError_t cudaGraphNodeGetEnabled(cudaGraphExec_t exec, cudaGraphNode_t node, unsigned* enabled) {
  CUgraphNode_st* own = exec && node ? node_in(exec->graph, node) : nullptr;
  if (!own || !enabled) return set_error(cudaErrorInvalidValue);
  *enabled = own->enabled;
  return cudaSuccess;
}
cudaError_t cudaGraphNodeFindInClone(cudaGraphNode_t* found, cudaGraphNode_t node, cudaGraph_t clone) {
  if (!found || !node || !clone) return set_error(cudaErrorInvalidValue);
  *found = node_in(*clone, node);
  return *found ? cudaSuccess : set_error(cudaErrorInvalidValue);
}
cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType* type) {
  if (!node || !type) return set_error(cudaErrorInvalidValue);
  *type = node->type;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long flags) {
  if (!exec || !graph) return set_error(cudaErrorInvalidValue);
  *exec = new CUgraphExec_st;
  (*exec)->flags = flags;
  copy_nodes(*graph, (*exec)->graph);
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* exec, cudaGraph_t graph,
                                          unsigned long long flags) {
  return cudaGraphInstantiate(exec, graph, flags);
}
cudaError_t cudaGraphExecGetFlags(cudaGraphExec_t exec, unsigned long long* flags) {
  if (!exec || !flags) return set_error(cudaErrorInvalidValue);
  *flags = exec->flags;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  if (!exec) return set_error(cudaErrorInvalidValue);
  delete exec;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
  if (!exec) return set_error(cudaErrorInvalidValue);
  if (cudaError_t error = simt::sticky_error()) return error;
  return simt::enqueue_graph(stream, exec->graph);
}
cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t) {
  return exec ? cudaSuccess : set_error(cudaErrorInvalidValue);
}
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph,
                                cudaGraphExecUpdateResultInfo* info) {
  if (!exec || !graph) return set_error(cudaErrorInvalidValue);
  bool same = exec->graph.nodes.size() == graph->nodes.size();
  for (size_t i = 0; same && i < graph->nodes.size(); ++i)
    same = exec->graph.nodes[i]->type == graph->nodes[i]->type &&
           exec->graph.nodes[i]->needs.size() == graph->nodes[i]->needs.size();
  if (info) info->result = same ? cudaGraphExecUpdateSuccess : cudaGraphExecUpdateErrorTopologyChanged;
  if (!same) return set_error(cudaErrorGraphExecUpdateFailure);
  CUgraph_st before = std::move(exec->graph);
  exec->graph = {};
  copy_nodes(*graph, exec->graph);
  for (size_t i = 0; i < before.nodes.size(); ++i) exec->graph.nodes[i]->origin = before.nodes[i]->origin;
  return cudaSuccess;
}
