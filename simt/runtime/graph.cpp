// CUDA graphs: made of nodes, or captured from streams; and run through a stream.
#include "graph.hpp"

#include <algorithm>
#include <map>

#include "simt/observer.hpp"
#include "state.hpp"

namespace simt {

CUgraphNode_st* add_node(CUgraph_st& graph, cudaGraphNodeType type, std::function<void()> work,
                         std::vector<CUgraphNode_st*> needs) {
  auto node = std::make_unique<CUgraphNode_st>();
  node->type = type, node->work = std::move(work), node->needs = std::move(needs), node->graph = &graph;
  graph.nodes.push_back(std::move(node));
  return graph.nodes.back().get();
}

cudaError_t add_node_to(cudaGraph_t graph, cudaGraphNode_t* out, const cudaGraphNode_t* needs,
                        std::size_t count, cudaGraphNodeType type, std::function<void()> work) {
  if (!out || !graph || (count && !needs)) return set_error(cudaErrorInvalidValue);
  *out = add_node(*graph, type, std::move(work), {needs, needs + count});
  return cudaSuccess;
}

void copy_nodes(const CUgraph_st& from, CUgraph_st& to) {
  std::map<const CUgraphNode_st*, CUgraphNode_st*> copies;
  for (auto& node : from.nodes) {
    CUgraphNode_st& copy = *to.nodes.emplace_back(std::make_unique<CUgraphNode_st>(*node));
    for (CUgraphNode_st*& need : copy.needs) need = copies.at(need);
    copy.origin = node.get();
    copy.graph = &to;
    copies[node.get()] = &copy;
  }
  if (from.objects) to.objects = std::make_shared<UserObjects>(*from.objects);
}

std::shared_ptr<CUgraph_st> copy_of(const CUgraph_st& graph) {
  auto copy = std::make_shared<CUgraph_st>();
  copy_nodes(graph, *copy);
  return copy;
}

CUgraphNode_st* node_in(const CUgraph_st& graph, cudaGraphNode_t node) {
  for (auto& copy : graph.nodes)
    if (copy->origin == node) return copy.get();
  return nullptr;
}

}  // namespace simt

using simt::node_in;
using simt::set_error;

cudaError_t cudaGraphCreate(cudaGraph_t* graph, unsigned) {
  if (!graph) return set_error(cudaErrorInvalidValue);
  *graph = new CUgraph_st;
  simt::note_made(*graph, "a graph", "cudaGraphDestroy");
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  if (!simt::exists(graph)) return set_error(cudaErrorInvalidValue);
  simt::note_given_back(graph);
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphClone(cudaGraph_t* clone, cudaGraph_t graph) {
  if (!clone || !graph) return set_error(cudaErrorInvalidValue);
  *clone = new CUgraph_st;
  simt::note_made(*clone, "a graph", "cudaGraphDestroy");
  simt::copy_nodes(*graph, **clone);
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

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long flags) {
  if (!exec || !graph) return set_error(cudaErrorInvalidValue);
  *exec = new CUgraphExec_st;
  simt::note_made(*exec, "an instantiated graph", "cudaGraphExecDestroy");
  (*exec)->flags = flags;
  simt::copy_nodes(*graph, (*exec)->graph);
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* exec, cudaGraph_t graph,
                                          unsigned long long flags) {
  return cudaGraphInstantiate(exec, graph, flags);
}
cudaError_t cudaGraphInstantiateWithParams(cudaGraphExec_t* exec, cudaGraph_t graph,
                                           cudaGraphInstantiateParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  parameters->errNode_out = nullptr;
  const cudaError_t error = cudaGraphInstantiate(exec, graph, parameters->flags);
  parameters->result_out = error == cudaSuccess ? cudaGraphInstantiateSuccess : cudaGraphInstantiateError;
  return error;
}
cudaError_t cudaGraphExecGetFlags(cudaGraphExec_t exec, unsigned long long* flags) {
  if (!exec || !flags) return set_error(cudaErrorInvalidValue);
  *flags = exec->flags;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  if (!simt::exists(exec)) return set_error(cudaErrorInvalidValue);
  simt::note_given_back(exec);
  delete exec;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
  if (!simt::exists(exec)) return set_error(cudaErrorInvalidValue);
  if (cudaError_t error = simt::sticky_error()) return error;
  return simt::enqueue_graph(stream, exec->graph);
}
cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t) {
  return simt::exists(exec) ? cudaSuccess : set_error(cudaErrorInvalidValue);
}
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph,
                                cudaGraphExecUpdateResultInfo* info) {
  if (!simt::exists(exec) || !graph) return set_error(cudaErrorInvalidValue);
  bool same = exec->graph.nodes.size() == graph->nodes.size();
  for (size_t i = 0; same && i < graph->nodes.size(); ++i)
    same = exec->graph.nodes[i]->type == graph->nodes[i]->type &&
           exec->graph.nodes[i]->needs.size() == graph->nodes[i]->needs.size();
  if (info) info->result = same ? cudaGraphExecUpdateSuccess : cudaGraphExecUpdateErrorTopologyChanged;
  if (!same) return set_error(cudaErrorGraphExecUpdateFailure);
  CUgraph_st before = std::move(exec->graph);
  exec->graph = {};
  simt::copy_nodes(*graph, exec->graph);
  for (size_t i = 0; i < before.nodes.size(); ++i) exec->graph.nodes[i]->origin = before.nodes[i]->origin;
  return cudaSuccess;
}
