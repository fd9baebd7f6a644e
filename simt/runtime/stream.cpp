#include "stream.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <set>
#include <utility>

#include "array.hpp"
#include "graph.hpp"
#include "memory.hpp"
#include "simt/lasting.hpp"
#include "simt/observer.hpp"
#include "simt/runtime.hpp"
#include "state.hpp"

// In programs compiled with --default-stream per-thread (simt/default_stream.hpp).
extern "C" [[gnu::weak]] const bool simt_per_thread_default_stream;

namespace simt {
[[gnu::init_priority(before_program)]] static Lasting<std::set<CUstream_st*>> all_streams;
std::set<CUstream_st*>& streams = all_streams.object;

namespace {

[[gnu::init_priority(before_program)]] Lasting<CUstream_st> default_stream;
CUstream_st& legacy = default_stream.object;  // its work comes after all earlier work of blocking streams
}  // namespace

bool is_legacy(cudaStream_t s) {
  return s == cudaStreamLegacy || (s == nullptr && !&simt_per_thread_default_stream);
}

namespace {
/// The default streams of threads that have ended go when the host has waited for their work.
void remove_abandoned() {
  const auto removable = [](const CUstream_st& s) {
    return s.abandoned &&
           (!s.tail || (s.tail->done && (!observer || host_waited_for(s.tail->queue, s.tail->queue_count))));
  };
  for (auto s = streams.begin(); s != streams.end();) {
    CUstream_st* stream = *s;
    s = removable(*stream) ? streams.erase(s) : std::next(s);
    if (!streams.count(stream)) delete stream;
  }
}

/// This thread's own default stream.
CUstream_st& per_thread() {
  static constinit thread_local CUstream_st* own = nullptr;
  struct Leave {
    ~Leave() {
      std::lock_guard lock(stream_mutex);
      std::exchange(own, nullptr)->abandoned = true;
    }
  };
  if (!own) {
    std::lock_guard lock(stream_mutex);
    remove_abandoned();
    streams.insert(own = new CUstream_st);
    static thread_local Leave leave;
  }
  return *own;
}
}  // namespace

CUstream_st& stream_of(cudaStream_t s) {
  return is_legacy(s) ? legacy : !s || s == cudaStreamPerThread ? per_thread() : *s;
}

namespace {

bool blocking(const CUstream_st& s) { return !(s.flags & cudaStreamNonBlocking); }

OperationPtr append(CUstream_st& stream, std::function<void()> work,
                    std::vector<OperationPtr> also_needs = {}) {
  const OperationPtr op = make_operation(stream.queue, std::move(work));
  need(*op, stream.tail);
  for (const OperationPtr& other : also_needs) need(*op, other);
  if (&stream == &legacy) {
    for (CUstream_st* other : streams)
      if (blocking(*other)) need(*op, other->tail);
  } else if (blocking(stream)) {
    need(*op, legacy.tail);
  }
  stream.tail = op;
  if (!works_late()) run_for({op});
  return op;
}

std::vector<OperationPtr> tails() {
  std::vector<OperationPtr> all{legacy.tail};
  for (CUstream_st* stream : streams) all.push_back(stream->tail);
  return all;
}

}  // namespace

unsigned long long next_stream_id() {
  static std::atomic<unsigned long long> last = 0;
  return ++last;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool valid(cudaStream_t stream) {
  std::lock_guard lock(stream_mutex);
  return !stream || is_legacy(stream) || stream == cudaStreamPerThread || streams.count(stream);
}

namespace {
/// What no capture allows, such as to wait for all streams, spoils those under way. `implicit`: work of the
/// default stream, which leaves streams alone that do not wait for it. Whether there were any.
bool invalidate_captures(bool implicit) {
  std::lock_guard lock(stream_mutex);
  bool any = false;
  for (CUstream_st* stream : streams)
    if (stream->capture && (!implicit || blocking(*stream))) stream->capture->invalidated = any = true;
  return any;
}
cudaError_t look_at_captures(CUstream_st& stream) {
  return &stream == &legacy && invalidate_captures(true) ? cudaErrorStreamCaptureImplicit : cudaSuccess;
}
}  // namespace

cudaError_t enqueue(cudaStream_t handle, std::function<void()> work, cudaGraphNodeType type,
                    CUgraphNode_st** node) {
  if (node) *node = nullptr;
  if (current) return run_after_parent(std::move(work)), cudaSuccess;
  std::lock_guard lock(stream_mutex);
  if (!valid(handle)) return set_error(cudaErrorInvalidResourceHandle);
  CUstream_st& stream = stream_of(handle);
  if (stream.capture) {
    stream.captured = {add_node(*stream.capture, type, std::move(work), stream.captured)};
    if (node) *node = stream.captured.front();
    return cudaSuccess;
  }
  if (cudaError_t error = look_at_captures(stream)) return set_error(error);
  append(stream, std::move(work));
  return cudaSuccess;
}

cudaError_t enqueue_graph(cudaStream_t handle, const CUgraph_st& graph) {
  std::lock_guard lock(stream_mutex);
  if (!valid(handle)) return set_error(cudaErrorInvalidResourceHandle);
  CUstream_st& stream = stream_of(handle);
  if (stream.capture) {
    CUgraphNode_st* node = nullptr;
    auto child = copy_of(graph);
    if (cudaError_t error = enqueue(handle, work_of(child), cudaGraphNodeTypeGraph, &node)) return error;
    node->child = std::move(child);
    return cudaSuccess;
  }
  if (cudaError_t error = look_at_captures(stream)) return set_error(error);
  OperationPtr begin = append(stream, nullptr);
  std::vector<OperationPtr> all;
  std::deque<CUstream_st> branches;  // as many queues as nodes
  // Host functions of a graph's run when the stream comes to them, among copies that are queued behind.
  const bool calls_host = std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const auto& node) {
    return node->type == cudaGraphNodeTypeHost || node->type == cudaGraphNodeTypeGraph;
  });
  for (auto& node : graph.nodes) {
    std::vector<OperationPtr> needs{begin};
    for (std::size_t i = 0; i < all.size(); ++i)
      if (std::count(node->needs.begin(), node->needs.end(), graph.nodes[i].get())) needs.push_back(all[i]);
    CUstream_st& branch = branches.emplace_back();
    branch.flags = cudaStreamNonBlocking;
    if (node->type == cudaGraphNodeTypeWaitEvent && node->event->recorded)
      needs.push_back(node->event->recorded);
    all.push_back(append(branch, node->enabled ? node->work : nullptr, needs));
    if (!calls_host && node->enabled && node->type == cudaGraphNodeTypeMemcpy)
      for_slices(node->copy, note_in_flight);
    if (node->type == cudaGraphNodeTypeEventRecord) node->event->recorded = all.back();
  }
  // The graph may be destroyed before it has run: what it holds stays until then.
  std::vector<std::shared_ptr<void>> held;
  for (auto& node : graph.nodes)
    if (node->memory) held.push_back(node->memory);
  if (graph.objects) held.push_back(graph.objects);
  append(
      stream, held.empty() ? std::function<void()>() : [held] {}, all);
  return cudaSuccess;
}

}  // namespace simt

