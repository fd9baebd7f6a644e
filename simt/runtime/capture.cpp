// Captures: work of streams that becomes a graph's nodes.
#include <mutex>
#include <set>
#include <utility>

#include "simt/observer.hpp"
#include "state.hpp"
#include "stream.hpp"

using simt::set_error;
using simt::valid;

#if CUDART_VERSION >= 13000  // data of edges is of kernels that start early: here none does
#define EDGE_DATA , const cudaGraphEdgeData*
#define EDGE_DATA_OUT , const cudaGraphEdgeData** edges
#define CAPTURE_INFO cudaStreamGetCaptureInfo
#else
#define EDGE_DATA
#define EDGE_DATA_OUT
#define CAPTURE_INFO cudaStreamGetCaptureInfo_v2
#endif

namespace {
cudaError_t begin(cudaStream_t handle, CUgraph_st* into, const cudaGraphNode_t* needs, size_t count) {
  static unsigned long long captures = 0;
  std::lock_guard lock(simt::stream_mutex);
  if (!valid(handle) || simt::is_legacy(handle)) return set_error(cudaErrorStreamCaptureUnsupported);
  CUstream_st& stream = simt::stream_of(handle);
  if (stream.capture) return set_error(cudaErrorIllegalState);
  stream.capture = into ? into : new CUgraph_st;
  stream.capture->capture = ++captures;
  stream.capture->made_by_capture = !into;
  stream.began_capture = true;
  stream.captured.assign(needs, needs + count);
  return cudaSuccess;
}

cudaStreamCaptureStatus status_of(const CUgraph_st* graph) {
  return !graph               ? cudaStreamCaptureStatusNone
         : graph->invalidated ? cudaStreamCaptureStatusInvalidated
                              : cudaStreamCaptureStatusActive;
}
}  // namespace

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  return begin(stream, nullptr, nullptr, 0);
}
#if CUDART_VERSION >= 12030
cudaError_t cudaStreamBeginCaptureToGraph(cudaStream_t stream, cudaGraph_t graph,
                                          const cudaGraphNode_t* needs, const cudaGraphEdgeData*,
                                          size_t count, cudaStreamCaptureMode) {
  if (!graph || (count && !needs)) return set_error(cudaErrorInvalidValue);
  return begin(stream, graph, needs, count);
}
#endif
cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
  std::lock_guard lock(simt::stream_mutex);
  if (!valid(handle) || simt::is_legacy(handle) || !graph) return set_error(cudaErrorInvalidValue);
  CUstream_st& stream = simt::stream_of(handle);
  if (!stream.capture || !stream.began_capture) return set_error(cudaErrorStreamCaptureUnmatched);
  *graph = stream.capture;
  std::set<CUgraphNode_st*> joined;
  for (std::vector<CUgraphNode_st*> open = stream.captured; !open.empty();) {
    CUgraphNode_st* node = open.back();
    open.pop_back();
    if (joined.insert(node).second) open.insert(open.end(), node->needs.begin(), node->needs.end());
  }
  bool all_joined = true;
  const auto leave = [&](CUstream_st& other) {
    if (other.capture != *graph) return;
    for (CUgraphNode_st* node : other.captured) all_joined = all_joined && joined.count(node);
    other.capture = nullptr;
    other.began_capture = false;
    other.captured.clear();
  };
  leave(stream);
  for (CUstream_st* other : simt::streams) leave(*other);
  const bool invalidated = std::exchange((*graph)->invalidated, false);
  if (!invalidated && all_joined) {
    if ((*graph)->made_by_capture) simt::note_made(*graph, "a graph", "cudaGraphDestroy");
    return cudaSuccess;
  }
  CUgraph_st* failed = std::exchange(*graph, nullptr);
  if (failed->made_by_capture) delete failed;
  return set_error(invalidated ? cudaErrorStreamCaptureInvalidated : cudaErrorStreamCaptureUnjoined);
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  if (!valid(stream) || !status) return set_error(cudaErrorInvalidValue);
  *status = status_of(simt::stream_of(stream).capture);
  return cudaSuccess;
}
cudaError_t CAPTURE_INFO(cudaStream_t handle, cudaStreamCaptureStatus* status, unsigned long long* id,
                         cudaGraph_t* graph, const cudaGraphNode_t** needs EDGE_DATA_OUT, size_t* count) {
  std::lock_guard lock(simt::stream_mutex);
  if (!valid(handle) || !status) return set_error(cudaErrorInvalidValue);
  const CUstream_st& stream = simt::stream_of(handle);
  *status = status_of(stream.capture);
  if (*status != cudaStreamCaptureStatusActive) return cudaSuccess;
  if (id) *id = stream.capture->capture;
  if (graph) *graph = stream.capture;
  if (needs) *needs = stream.captured.data();
  if (count) *count = stream.captured.size();
#if CUDART_VERSION >= 13000
  static thread_local std::vector<cudaGraphEdgeData> plain;
  plain.assign(stream.captured.size(), {});
  if (edges) *edges = plain.data();
#endif
  return cudaSuccess;
}
cudaError_t cudaStreamUpdateCaptureDependencies(cudaStream_t handle, cudaGraphNode_t* needs EDGE_DATA,
                                                size_t count, unsigned flags) {
  std::lock_guard lock(simt::stream_mutex);
  if (!valid(handle) || (count && !needs) || flags > cudaStreamSetCaptureDependencies)
    return set_error(cudaErrorInvalidValue);
  CUstream_st& stream = simt::stream_of(handle);
  if (!stream.capture) return set_error(cudaErrorIllegalState);
  if (flags == cudaStreamSetCaptureDependencies) stream.captured.clear();
  stream.captured.insert(stream.captured.end(), needs, needs + count);
  return cudaSuccess;
}
/// The mode says which calls a capture forbids; none of them is forbidden here.
cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  static thread_local cudaStreamCaptureMode own = cudaStreamCaptureModeGlobal;
  if (!mode || *mode > cudaStreamCaptureModeRelaxed) return set_error(cudaErrorInvalidValue);
  std::swap(own, *mode);
  return cudaSuccess;
}
bool simt::capturing(cudaStream_t stream) { return !current && valid(stream) && stream_of(stream).capture; }
