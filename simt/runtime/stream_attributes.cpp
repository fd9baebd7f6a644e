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
cudaError_t cudaStreamCopyAttributes(cudaStream_t to, cudaStream_t from) {
  if (!valid(to) || !valid(from)) return set_error(cudaErrorInvalidResourceHandle);
  simt::stream_of(to).attributes = simt::stream_of(from).attributes;
  return cudaSuccess;
}
cudaError_t cudaStreamGetId(cudaStream_t stream, unsigned long long* id) {
  if (!valid(stream) || !id) return set_error(cudaErrorInvalidValue);
  *id = simt::stream_of(stream).id;
  return cudaSuccess;
}
#if CUDART_VERSION >= 12080
cudaError_t cudaStreamGetDevice(cudaStream_t stream, int* device) {
  return valid(stream) ? cudaGetDevice(device) : set_error(cudaErrorInvalidResourceHandle);
}
#endif
