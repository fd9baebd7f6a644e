// Graphs asked for their edges, changed by hand, with nodes for events and memory, and memory that a capture
// allocates.
#include <cstdio>

#define MUST(call)                                                                                   \
  do {                                                                                               \
    const cudaError_t status = (call);                                                               \
    if (status != cudaSuccess) return std::printf("%d: %s\n", __LINE__, cudaGetErrorString(status)); \
  } while (0)
#define REQUIRE(condition) \
  if (!(condition)) return std::printf("%d: not so: %s\n", __LINE__, #condition)

__global__ void add(int* x, int value) { *x += value; }
__global__ void multiply(int* x, int value) { *x *= value; }

static int edges_and_events(int* x, cudaStream_t stream) {
  int result = 0, three = 3, five = 5;
  void *by_three[] = {&x, &three}, *of_five[] = {&x, &five};
  cudaKernelNodeParams kernel{};
  kernel.gridDim = kernel.blockDim = 1;
  cudaMemsetParams zero{};
  zero.dst = x, zero.elementSize = sizeof(int), zero.width = zero.height = 1;

  cudaGraph_t graph, whole;
  cudaGraphNode_t clear, sum, product, child, recorded, waited, found[4], ends[4];
  MUST(cudaGraphCreate(&graph, 0));
  kernel.func = (void*)multiply, kernel.kernelParams = by_three;
  MUST(cudaGraphAddKernelNode(&product, graph, nullptr, 0, &kernel));
  kernel.func = (void*)add, kernel.kernelParams = of_five;
  MUST(cudaGraphAddKernelNode(&sum, graph, nullptr, 0, &kernel));
  MUST(cudaGraphAddMemsetNode(&clear, graph, nullptr, 0, &zero));
  MUST(cudaGraphAddDependencies(graph, &clear, &sum, 1));
  MUST(cudaGraphAddDependencies(graph, &sum, &product, 1));
  REQUIRE(cudaGraphAddDependencies(graph, &product, &clear, 1) == cudaErrorInvalidValue);  // a cycle
  REQUIRE(cudaGetLastError() == cudaErrorInvalidValue);
  size_t count = 0;
  MUST(cudaGraphGetEdges(graph, nullptr, nullptr, &count));
  REQUIRE(count == 2);
  MUST(cudaGraphGetEdges(graph, found, ends, &count));
  REQUIRE(found[0] == clear && ends[0] == sum && found[1] == sum && ends[1] == product);
  MUST(cudaGraphNodeGetDependencies(product, found, &count));
  REQUIRE(count == 1 && found[0] == sum);
  count = 4;
  MUST(cudaGraphNodeGetDependentNodes(clear, found, &count));
  REQUIRE(count == 1 && found[0] == sum);

  cudaEvent_t event, kept;
  cudaGraph_t inner;
  MUST(cudaEventCreate(&event));
  MUST(cudaGraphCreate(&whole, 0));
  MUST(cudaGraphAddChildGraphNode(&child, whole, nullptr, 0, graph));
  MUST(cudaGraphChildGraphNodeGetGraph(child, &inner));
  MUST(cudaGraphGetNodes(inner, nullptr, &count));
  REQUIRE(count == 3);
  MUST(cudaGraphAddEventRecordNode(&recorded, whole, &child, 1, event));
  MUST(cudaGraphAddEventWaitNode(&waited, whole, &recorded, 1, event));
  MUST(cudaGraphEventRecordNodeGetEvent(recorded, &kept));
  REQUIRE(kept == event);
  cudaGraphExec_t exec;
  MUST(cudaGraphInstantiate(&exec, whole, 0));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaEventSynchronize(event));
  MUST(cudaMemcpy(&result, x, sizeof result, cudaMemcpyDeviceToHost));
  REQUIRE(result == 15);
  MUST(cudaGraphExecDestroy(exec));

  unsigned enabled = 1;
  MUST(cudaGraphInstantiate(&exec, graph, 0));
  MUST(cudaGraphNodeSetEnabled(exec, product, 0));
  MUST(cudaGraphNodeGetEnabled(exec, product, &enabled));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaStreamSynchronize(stream));
  MUST(cudaMemcpy(&result, x, sizeof result, cudaMemcpyDeviceToHost));
  REQUIRE(result == 5 && enabled == 0);
  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphRemoveDependencies(graph, &sum, &product, 1));
  MUST(cudaGraphDestroyNode(product));
  MUST(cudaGraphGetNodes(graph, nullptr, &count));
  REQUIRE(count == 2);
  MUST(cudaGraphDestroy(graph));
  MUST(cudaGraphDestroy(whole));
  MUST(cudaEventDestroy(event));
  return 0;
}

