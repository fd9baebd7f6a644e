// A graph built node by node as samples do: copies as 3D copies, fills, kernels, a call of the host; its
// parts are then looked up, cloned and changed.
#include <cstdio>
#include <vector>

#define MUST(call)                                                                          \
  if (cudaError_t status_ = (call); status_ != cudaSuccess) {                               \
    std::fprintf(stderr, "%s: %s (line %d)\n", #call, cudaGetErrorName(status_), __LINE__); \
    return 1;                                                                               \
  }
#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

__global__ void sum(const int* x, int n, int* total) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(total, x[i]);
}
struct Log {
  int calls = 0, seen = 0;
  const int* result;  // which the graph copies before it calls
};
static void CUDART_CB note(void* of_program) {
  Log& log = *static_cast<Log*>(of_program);
  ++log.calls;
  log.seen = *log.result;
}

static cudaMemcpy3DParms copy_of(void* to, void* from, size_t bytes, cudaMemcpyKind kind) {
  cudaMemcpy3DParms p{};
  p.srcPtr = make_cudaPitchedPtr(from, bytes, bytes, 1);
  p.dstPtr = make_cudaPitchedPtr(to, bytes, bytes, 1);
  p.extent = make_cudaExtent(bytes, 1, 1);
  p.kind = kind;
  return p;
}

int main() {
  int n = 1000, *host, *x, *total, *result;
  MUST(cudaMallocHost(&host, n * sizeof(int)));
  MUST(cudaMallocHost(&result, sizeof(int)));
  Log log;
  log.result = result;
  MUST(cudaMalloc(&x, n * sizeof(int)));
  MUST(cudaMalloc(&total, sizeof(int)));
  for (int i = 0; i < n; ++i) host[i] = i;

  cudaGraph_t graph, clone;
  cudaGraphNode_t up, clear, kernel, down, call;
  MUST(cudaGraphCreate(&graph, 0));
  const cudaMemcpy3DParms in = copy_of(x, host, n * sizeof(int), cudaMemcpyHostToDevice);
  MUST(cudaGraphAddMemcpyNode(&up, graph, nullptr, 0, &in));
  cudaMemsetParams zero{};
  zero.dst = total, zero.elementSize = sizeof(int), zero.width = zero.height = 1;
  MUST(cudaGraphAddMemsetNode(&clear, graph, nullptr, 0, &zero));
  void* arguments[] = {&x, &n, &total};
  cudaKernelNodeParams launch{};
  launch.func = (void*)sum, launch.gridDim = dim3(4), launch.blockDim = dim3(64),
  launch.kernelParams = arguments;
  const cudaGraphNode_t both[] = {up, clear};
  MUST(cudaGraphAddKernelNode(&kernel, graph, both, 2, &launch));
  const cudaMemcpy3DParms out = copy_of(result, total, sizeof(int), cudaMemcpyDeviceToHost);
  MUST(cudaGraphAddMemcpyNode(&down, graph, &kernel, 1, &out));
  cudaHostNodeParams then{};
  then.fn = note, then.userData = &log;
  MUST(cudaGraphAddHostNode(&call, graph, &down, 1, &then));

  size_t nodes = 0, roots = 0;
  MUST(cudaGraphGetNodes(graph, nullptr, &nodes));
  MUST(cudaGraphGetRootNodes(graph, nullptr, &roots));
  REQUIRE(nodes == 5 && roots == 2);

  cudaStream_t stream;
  cudaGraphExec_t exec, of_clone;
  MUST(cudaStreamCreate(&stream));
  MUST(cudaGraphInstantiate(&exec, graph, nullptr, nullptr, 0));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(*result == 999 * 500 && log.seen == *result && log.calls == 2);

  // Fewer numbers, by the node's own parameters; the clone keeps the old ones.
  MUST(cudaGraphClone(&clone, graph));
  cudaKernelNodeParams mine;
  MUST(cudaGraphKernelNodeGetParams(kernel, &mine));
  REQUIRE(mine.func == launch.func && mine.gridDim.x == 4);
  int fewer = 100;
  void* changed[] = {&x, &fewer, &total};
  mine.kernelParams = changed;
  MUST(cudaGraphExecKernelNodeSetParams(exec, kernel, &mine));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(*result == 99 * 50 && log.seen == *result);
  zero.value = 7;
  cudaGraphNode_t in_clone;
  MUST(cudaGraphNodeFindInClone(&in_clone, clear, clone));
  MUST(cudaGraphMemsetNodeSetParams(in_clone, &zero));
  MUST(cudaGraphInstantiate(&of_clone, clone, nullptr, nullptr, 0));
  MUST(cudaGraphLaunch(of_clone, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(*result == 999 * 500 + 7 && log.calls == 4);

  // A capture that is waited for is none any more.
  cudaStreamCaptureStatus status;
  cudaGraph_t none;
  MUST(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
  sum<<<1, 32, 0, stream>>>(x, 1000, total);
  REQUIRE(cudaStreamSynchronize(stream) == cudaErrorStreamCaptureUnsupported);
  MUST(cudaStreamIsCapturing(stream, &status));
  REQUIRE(status == cudaStreamCaptureStatusInvalidated);
  REQUIRE(cudaStreamEndCapture(stream, &none) == cudaErrorStreamCaptureInvalidated && !none);
  REQUIRE(cudaGetLastError() == cudaErrorStreamCaptureInvalidated);
  MUST(cudaStreamSynchronize(stream));

  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphExecDestroy(of_clone));
  MUST(cudaGraphDestroy(graph));
  MUST(cudaGraphDestroy(clone));
  MUST(cudaStreamDestroy(stream));
  MUST(cudaFree(x));
  MUST(cudaFree(total));
  MUST(cudaFreeHost(host));
  MUST(cudaFreeHost(result));
  return 0;
}
