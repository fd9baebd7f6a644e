// Nodes of graphs that call the host, record and await events, hold other graphs, or do nothing.
#include "graph.hpp"
#include "state.hpp"

using simt::node_in;
using simt::set_error;

std::function<void()> simt::work_of(std::shared_ptr<const CUgraph_st> child) {
  return [child] {
    for (auto& inner : child->nodes)
      if (inner->work && inner->enabled) inner->work();
  };
}

namespace {
std::function<void()> call(const cudaHostNodeParams& p) {
  return [p] {
    simt::host_is_told();
    p.fn(p.userData);
  };
}
std::function<void()> record(cudaEvent_t event) {
  return [event] { event->seconds = simt::now(); };
}

cudaError_t set_event(cudaGraphNode_t node, cudaGraphNodeType type, cudaEvent_t event) {
  if (!node || !simt::exists(event) || node->type != type) return set_error(cudaErrorInvalidValue);
  if (type == cudaGraphNodeTypeEventRecord) node->work = record(event);
  node->event = event;
  return cudaSuccess;
}
cudaError_t get_event(cudaGraphNode_t node, cudaGraphNodeType type, cudaEvent_t* event) {
  if (!node || !event || node->type != type) return set_error(cudaErrorInvalidValue);
  *event = node->event;
  return cudaSuccess;
}
}  // namespace

cudaError_t cudaGraphAddHostNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                 size_t count, const cudaHostNodeParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  const cudaError_t error =
      simt::add_node_to(graph, node, needs, count, cudaGraphNodeTypeHost, call(*parameters));
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
  return simt::add_node_to(graph, node, needs, count, cudaGraphNodeTypeEmpty, {});
}

cudaError_t cudaGraphAddChildGraphNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                       size_t count, cudaGraph_t child) {
  if (!child) return set_error(cudaErrorInvalidValue);
  auto copy = simt::copy_of(*child);
  const cudaError_t error =
      simt::add_node_to(graph, node, needs, count, cudaGraphNodeTypeGraph, simt::work_of(copy));
  if (error == cudaSuccess) (*node)->child = copy;
  return error;
}
cudaError_t cudaGraphChildGraphNodeGetGraph(cudaGraphNode_t node, cudaGraph_t* graph) {
  if (!node || !graph || !node->child) return set_error(cudaErrorInvalidValue);
  *graph = node->child.get();
  return cudaSuccess;
}
cudaError_t cudaGraphExecChildGraphNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                 cudaGraph_t child) {
  CUgraphNode_st* own = exec && node ? node_in(exec->graph, node) : nullptr;
  if (!own || !own->child || !child) return set_error(cudaErrorInvalidValue);
  own->child = simt::copy_of(*child);
  own->work = simt::work_of(own->child);
  return cudaSuccess;
}

cudaError_t cudaGraphAddEventRecordNode(cudaGraphNode_t* node, cudaGraph_t graph,
                                        const cudaGraphNode_t* needs, size_t count, cudaEvent_t event) {
  if (!simt::exists(event)) return set_error(cudaErrorInvalidValue);
  const cudaError_t error =
      simt::add_node_to(graph, node, needs, count, cudaGraphNodeTypeEventRecord, record(event));
  if (error == cudaSuccess) (*node)->event = event;
  return error;
}
cudaError_t cudaGraphAddEventWaitNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                      size_t count, cudaEvent_t event) {
  if (!simt::exists(event)) return set_error(cudaErrorInvalidValue);
  const cudaError_t error = simt::add_node_to(graph, node, needs, count, cudaGraphNodeTypeWaitEvent, {});
  if (error == cudaSuccess) (*node)->event = event;
  return error;
}
cudaError_t cudaGraphEventRecordNodeGetEvent(cudaGraphNode_t node, cudaEvent_t* event) {
  return get_event(node, cudaGraphNodeTypeEventRecord, event);
}
cudaError_t cudaGraphEventWaitNodeGetEvent(cudaGraphNode_t node, cudaEvent_t* event) {
  return get_event(node, cudaGraphNodeTypeWaitEvent, event);
}
cudaError_t cudaGraphEventRecordNodeSetEvent(cudaGraphNode_t node, cudaEvent_t event) {
  return set_event(node, cudaGraphNodeTypeEventRecord, event);
}
cudaError_t cudaGraphEventWaitNodeSetEvent(cudaGraphNode_t node, cudaEvent_t event) {
  return set_event(node, cudaGraphNodeTypeWaitEvent, event);
}
cudaError_t cudaGraphExecEventRecordNodeSetEvent(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                 cudaEvent_t event) {
  return set_event(exec && node ? node_in(exec->graph, node) : nullptr, cudaGraphNodeTypeEventRecord, event);
}
cudaError_t cudaGraphExecEventWaitNodeSetEvent(cudaGraphExec_t exec, cudaGraphNode_t node,
                                               cudaEvent_t event) {
  return set_event(exec && node ? node_in(exec->graph, node) : nullptr, cudaGraphNodeTypeWaitEvent, event);
}
