// CUDA graphs: captured from streams or built node by node, and run through a stream.
#include <algorithm>
#include <cstring>
#include <map>

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
    copies[node.get()] = simt::add_node(to, node->type, node->work, std::move(needs));
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
    for (std::size_t row = 0; row < std::max<std::size_t>(p.height, 1); ++row)
      for (std::size_t i = 0; i < p.width; ++i)
        std::memcpy(static_cast<char*>(p.dst) + row * p.pitch + i * p.elementSize, &p.value, p.elementSize);
  };
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
  return add(node, graph, needs, count, cudaGraphNodeTypeKernel, std::move(work));
}
cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                     size_t count, void* target, const void* source, size_t size,
                                     cudaMemcpyKind) {
  return add(node, graph, needs, count, cudaGraphNodeTypeMemcpy, [=] { std::memmove(target, source, size); });
}
cudaError_t cudaGraphAddMemsetNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                   size_t count, const cudaMemsetParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  return add(node, graph, needs, count, cudaGraphNodeTypeMemset, work_of(*parameters));
}
cudaError_t cudaGraphAddHostNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                 size_t count, const cudaHostNodeParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  return add(node, graph, needs, count, cudaGraphNodeTypeHost, [p = *parameters] { p.fn(p.userData); });
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
  return add(node, graph, needs, count, cudaGraphNodeTypeGraph, [copy] {
    for (auto& inner : copy->nodes)
      if (inner->work) inner->work();
  });
}
#if CUDART_VERSION >= 13000
cudaError_t cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                     const cudaGraphNode_t* to, const cudaGraphEdgeData*, size_t count) {
#else
cudaError_t cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                     const cudaGraphNode_t* to, size_t count) {
#endif
  if (!graph || (count && (!from || !to))) return set_error(cudaErrorInvalidValue);
  for (size_t i = 0; i < count; ++i) to[i]->needs.push_back(from[i]);
  // Keep each node after those it needs: move it there, if an edge now points forward.
  std::vector<std::unique_ptr<CUgraphNode_st>> ordered;
  auto placed = [&](const CUgraphNode_st* n) {
    return std::any_of(ordered.begin(), ordered.end(), [n](const auto& o) { return o.get() == n; });
  };
  while (!graph->nodes.empty()) {
    auto next = std::find_if(graph->nodes.begin(), graph->nodes.end(), [&](const auto& n) {
      return std::all_of(n->needs.begin(), n->needs.end(), placed);
    });
    if (next == graph->nodes.end()) return set_error(cudaErrorInvalidValue);  // a cycle
    ordered.push_back(std::move(*next));
    graph->nodes.erase(next);
  }
  graph->nodes = std::move(ordered);
  return cudaSuccess;
}
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  if (!graph || !count) return set_error(cudaErrorInvalidValue);
  if (nodes)
    for (size_t i = 0; i < std::min(*count, graph->nodes.size()); ++i) nodes[i] = graph->nodes[i].get();
  *count = graph->nodes.size();
  return cudaSuccess;
}
cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType* type) {
  if (!node || !type) return set_error(cudaErrorInvalidValue);
  *type = node->type;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  if (!exec || !graph) return set_error(cudaErrorInvalidValue);
  *exec = new CUgraphExec_st;
  copy_nodes(*graph, (*exec)->graph);
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* exec, cudaGraph_t graph,
                                          unsigned long long flags) {
  return cudaGraphInstantiate(exec, graph, flags);
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
  exec->graph.nodes.clear();
  copy_nodes(*graph, exec->graph);
  return cudaSuccess;
}
