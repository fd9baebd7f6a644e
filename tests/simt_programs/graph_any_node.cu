// Nodes added by one call for all types, and looked into: also those that a capture made. Objects that live
// as long as their graph.
#include <cstdio>
#include <cstring>

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

__global__ void scale(float* x, int n, float by) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) x[i] *= by;
}
template <class T>
__global__ void add(T* x, int n, T what) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) x[i] += what;
}
static void CUDART_CB count(void* calls) { ++*static_cast<int*>(calls); }
__constant__ float factor;
__global__ void by_factor(float* x, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) x[i] *= factor;
}

static cudaGraphNode_t of_type(cudaGraph_t graph, cudaGraphNodeType wanted) {
  cudaGraphNode_t nodes[16];
  size_t count = 16;
  if (cudaGraphGetNodes(graph, nodes, &count) != cudaSuccess) return nullptr;
  for (size_t i = 0; i < count; ++i) {
    cudaGraphNodeType type;
    if (cudaGraphNodeGetType(nodes[i], &type) == cudaSuccess && type == wanted) return nodes[i];
  }
  return nullptr;
}

static int built() {
  int n = 100, calls = 0;
  float *host, *x, by = 3;
  MUST(cudaMallocHost(&host, n * sizeof(float)));
  MUST(cudaMalloc(&x, n * sizeof(float)));
  for (int i = 0; i < n; ++i) host[i] = float(i);

  cudaGraph_t graph, child;
  cudaGraphNode_t up, start, kernel, nothing, down, call, inner, whole;
  MUST(cudaGraphCreate(&graph, 0));
  MUST(cudaGraphCreate(&child, 0));
  cudaEvent_t event;
  MUST(cudaEventCreate(&event));

  cudaGraphNodeParams p{};
  p.type = cudaGraphNodeTypeMemcpy;
  p.memcpy.copyParams.srcPtr = make_cudaPitchedPtr(host, n * sizeof(float), n * sizeof(float), 1);
  p.memcpy.copyParams.dstPtr = make_cudaPitchedPtr(x, n * sizeof(float), n * sizeof(float), 1);
  p.memcpy.copyParams.extent = make_cudaExtent(n * sizeof(float), 1, 1);
  p.memcpy.copyParams.kind = cudaMemcpyHostToDevice;
  MUST(cudaGraphAddNode(&up, graph, nullptr, nullptr, 0, &p));
  p = {};
  p.type = cudaGraphNodeTypeEventRecord;
  p.eventRecord.event = event;
  MUST(cudaGraphAddNode(&start, graph, &up, nullptr, 1, &p));
  {
    void* arguments[] = {&x, &n, &by};
    p = {};
    p.type = cudaGraphNodeTypeKernel;
    p.kernel.func = (void*)scale;
    p.kernel.gridDim = dim3(2), p.kernel.blockDim = dim3(32);
    p.kernel.kernelParams = arguments;
    MUST(cudaGraphAddNode(&kernel, graph, &start, 1, &p));  // as CUDA 12 has it
    MUST(cudaGraphAddNode(&inner, child, nullptr, nullptr, 0, &p));
  }
  p = {};
  p.type = cudaGraphNodeTypeGraph;
  p.graph.graph = child;
  MUST(cudaGraphAddNode(&whole, graph, &kernel, nullptr, 1, &p));
  p = {};
  p.type = cudaGraphNodeTypeEmpty;
  MUST(cudaGraphAddNode(&nothing, graph, &whole, nullptr, 1, &p));
  MUST(cudaGraphAddMemcpyNode1D(&down, graph, &nothing, 1, host, x, n * sizeof(float),
                                cudaMemcpyDeviceToHost));
  p = {};
  p.type = cudaGraphNodeTypeHost;
  p.host.fn = count, p.host.userData = &calls;
  MUST(cudaGraphAddNode(&call, graph, &down, nullptr, 1, &p));

  cudaGraphExec_t exec;
  cudaGraphInstantiateParams how{};
  MUST(cudaGraphInstantiateWithParams(&exec, graph, &how));
  REQUIRE(how.result_out == cudaGraphInstantiateSuccess);
  MUST(cudaGraphLaunch(exec, nullptr));
  MUST(cudaDeviceSynchronize());
  for (int i = 0; i < n; ++i) REQUIRE(host[i] == 9.0f * i);
  REQUIRE(calls == 1);

  // The arguments are the node's own by now.
  cudaKernelNodeParams mine;
  MUST(cudaGraphKernelNodeGetParams(kernel, &mine));
  REQUIRE(*(float*)mine.kernelParams[2] == 3 && *(int*)mine.kernelParams[1] == n);
  cudaMemcpy3DParms copy;
  MUST(cudaGraphMemcpyNodeGetParams(down, &copy));
  REQUIRE(copy.dstPtr.ptr == host && copy.extent.width == n * sizeof(float));
  copy.extent.width = sizeof(float);
  MUST(cudaGraphMemcpyNodeSetParams(down, &copy));
  MUST(cudaGraphExecMemcpyNodeSetParams(exec, down, &copy));
  p = {};
  p.type = cudaGraphNodeTypeKernel;
  float half = 0.5f;
  void* arguments[] = {&x, &n, &half};
  p.kernel.func = mine.func, p.kernel.gridDim = dim3(1), p.kernel.blockDim = dim3(64);
  p.kernel.kernelParams = arguments;
  MUST(cudaGraphExecNodeSetParams(exec, kernel, &p));
  for (int i = 0; i < n; ++i) host[i] = 2;
  MUST(cudaGraphLaunch(exec, nullptr));
  MUST(cudaDeviceSynchronize());
  REQUIRE(host[0] == 3 && host[1] == 2);

  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphDestroy(graph));
  MUST(cudaGraphDestroy(child));
  MUST(cudaEventDestroy(event));
  MUST(cudaFree(x));
  MUST(cudaFreeHost(host));
  return 0;
}

