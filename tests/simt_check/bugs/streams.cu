// Work of several streams, of the host and of the device, with nothing that orders it; and errors nobody
// asked for.
#include <atomic>

#include "bug.hpp"

namespace {

__global__ void fill(float* x, float value) { x[blockIdx.x * blockDim.x + threadIdx.x] = value; }
__global__ void twice(const float* x, float* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 2 * x[i];
}

struct TwoStreams {
  cudaStream_t a, b;
  cudaEvent_t event;
  TwoStreams() {
    cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking);
    cudaEventCreate(&event);
  }
  ~TwoStreams() {
    cudaDeviceSynchronize();
    cudaEventDestroy(event);
    cudaStreamDestroy(b);
    cudaStreamDestroy(a);
  }
  void b_waits_for_a() {
    cudaEventRecord(event, a);
    cudaStreamWaitEvent(b, event, 0);
  }
};

BUG(missing_event_wait, "race") {
  Device<float> x(128), out(128);
  TwoStreams streams;
  fill<<<2, 64, 0, streams.a>>>(x, 1);
  if (right) streams.b_waits_for_a();
  twice<<<2, 64, 0, streams.b>>>(x, out);
}

BUG(event_recorded_too_early, "race") {
  Device<float> x(128), out(128);
  TwoStreams streams;
  if (!right) cudaEventRecord(streams.event, streams.a);
  fill<<<2, 64, 0, streams.a>>>(x, 1);
  if (right) cudaEventRecord(streams.event, streams.a);
  cudaStreamWaitEvent(streams.b, streams.event, 0);
  twice<<<2, 64, 0, streams.b>>>(x, out);
}

BUG(input_overwritten_while_another_stream_reads, "race") {
  Device<float> x(128, 1), out(128);
  TwoStreams streams;
  cudaDeviceSynchronize();
  twice<<<2, 64, 0, streams.a>>>(x, out);
  if (right) streams.b_waits_for_a();
  cudaMemsetAsync(x, 0, 128 * sizeof(float), streams.b);
}

__global__ void increment(float* x) { x[blockIdx.x * blockDim.x + threadIdx.x] += 1; }
BUG(input_updated_in_place_while_another_stream_copies_it, "race") {
  Device<float> x(128, 1), before(128);
  TwoStreams streams;
  cudaDeviceSynchronize();
  cudaMemcpyAsync(before, x, 128 * sizeof(float), cudaMemcpyDeviceToDevice, streams.a);
  if (right) streams.b_waits_for_a();
  increment<<<2, 64, 0, streams.b>>>(x);
}

BUG(copy_back_in_another_stream, "race") {
  Device<float> x(128);
  TwoStreams streams;
  float host[128];
  fill<<<2, 64, 0, streams.a>>>(x, 1);
  if (right) cudaStreamSynchronize(streams.a);
  cudaMemcpyAsync(host, x, sizeof host, cudaMemcpyDeviceToHost, streams.b);
}

BUG(non_blocking_stream_and_the_default_one, "race") {
  Device<float> x(128), out(128);
  TwoStreams streams;
  cudaMemset(x, 0, 128 * sizeof(float));
  if (right) cudaDeviceSynchronize();
  twice<<<2, 64, 0, streams.a>>>(x, out);
}

BUG(memory_freed_in_a_stream_while_another_uses_it, "use-after-free") {
  Device<float> out(128);
  TwoStreams streams;
  float* x;
  cudaMallocAsync(&x, 128 * sizeof(float), streams.a);
  cudaMemsetAsync(x, 0, 128 * sizeof(float), streams.a);
  streams.b_waits_for_a();
  twice<<<2, 64, 0, streams.b>>>(x, out);
  cudaFreeAsync(x, right ? streams.b : streams.a);
}

struct Capture {
  cudaStream_t stream;
  Capture() {
    cudaStreamCreate(&stream);
    cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
  }
  ~Capture() {
    cudaGraph_t graph;
    if (cudaStreamEndCapture(stream, &graph) == cudaSuccess) cudaGraphDestroy(graph);
    cudaStreamDestroy(stream);
  }
};
BUG(default_stream_while_another_is_captured, "unread-error") {
  Device<float> x(128);
  Capture capture;
  fill<<<2, 64, 0, capture.stream>>>(x, 1);
  fill<<<2, 64, 0, right ? capture.stream : nullptr>>>(x, 2);
}
BUG(device_awaited_while_a_stream_is_captured, "unread-error") {
  Device<float> x(128);
  {
    Capture capture;
    fill<<<2, 64, 0, capture.stream>>>(x, 1);
    if (!right) cudaDeviceSynchronize();
  }
  if (right) cudaDeviceSynchronize();
}

