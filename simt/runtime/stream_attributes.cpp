// What a stream was made with, and what programs ask it to keep.
#include "state.hpp"
#include "stream.hpp"

using simt::set_error;
using simt::valid;

cudaError_t cudaStreamGetFlags(cudaStream_t stream, unsigned* flags) {
  if (!valid(stream) || !flags) return set_error(cudaErrorInvalidValue);
  *flags = simt::stream_of(stream).flags;
  return cudaSuccess;
}
cudaError_t cudaStreamGetPriority(cudaStream_t stream, int* priority) {
  if (!valid(stream) || !priority) return set_error(cudaErrorInvalidValue);
  *priority = simt::stream_of(stream).priority;
  return cudaSuccess;
}
cudaError_t cudaStreamSetAttribute(cudaStream_t handle, cudaStreamAttrID attribute,
                                   const cudaStreamAttrValue* value) {
  if (!valid(handle) || !value) return set_error(cudaErrorInvalidValue);
  CUstream_st& stream = simt::stream_of(handle);
  if (attribute == cudaLaunchAttributePriority) stream.priority = value->priority;
  stream.attributes[attribute] = *value;
  return cudaSuccess;
}
cudaError_t cudaStreamGetAttribute(cudaStream_t handle, cudaStreamAttrID attribute,
                                   cudaStreamAttrValue* value) {
  if (!valid(handle) || !value) return set_error(cudaErrorInvalidValue);
  CUstream_st& stream = simt::stream_of(handle);
  *value = stream.attributes[attribute];
  if (attribute == cudaLaunchAttributePriority) value->priority = stream.priority;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  if (least) *least = 0;
  if (greatest) *greatest = simt::greatest_priority;
  return cudaSuccess;
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  if (!valid(stream) || !status) return set_error(cudaErrorInvalidValue);
  const CUgraph_st* graph = simt::stream_of(stream).capture;
  *status = !graph               ? cudaStreamCaptureStatusNone
            : graph->invalidated ? cudaStreamCaptureStatusInvalidated
                                 : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}
