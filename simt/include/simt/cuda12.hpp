#pragma once
// What CUDA 13 took away and programs written for CUDA 12 and earlier still use.
#include <cuda_runtime.h>

#if CUDART_VERSION >= 13000

inline cudaError_t cudaMemPrefetchAsync(const void* p, size_t bytes, int device,
                                        cudaStream_t stream = nullptr) {
  const cudaMemLocation where{device < 0 ? cudaMemLocationTypeHost : cudaMemLocationTypeDevice, device};
  return cudaMemPrefetchAsync(p, bytes, where, 0u, stream);
}
inline cudaError_t cudaMemAdvise(const void* p, size_t bytes, cudaMemoryAdvise advice, int device) {
  const cudaMemLocation where{device < 0 ? cudaMemLocationTypeHost : cudaMemLocationTypeDevice, device};
  return cudaMemAdvise(p, bytes, advice, where);
}

// Edges without data.
inline cudaError_t cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                            const cudaGraphNode_t* to, size_t count) {
  return cudaGraphAddDependencies(graph, from, to, nullptr, count);
}
inline cudaError_t cudaGraphRemoveDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                               const cudaGraphNode_t* to, size_t count) {
  return cudaGraphRemoveDependencies(graph, from, to, nullptr, count);
}
inline cudaError_t cudaGraphGetEdges(cudaGraph_t graph, cudaGraphNode_t* from, cudaGraphNode_t* to,
                                     size_t* count) {
  return cudaGraphGetEdges(graph, from, to, nullptr, count);
}
inline cudaError_t cudaGraphNodeGetDependencies(cudaGraphNode_t node, cudaGraphNode_t* nodes, size_t* count) {
  return cudaGraphNodeGetDependencies(node, nodes, nullptr, count);
}
inline cudaError_t cudaGraphNodeGetDependentNodes(cudaGraphNode_t node, cudaGraphNode_t* nodes,
                                                  size_t* count) {
  return cudaGraphNodeGetDependentNodes(node, nodes, nullptr, count);
}

inline cudaError_t cudaThreadSynchronize() { return cudaDeviceSynchronize(); }
inline cudaError_t cudaThreadExit() { return cudaDeviceReset(); }

namespace simt {
struct DeviceProperties : ::cudaDeviceProp {
  int clockRate, memoryClockRate;  // kHz
  int deviceOverlap, kernelExecTimeoutEnabled, computeMode;
  int cooperativeMultiDeviceLaunch, singleToDoublePrecisionPerfRatio, maxTexture1DLinear;
};
}  // namespace simt

inline cudaError_t cudaGetDeviceProperties(simt::DeviceProperties* properties, int device) {
  const cudaError_t status = cudaGetDeviceProperties(static_cast<cudaDeviceProp*>(properties), device);
  if (status != cudaSuccess) return status;
  (void)cudaDeviceGetAttribute(&properties->clockRate, cudaDevAttrClockRate, device);
  (void)cudaDeviceGetAttribute(&properties->memoryClockRate, cudaDevAttrMemoryClockRate, device);
  properties->deviceOverlap = 1;
  properties->kernelExecTimeoutEnabled = properties->computeMode = properties->cooperativeMultiDeviceLaunch =
      0;
  (void)cudaDeviceGetAttribute(&properties->singleToDoublePrecisionPerfRatio,
                               cudaDevAttrSingleToDoublePrecisionPerfRatio, device);
  (void)cudaDeviceGetAttribute(&properties->maxTexture1DLinear, cudaDevAttrMaxTexture1DLinearWidth, device);
  return cudaSuccess;
}
#define cudaDeviceProp simt::DeviceProperties

#endif