struct Pinned {
  float* data;
  explicit Pinned(int count) { cudaMallocHost(&data, count * sizeof(float)); }
  ~Pinned() { cudaFreeHost(data); }
};

BUG(result_read_before_the_copy_is_awaited, "async") {
  Device<float> x(128, 1);
  TwoStreams streams;
  cudaDeviceSynchronize();
  Pinned host(128);
  cudaMemcpyAsync(host.data, x, 128 * sizeof(float), cudaMemcpyDeviceToHost, streams.a);
  if (right) cudaStreamSynchronize(streams.a);
  [[maybe_unused]] volatile float first = host.data[0];
  cudaStreamSynchronize(streams.a);
}

// A host function that comes behind the copy may tell of it; one that comes before it tells nothing.
BUG(host_told_before_the_copy, "async") {
  Device<float> x(128, 1);
  TwoStreams streams;
  cudaDeviceSynchronize();
  Pinned host(128);
  std::atomic<bool> told = false;
  const cudaHostFn_t tell = [](void* flag) { *static_cast<std::atomic<bool>*>(flag) = true; };
  if (!right) cudaLaunchHostFunc(streams.a, tell, &told);
  cudaMemcpyAsync(host.data, x, 128 * sizeof(float), cudaMemcpyDeviceToHost, streams.a);
  if (right) cudaLaunchHostFunc(streams.a, tell, &told);
  while (!told) {
  }
  [[maybe_unused]] volatile float first = host.data[0];
  cudaStreamSynchronize(streams.a);
}

BUG(source_changed_before_the_copy_is_awaited, "async") {
  Device<float> x(128);
  TwoStreams streams;
  Pinned host(128);
  for (int i = 0; i < 128; ++i) host.data[i] = i;
  cudaMemcpyAsync(x, host.data, 128 * sizeof(float), cudaMemcpyHostToDevice, streams.a);
  if (right) cudaStreamSynchronize(streams.a);
  host.data[0] = 1;
  cudaStreamSynchronize(streams.a);
}

BUG(source_changed_before_the_graph_that_copies_it_is_awaited, "async", 1) {
  Device<float> x(128);
  TwoStreams streams;
  Pinned host(128);
  for (int i = 0; i < 128; ++i) host.data[i] = i;
  cudaGraph_t graph;
  cudaStreamBeginCapture(streams.a, cudaStreamCaptureModeGlobal);
  cudaMemcpyAsync(x, host.data, 128 * sizeof(float), cudaMemcpyHostToDevice, streams.a);
  fill<<<2, 64, 0, streams.a>>>(x, 1);
  cudaStreamEndCapture(streams.a, &graph);
  cudaGraphExec_t exec;
  cudaGraphInstantiate(&exec, graph, 0);
  for (int i = 0; i < 3; ++i) {
    cudaGraphLaunch(exec, streams.a);
    if (right || i != 1) cudaStreamSynchronize(streams.a);
    host.data[i] = 1;
  }
  cudaStreamSynchronize(streams.a);
  cudaGraphExecDestroy(exec);
  cudaGraphDestroy(graph);
}

BUG(managed_memory_read_before_the_kernel_ends, "async") {
  float* x;
  cudaMallocManaged(&x, 128 * sizeof(float));
  fill<<<2, 64>>>(x, 1);
  if (right) cudaDeviceSynchronize();
  [[maybe_unused]] volatile float first = x[0];
  cudaDeviceSynchronize();
  cudaFree(x);
}

BUG(managed_memory_changed_before_the_kernel_ends, "async") {
  float* x;
  cudaMallocManaged(&x, 128 * sizeof(float));
  for (int i = 0; i < 128; ++i) x[i] = i;
  Device<float> out(128);
  twice<<<2, 64>>>(x, out);
  if (right) cudaDeviceSynchronize();
  x[0] = 1;
  cudaDeviceSynchronize();
  cudaFree(x);
}

__global__ void __launch_bounds__(256) fill_256(float* x) {
  if (threadIdx.x < 256) x[blockIdx.x * 256 + threadIdx.x] = 1;
}

BUG(block_too_large, "unread-error") {
  Device<float> x(2048);
  fill<<<right ? 2 : 1, right ? 1024 : 2048>>>(x, 1);
}

BUG(block_larger_than_its_launch_bounds, "unread-error") {
  Device<float> x(512);
  fill_256<<<2, right ? 256 : 257>>>(x);
}

BUG(too_much_shared_memory, "unread-error") {
  Device<float> x(64);
  fill<<<1, 64, (right ? 1 : 100) * 1024>>>(x, 1);
}

BUG(launch_error_that_is_asked_for_too_late, "unread-error") {
  Device<float> x(64);
  if (!right) cudaGetLastError();
  fill<<<0, 64>>>(x, 1);
  if (right) cudaGetLastError();
}

}  // namespace