using simt::advance;
using simt::finish;
using simt::set_error;
using simt::valid;

cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithPriority(stream, 0, 0); }
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return cudaStreamCreateWithPriority(stream, flags, 0);
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int priority) {
  if (!stream || flags > cudaStreamNonBlocking) return set_error(cudaErrorInvalidValue);
  if (simt::current)
    return *stream = cudaStreamFireAndForget, cudaSuccess;  // children come one by one anyway
  if (cudaError_t error = simt::sticky_error()) return error;
  std::lock_guard lock(simt::stream_mutex);
  *stream = new CUstream_st;
  simt::note_made(*stream, "a stream", "cudaStreamDestroy");
  (*stream)->flags = flags;
  (*stream)->priority = std::clamp(priority, simt::greatest_priority, 0);
  simt::streams.insert(*stream);
  return cudaSuccess;
}
/// The stream's work still gets done; here at once.
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if (simt::current) return cudaSuccess;
  std::lock_guard lock(simt::stream_mutex);
  if (!stream || !simt::streams.count(stream)) return set_error(cudaErrorInvalidResourceHandle);
  cudaError_t error = finish({stream->tail});
  simt::streams.erase(stream);
  simt::note_given_back(stream);
  delete stream;
  return error;
}
cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  if (simt::current) return simt::wait_for_children({});
  std::lock_guard lock(simt::stream_mutex);
  if (!valid(handle)) return set_error(cudaErrorInvalidResourceHandle);
  CUstream_st& stream = simt::stream_of(handle);
  if (stream.capture) {
    stream.capture->invalidated = true;
    return set_error(cudaErrorStreamCaptureUnsupported);
  }
  if (cudaError_t error = simt::look_at_captures(stream)) return set_error(error);
  std::vector<simt::OperationPtr> goals{stream.tail};
  if (&stream == &simt::legacy)
    for (CUstream_st* other : simt::streams)
      if (simt::blocking(*other)) goals.push_back(other->tail);
  return finish(goals);
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  std::lock_guard lock(simt::stream_mutex);
  if (!valid(stream)) return set_error(cudaErrorInvalidResourceHandle);
  return advance(simt::stream_of(stream).tail);
}
cudaError_t cudaDeviceSynchronize() {
  if (simt::current) return simt::wait_for_children({});
  if (simt::invalidate_captures(false)) return set_error(cudaErrorStreamCaptureUnsupported);
  return simt::wait_for_all();
}
cudaError_t simt::wait_for_all() {
  std::lock_guard lock(stream_mutex);  // other threads make and destroy streams
  return finish(tails());
}
namespace simt {
constinit thread_local bool in_library_call = false;
constinit thread_local bool unseen = false;

void wait_for_streams() {
  if (!current && !in_library_call) (void)wait_for_all();
}

cudaError_t library_call(cudaStream_t stream, std::function<void()> work) {
  if (cudaError_t error = sticky_error()) return error;
  return enqueue(stream, [work = std::move(work)] {
    in_library_call = true;
    work();
    in_library_call = false;
  });
}
}  // namespace simt

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned) {
  if (simt::current) return cudaSuccess;
  if (cudaError_t error = simt::sticky_error()) return error;
  std::lock_guard lock(simt::stream_mutex);
  if (!simt::exists(event) || !valid(handle)) return set_error(cudaErrorInvalidResourceHandle);
  CUstream_st& stream = simt::stream_of(handle);
  if (event->capture) {  // the stream joins the capture
    stream.capture = event->capture;
    stream.captured.insert(stream.captured.end(), event->captured.begin(), event->captured.end());
    return cudaSuccess;
  }
  if (event->recorded) simt::append(stream, nullptr, {event->recorded});
  return cudaSuccess;
}
namespace {
/// A host function runs at once in every schedule, for the program may wait for what it says.
cudaError_t call_host(cudaStream_t handle, std::function<void()> function, cudaHostNodeParams params = {}) {
  std::lock_guard lock(simt::stream_mutex);
  CUgraphNode_st* node = nullptr;
  auto work = [function = std::move(function)] {
    simt::host_is_told();
    function();
  };
  if (cudaError_t error = simt::enqueue(handle, work, cudaGraphNodeTypeHost, &node)) return error;
  if (node)
    node->host = params;
  else
    simt::run_for({simt::stream_of(handle).tail});
  return cudaSuccess;
}
}  // namespace
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  if (!function) return set_error(cudaErrorInvalidValue);
  return call_host(stream, [=] { function(data); }, {function, data});
}
cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t function, void* data,
                                  unsigned flags) {
  if (!function || flags != 0) return set_error(cudaErrorInvalidValue);
  return call_host(stream, [=] { function(stream, simt::failure(), data); });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  std::lock_guard lock(simt::stream_mutex);
  if (!simt::exists(event)) return set_error(cudaErrorInvalidResourceHandle);
  if (event->recorded) finish({event->recorded});  // it writes into the event
  simt::note_given_back(event);
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  if (simt::current) return cudaSuccess;
  if (cudaError_t error = simt::sticky_error()) return error;
  std::lock_guard lock(simt::stream_mutex);
  if (!simt::exists(event) || !valid(handle)) return set_error(cudaErrorInvalidResourceHandle);
  CUstream_st& stream = simt::stream_of(handle);
  event->capture = stream.capture;
  if (stream.capture) {
    event->captured = stream.captured;
    return cudaSuccess;
  }
  if (cudaError_t error = simt::look_at_captures(stream)) return set_error(error);
  event->recorded = simt::append(stream, [event] { event->seconds = simt::now(); });
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  std::lock_guard lock(simt::stream_mutex);
  if (!simt::exists(event)) return set_error(cudaErrorInvalidResourceHandle);
  return finish({event->recorded});
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  std::lock_guard lock(simt::stream_mutex);
  if (!simt::exists(event)) return set_error(cudaErrorInvalidResourceHandle);
  return advance(event->recorded);
}
