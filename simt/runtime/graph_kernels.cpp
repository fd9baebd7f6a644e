// Nodes of graphs that launch kernels.
#include "graph.hpp"
#include "simt/runtime.hpp"
#include "state.hpp"

using simt::node_in;
using simt::set_error;

namespace simt {
void set_kernel(CUgraphNode_st& node, const LaunchSite& site, const Config& config,
                std::shared_ptr<const Kernel> bound) {
  node.kernel.func = const_cast<void*>(site.address);
  node.kernel.gridDim = config.grid;
  node.kernel.blockDim = config.block;
  node.kernel.sharedMemBytes = unsigned(config.shared);
  if (config.cooperative) node.attributes[cudaLaunchAttributeCooperative].cooperative = 1;
  node.arguments = bound->arguments();
  node.bound = bound;
  node.work = launch_work(site, config, std::move(bound));
}
}  // namespace simt

namespace {
cudaError_t set(CUgraphNode_st& node, const cudaKernelNodeParams& p) {
  auto bound = simt::bind(p.func, p.kernelParams);
  if (!bound) return set_error(cudaErrorInvalidDeviceFunction);
  simt::Config config(p.gridDim, p.blockDim, p.sharedMemBytes);
  const auto cooperative = node.attributes.find(cudaLaunchAttributeCooperative);
  config.cooperative = cooperative != node.attributes.end() && cooperative->second.cooperative;
  simt::set_kernel(node, simt::site_of(p.func), config, std::move(bound));
  return cudaSuccess;
}
bool is_kernel(cudaGraphNode_t node) { return node && node->type == cudaGraphNodeTypeKernel; }
}  // namespace

cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                   size_t count, const cudaKernelNodeParams* parameters) {
  if (!parameters) return set_error(cudaErrorInvalidValue);
  CUgraphNode_st made{};
  if (cudaError_t error = set(made, *parameters)) return error;
  if (cudaError_t error =
          simt::add_node_to(graph, node, needs, count, cudaGraphNodeTypeKernel, std::move(made.work)))
    return error;
  (*node)->kernel = made.kernel, (*node)->bound = made.bound, (*node)->arguments = made.arguments;
  return cudaSuccess;
}
/// The arguments are the node's own. Of a captured launch they are known where it names its kernel.
cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams* parameters) {
  if (!is_kernel(node) || !parameters || !node->bound) return set_error(cudaErrorInvalidValue);
  *parameters = node->kernel;
  parameters->kernelParams = node->arguments.data();
  return cudaSuccess;
}
cudaError_t cudaGraphKernelNodeSetParams(cudaGraphNode_t node, const cudaKernelNodeParams* parameters) {
  if (!is_kernel(node) || !parameters) return set_error(cudaErrorInvalidValue);
  return set(*node, *parameters);
}
cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaKernelNodeParams* parameters) {
  if (!exec || !node) return set_error(cudaErrorInvalidValue);
  return cudaGraphKernelNodeSetParams(node_in(exec->graph, node), parameters);
}

// Of the attributes, a cooperative launch has an effect; the others are kept.
cudaError_t cudaGraphKernelNodeSetAttribute(cudaGraphNode_t node, cudaLaunchAttributeID attribute,
                                            const cudaLaunchAttributeValue* value) {
  if (!is_kernel(node) || !value) return set_error(cudaErrorInvalidValue);
  node->attributes[attribute] = *value;
  cudaKernelNodeParams own;
  if (attribute != cudaLaunchAttributeCooperative) return cudaSuccess;
  const cudaError_t error = cudaGraphKernelNodeGetParams(node, &own);
  return error ? error : set(*node, own);
}
cudaError_t cudaGraphKernelNodeGetAttribute(cudaGraphNode_t node, cudaLaunchAttributeID attribute,
                                            cudaLaunchAttributeValue* value) {
  if (!is_kernel(node) || !value) return set_error(cudaErrorInvalidValue);
  *value = node->attributes[attribute];
  return cudaSuccess;
}
cudaError_t cudaGraphKernelNodeCopyAttributes(cudaGraphNode_t to, cudaGraphNode_t from) {
  if (!is_kernel(to) || !is_kernel(from)) return set_error(cudaErrorInvalidValue);
  for (auto& [attribute, value] : from->attributes)
    if (cudaError_t error = cudaGraphKernelNodeSetAttribute(to, attribute, &value)) return error;
  return cudaSuccess;
}
