// Nodes of graphs that copy and fill.
#include <algorithm>
#include <cstring>

#include "array.hpp"
#include "graph.hpp"
#include "simt/observer.hpp"
#include "state.hpp"

using simt::node_in;
using simt::set_error;

namespace simt {
cudaMemcpy3DParms copy_params(void* to, const void* from, const Rows& rows, cudaMemcpyKind kind) {
  cudaMemcpy3DParms p{};
  p.srcPtr = {const_cast<void*>(from), rows.source_pitch, rows.width, rows.height};
  p.dstPtr = {to, rows.target_pitch, rows.width, rows.height};
  p.extent = {rows.width, rows.height, 1};
  p.kind = kind;
  return p;
}
}  // namespace simt

namespace {
cudaMemcpy3DParms linear(void* to, const void* from, std::size_t size, cudaMemcpyKind kind) {
  return simt::copy_params(to, from, {size, 1, size, size}, kind);
}
char* at(const void* symbol, std::size_t offset) {
  return static_cast<char*>(const_cast<void*>(symbol)) + offset;
}

cudaError_t add_copy(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs, size_t count,
                     const cudaMemcpy3DParms& p) {
  const cudaError_t error = simt::add_node_to(graph, node, needs, count, cudaGraphNodeTypeMemcpy,
                                              [p] { simt::for_slices(p, simt::copy_now); });
  if (error == cudaSuccess) (*node)->copy = p;
  return error;
}
cudaError_t set_copy(cudaGraphNode_t node, const cudaMemcpy3DParms& p) {
  if (!node || node->type != cudaGraphNodeTypeMemcpy) return set_error(cudaErrorInvalidValue);
  node->work = [p] { simt::for_slices(p, simt::copy_now); };
  node->copy = p;
  return cudaSuccess;
}
cudaError_t set_copy(cudaGraphExec_t exec, cudaGraphNode_t node, const cudaMemcpy3DParms& p) {
  if (!exec || !node) return set_error(cudaErrorInvalidValue);
  return set_copy(node_in(exec->graph, node), p);
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
}  // namespace

cudaError_t cudaGraphAddMemcpyNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                   size_t count, const cudaMemcpy3DParms* parameters) {
  return parameters ? add_copy(node, graph, needs, count, *parameters) : set_error(cudaErrorInvalidValue);
}
cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                     size_t count, void* target, const void* source, size_t size,
                                     cudaMemcpyKind kind) {
  return add_copy(node, graph, needs, count, linear(target, source, size, kind));
}
cudaError_t cudaGraphAddMemcpyNodeToSymbol(cudaGraphNode_t* node, cudaGraph_t graph,
                                           const cudaGraphNode_t* needs, size_t count, const void* symbol,
                                           const void* source, size_t size, size_t offset,
                                           cudaMemcpyKind kind) {
  return add_copy(node, graph, needs, count, linear(at(symbol, offset), source, size, kind));
}
cudaError_t cudaGraphAddMemcpyNodeFromSymbol(cudaGraphNode_t* node, cudaGraph_t graph,
                                             const cudaGraphNode_t* needs, size_t count, void* target,
                                             const void* symbol, size_t size, size_t offset,
                                             cudaMemcpyKind kind) {
  return add_copy(node, graph, needs, count, linear(target, at(symbol, offset), size, kind));
}

cudaError_t cudaGraphMemcpyNodeGetParams(cudaGraphNode_t node, cudaMemcpy3DParms* parameters) {
  if (!node || !parameters || node->type != cudaGraphNodeTypeMemcpy) return set_error(cudaErrorInvalidValue);
  *parameters = node->copy;
  return cudaSuccess;
}
cudaError_t cudaGraphMemcpyNodeSetParams(cudaGraphNode_t node, const cudaMemcpy3DParms* parameters) {
  return parameters ? set_copy(node, *parameters) : set_error(cudaErrorInvalidValue);
}
cudaError_t cudaGraphMemcpyNodeSetParams1D(cudaGraphNode_t node, void* target, const void* source,
                                           size_t size, cudaMemcpyKind kind) {
  return set_copy(node, linear(target, source, size, kind));
}
cudaError_t cudaGraphMemcpyNodeSetParamsToSymbol(cudaGraphNode_t node, const void* symbol, const void* source,
                                                 size_t size, size_t offset, cudaMemcpyKind kind) {
  return set_copy(node, linear(at(symbol, offset), source, size, kind));
}
cudaError_t cudaGraphMemcpyNodeSetParamsFromSymbol(cudaGraphNode_t node, void* target, const void* symbol,
                                                   size_t size, size_t offset, cudaMemcpyKind kind) {
  return set_copy(node, linear(target, at(symbol, offset), size, kind));
}
cudaError_t cudaGraphExecMemcpyNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaMemcpy3DParms* parameters) {
  return parameters ? set_copy(exec, node, *parameters) : set_error(cudaErrorInvalidValue);
}
cudaError_t cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t exec, cudaGraphNode_t node, void* target,
                                               const void* source, size_t size, cudaMemcpyKind kind) {
  return set_copy(exec, node, linear(target, source, size, kind));
}
cudaError_t cudaGraphExecMemcpyNodeSetParamsToSymbol(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                     const void* symbol, const void* source, size_t size,
                                                     size_t offset, cudaMemcpyKind kind) {
  return set_copy(exec, node, linear(at(symbol, offset), source, size, kind));
}
cudaError_t cudaGraphExecMemcpyNodeSetParamsFromSymbol(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                       void* target, const void* symbol, size_t size,
                                                       size_t offset, cudaMemcpyKind kind) {
  return set_copy(exec, node, linear(target, at(symbol, offset), size, kind));
}

cudaError_t cudaGraphAddMemsetNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                   size_t count, const cudaMemsetParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  const cudaError_t error =
      simt::add_node_to(graph, node, needs, count, cudaGraphNodeTypeMemset, work_of(*parameters));
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
