// The calls for nodes of any type, whose parameters are a union.
#include "graph.hpp"
#include "report.hpp"
#include "state.hpp"

using simt::node_in;
using simt::set_error;

#if CUDART_VERSION >= 13000
#define EDGE_DATA , const cudaGraphEdgeData*
#else
#define EDGE_DATA
#endif

namespace {
cudaKernelNodeParams older(const cudaKernelNodeParamsV2& p) {
  cudaKernelNodeParams older{};
  older.func = p.func, older.gridDim = p.gridDim, older.blockDim = p.blockDim;
  older.sharedMemBytes = p.sharedMemBytes, older.kernelParams = p.kernelParams, older.extra = p.extra;
  return older;
}
cudaMemsetParams older(const cudaMemsetParamsV2& p) {
  cudaMemsetParams older{};
  older.dst = p.dst, older.pitch = p.pitch, older.value = p.value;
  older.elementSize = p.elementSize, older.width = p.width, older.height = p.height;
  return older;
}
cudaHostNodeParams older(const cudaHostNodeParamsV2& p) { return {p.fn, p.userData}; }

cudaError_t not_here(const char* what) { return simt::not_supported("cudaGraphAddNode", what); }
}  // namespace

cudaError_t cudaGraphAddNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs EDGE_DATA,
                             size_t count, cudaGraphNodeParams* p) {
  if (!p) return set_error(cudaErrorInvalidValue);
  switch (p->type) {
    case cudaGraphNodeTypeKernel: {
      const cudaKernelNodeParams parameters = older(p->kernel);
      return cudaGraphAddKernelNode(node, graph, needs, count, &parameters);
    }
    case cudaGraphNodeTypeMemset: {
      const cudaMemsetParams parameters = older(p->memset);
      return cudaGraphAddMemsetNode(node, graph, needs, count, &parameters);
    }
    case cudaGraphNodeTypeHost: {
      const cudaHostNodeParams parameters = older(p->host);
      return cudaGraphAddHostNode(node, graph, needs, count, &parameters);
    }
    case cudaGraphNodeTypeMemcpy:
      return cudaGraphAddMemcpyNode(node, graph, needs, count, &p->memcpy.copyParams);
    case cudaGraphNodeTypeEmpty: return cudaGraphAddEmptyNode(node, graph, needs, count);
    case cudaGraphNodeTypeGraph: return cudaGraphAddChildGraphNode(node, graph, needs, count, p->graph.graph);
    case cudaGraphNodeTypeEventRecord:
      return cudaGraphAddEventRecordNode(node, graph, needs, count, p->eventRecord.event);
    case cudaGraphNodeTypeWaitEvent:
      return cudaGraphAddEventWaitNode(node, graph, needs, count, p->eventWait.event);
    case cudaGraphNodeTypeMemFree: return cudaGraphAddMemFreeNode(node, graph, needs, count, p->free.dptr);
    case cudaGraphNodeTypeMemAlloc: {
      cudaMemAllocNodeParams parameters{};
      parameters.poolProps = p->alloc.poolProps, parameters.bytesize = p->alloc.bytesize;
      const cudaError_t error = cudaGraphAddMemAllocNode(node, graph, needs, count, &parameters);
      p->alloc.dptr = parameters.dptr;
      return error;
    }
    case cudaGraphNodeTypeConditional: return not_here("conditional nodes");
    default: return not_here("external semaphores");
  }
}

cudaError_t cudaGraphNodeSetParams(cudaGraphNode_t node, cudaGraphNodeParams* p) {
  if (!node || !p || node->type != p->type) return set_error(cudaErrorInvalidValue);
  switch (p->type) {
    case cudaGraphNodeTypeKernel: {
      const cudaKernelNodeParams parameters = older(p->kernel);
      return cudaGraphKernelNodeSetParams(node, &parameters);
    }
    case cudaGraphNodeTypeMemset: {
      const cudaMemsetParams parameters = older(p->memset);
      return cudaGraphMemsetNodeSetParams(node, &parameters);
    }
    case cudaGraphNodeTypeHost: {
      const cudaHostNodeParams parameters = older(p->host);
      return cudaGraphHostNodeSetParams(node, &parameters);
    }
    case cudaGraphNodeTypeMemcpy: return cudaGraphMemcpyNodeSetParams(node, &p->memcpy.copyParams);
    case cudaGraphNodeTypeEventRecord: return cudaGraphEventRecordNodeSetEvent(node, p->eventRecord.event);
    case cudaGraphNodeTypeWaitEvent: return cudaGraphEventWaitNodeSetEvent(node, p->eventWait.event);
    default: return set_error(cudaErrorInvalidValue);
  }
}
cudaError_t cudaGraphExecNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node, cudaGraphNodeParams* p) {
  if (!exec || !node || !p) return set_error(cudaErrorInvalidValue);
  if (p->type == cudaGraphNodeTypeGraph)
    return cudaGraphExecChildGraphNodeSetParams(exec, node, p->graph.graph);
  return cudaGraphNodeSetParams(node_in(exec->graph, node), p);
}