static int captured() {
  const int n = 64;
  float *x, result[n];
  MUST(cudaMalloc(&x, n * sizeof(float)));
  cudaStream_t stream;
  MUST(cudaStreamCreate(&stream));
  cudaGraph_t graph, seen;
  cudaGraphExec_t exec;
  cudaStreamCaptureStatus status;
  unsigned long long id = 0;
  const cudaGraphNode_t* needs;
  size_t count = 0;

  MUST(cudaStreamGetCaptureInfo(stream, &status));
  REQUIRE(status == cudaStreamCaptureStatusNone);
  MUST(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  MUST(cudaMemsetAsync(x, 0, n * sizeof(float), stream));
  add<<<1, 32, 0, stream>>>(x, n, 1.0f);
  scale<<<1, 32, 0, stream>>>(x, n, 2);  // an int, where a float is asked for
  MUST(cudaStreamGetCaptureInfo(stream, &status, &id, &seen, &needs, nullptr, &count));
  REQUIRE(status == cudaStreamCaptureStatusActive && id != 0 && count == 1);
  cudaKernelNodeParams mine;
  MUST(cudaGraphKernelNodeGetParams(needs[0], &mine));
  REQUIRE(mine.gridDim.x == 1 && mine.blockDim.x == 32);
  REQUIRE(*(float**)mine.kernelParams[0] == x && *(int*)mine.kernelParams[1] == n &&
          *(float*)mine.kernelParams[2] == 2.0f);
  const char* name;
  MUST(cudaFuncGetName(&name, mine.func));
  REQUIRE(std::strstr(name, "scale"));
  // What a library adds to a capture by hand, and leaves for what follows.
  cudaGraphNode_t before = needs[0], by_hand;
  float three = 3;
  float* target = x;
  int size = n;
  void* arguments[] = {&target, &size, &three};
  mine.kernelParams = arguments;
  MUST(cudaGraphAddKernelNode(&by_hand, seen, &before, 1, &mine));
  MUST(cudaStreamUpdateCaptureDependencies(stream, &by_hand, nullptr, 1, cudaStreamSetCaptureDependencies));
  MUST(cudaMemcpyAsync(result, x, sizeof result, cudaMemcpyDeviceToHost, stream));
  MUST(cudaStreamEndCapture(stream, &graph));
  REQUIRE(graph == seen);

  MUST(cudaGraphInstantiate(&exec, graph, 0));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(result[0] == 6 && result[n - 1] == 6);

  cudaMemsetParams fill;
  MUST(cudaGraphMemsetNodeGetParams(of_type(graph, cudaGraphNodeTypeMemset), &fill));
  REQUIRE(fill.dst == x && fill.value == 0 && fill.width * fill.elementSize == sizeof result);
  cudaMemcpy3DParms copy;
  MUST(cudaGraphMemcpyNodeGetParams(of_type(graph, cudaGraphNodeTypeMemcpy), &copy));
  REQUIRE(copy.srcPtr.ptr == x && copy.dstPtr.ptr == result && copy.extent.width == sizeof result);

  // Captured, then changed as one built by hand.
  float five = 5;
  void* others[] = {&target, &size, &five};
  MUST(cudaGraphKernelNodeGetParams(before, &mine));
  mine.kernelParams = others;
  MUST(cudaGraphExecKernelNodeSetParams(exec, before, &mine));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(result[0] == 15);

  // Onto the end of a graph that is there.
  MUST(cudaStreamBeginCaptureToGraph(stream, graph, &by_hand, nullptr, 1, cudaStreamCaptureModeRelaxed));
  const float four = 4;
  MUST(cudaMemcpyToSymbolAsync(factor, &four, sizeof four, 0, cudaMemcpyHostToDevice, stream));
  by_factor<<<1, 64, 0, stream>>>(x, n);
  MUST(cudaMemcpyAsync(result, x, sizeof result, cudaMemcpyDeviceToHost, stream));
  MUST(cudaStreamEndCapture(stream, &seen));
  REQUIRE(seen == graph);
  MUST(cudaGraphDestroyNode(of_type(graph, cudaGraphNodeTypeMemcpy)));  // the first copy
  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphInstantiate(&exec, graph, 0));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(result[0] == 24);

  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphDestroy(graph));
  MUST(cudaStreamDestroy(stream));
  MUST(cudaFree(x));
  return 0;
}

static int objects() {
  int ended = 0;
  cudaUserObject_t object;
  cudaGraph_t graph, clone;
  cudaGraphExec_t exec;
  MUST(cudaUserObjectCreate(&object, &ended, count, 1, cudaUserObjectNoDestructorSync));
  MUST(cudaGraphCreate(&graph, 0));
  MUST(cudaGraphRetainUserObject(graph, object, 1, cudaGraphUserObjectMove));
  MUST(cudaGraphClone(&clone, graph));
  MUST(cudaGraphInstantiate(&exec, graph, 0));
  MUST(cudaGraphDestroy(graph));
  MUST(cudaGraphExecDestroy(exec));
  REQUIRE(ended == 0);
  MUST(cudaGraphReleaseUserObject(clone, object));
  REQUIRE(ended == 1);
  MUST(cudaGraphDestroy(clone));

  MUST(cudaUserObjectCreate(&object, &ended, count, 2, cudaUserObjectNoDestructorSync));
  MUST(cudaUserObjectRetain(object));
  MUST(cudaUserObjectRelease(object, 2));
  REQUIRE(ended == 1);
  MUST(cudaUserObjectRelease(object));
  REQUIRE(ended == 2);
  return 0;
}

int main() { return built() || captured() || objects(); }
