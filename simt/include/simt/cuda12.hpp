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

inline cudaError_t cudaGraphAddNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* needs,
                                    size_t count, cudaGraphNodeParams* parameters) {
  return cudaGraphAddNode(node, graph, needs, nullptr, count, parameters);
}
inline cudaError_t cudaStreamUpdateCaptureDependencies(cudaStream_t stream, cudaGraphNode_t* needs,
                                                       size_t count, unsigned flags = 0) {
  return cudaStreamUpdateCaptureDependencies(stream, needs, nullptr, count, flags);
}
inline cudaError_t cudaStreamGetCaptureInfo_v2(cudaStream_t stream, cudaStreamCaptureStatus* status,
                                               unsigned long long* id = nullptr, cudaGraph_t* graph = nullptr,
                                               const cudaGraphNode_t** needs = nullptr,
                                               size_t* count = nullptr) {
  return cudaStreamGetCaptureInfo(stream, status, id, graph, needs, nullptr, count);
}
inline cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus* status,
                                            unsigned long long* id, cudaGraph_t* graph,
                                            const cudaGraphNode_t** needs, size_t* count) {
  return cudaStreamGetCaptureInfo(stream, status, id, graph, needs, nullptr, count);
}
inline cudaError_t cudaStreamGetCaptureInfo_v3(cudaStream_t stream, cudaStreamCaptureStatus* status,
                                               unsigned long long* id = nullptr, cudaGraph_t* graph = nullptr,
                                               const cudaGraphNode_t** needs = nullptr,
                                               const cudaGraphEdgeData** edges = nullptr,
                                               size_t* count = nullptr) {
  return cudaStreamGetCaptureInfo(stream, status, id, graph, needs, edges, count);
}
inline cudaError_t cudaMemcpyBatchAsync(void* const* targets, const void* const* sources, const size_t* sizes,
                                        size_t count, cudaMemcpyAttributes* attributes, size_t* first,
                                        size_t kinds, size_t* failed, cudaStream_t stream) {
  if (failed) *failed = ~size_t{0};
  return cudaMemcpyBatchAsync(targets, sources, sizes, count, attributes, first, kinds, stream);
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