static int memory(int* x, cudaStream_t stream) {
  int result = 0, *own;
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  MUST(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  MUST(cudaMallocAsync(&own, sizeof(int), stream));
  MUST(cudaMemsetAsync(own, 0, sizeof(int), stream));
  add<<<1, 1, 0, stream>>>(own, 7);
  MUST(cudaMemcpyAsync(x, own, sizeof(int), cudaMemcpyDeviceToDevice, stream));
  MUST(cudaFreeAsync(own, stream));
  MUST(cudaStreamEndCapture(stream, &graph));
  size_t count = 0;
  MUST(cudaGraphGetNodes(graph, nullptr, &count));
  REQUIRE(count == 5);
  MUST(cudaGraphInstantiate(&exec, graph, 0));
  MUST(cudaGraphDestroy(graph));
  for (int i = 0; i < 3; ++i) MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaStreamSynchronize(stream));
  MUST(cudaMemcpy(&result, x, sizeof result, cudaMemcpyDeviceToHost));
  REQUIRE(result == 7);
  MUST(cudaGraphExecDestroy(exec));

  cudaMemAllocNodeParams parameters{};
  parameters.poolProps.allocType = cudaMemAllocationTypePinned;
  parameters.poolProps.location = {cudaMemLocationTypeDevice, 0};
  parameters.bytesize = sizeof(int);
  cudaGraphNode_t allocated, copied, freed;
  MUST(cudaGraphCreate(&graph, 0));
  MUST(cudaGraphAddMemAllocNode(&allocated, graph, nullptr, 0, &parameters));
  MUST(cudaGraphAddMemcpyNode1D(&copied, graph, &allocated, 1, parameters.dptr, x, sizeof(int),
                                cudaMemcpyDefault));
  MUST(cudaGraphAddMemFreeNode(&freed, graph, &copied, 1, parameters.dptr));
  MUST(cudaGraphInstantiate(&exec, graph, 0));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaStreamSynchronize(stream));
  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphDestroy(graph));
  return 0;
}

static int unjoined(int* x, cudaStream_t stream) {
  cudaStream_t other;
  cudaEvent_t fork;
  cudaGraph_t graph;
  MUST(cudaStreamCreate(&other));
  MUST(cudaEventCreate(&fork));
  MUST(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  MUST(cudaEventRecord(fork, stream));
  MUST(cudaStreamWaitEvent(other, fork));
  add<<<1, 1, 0, other>>>(x, 1);
  REQUIRE(cudaStreamEndCapture(stream, &graph) == cudaErrorStreamCaptureUnjoined && !graph);
  REQUIRE(cudaGetLastError() == cudaErrorStreamCaptureUnjoined);
  MUST(cudaStreamBeginCapture(cudaStreamPerThread, cudaStreamCaptureModeGlobal));
  add<<<1, 1, 0, cudaStreamPerThread>>>(x, 1);
  MUST(cudaStreamEndCapture(cudaStreamPerThread, &graph));
  MUST(cudaGraphDestroy(graph));
  MUST(cudaEventDestroy(fork));
  MUST(cudaStreamDestroy(other));
  return 0;
}

int main() {
  int* x;
  cudaStream_t stream;
  MUST(cudaMalloc(&x, sizeof(int)));
  MUST(cudaStreamCreate(&stream));
  if (edges_and_events(x, stream) || memory(x, stream) || unjoined(x, stream)) return 1;
  MUST(cudaStreamDestroy(stream));
  MUST(cudaFree(x));
  return 0;
}
