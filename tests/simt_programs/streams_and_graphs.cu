// Streams, events, callbacks, pools and pinned memory; the same work captured into a graph, and built by
// hand.
#include <cstdio>
#include <vector>

#define MUST(call)                                                                          \
  if (cudaError_t status_ = (call); status_ != cudaSuccess) {                               \
    std::fprintf(stderr, "%s: %s (line %d)\n", #call, cudaGetErrorName(status_), __LINE__); \
    return 1;                                                                               \
  }

__global__ void scale(float* x, float by, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] *= by;
}
__global__ void add(const float* x, float* y, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) y[i] += x[i];
}
static void CUDART_CB count(void* calls) { ++*static_cast<int*>(calls); }

int main() {
  const int n = 4096, parts = 4, part = n / parts;
  const size_t bytes = n * sizeof(float);
  float *host, *x, *y, *scratch, ms = -1;
  int calls = 0, least, greatest;
  MUST(cudaMallocHost(&host, bytes));
  MUST(cudaMalloc(&x, bytes));
  MUST(cudaMalloc(&y, bytes));
  MUST(cudaMemset(y, 0, bytes));
  for (int i = 0; i < n; ++i) host[i] = i;
  MUST(cudaDeviceGetStreamPriorityRange(&least, &greatest));
  std::vector<cudaStream_t> streams(parts);
  for (auto& s : streams) MUST(cudaStreamCreateWithPriority(&s, cudaStreamNonBlocking, greatest));
  cudaStreamAttrValue wanted{}, kept{};
  wanted.accessPolicyWindow = {x, bytes, 0.5f, cudaAccessPropertyPersisting, cudaAccessPropertyStreaming};
  MUST(cudaStreamSetAttribute(streams[0], cudaStreamAttributeAccessPolicyWindow, &wanted));
  MUST(cudaStreamGetAttribute(streams[0], cudaStreamAttributeAccessPolicyWindow, &kept));
  if (kept.accessPolicyWindow.num_bytes != bytes || kept.accessPolicyWindow.hitRatio != 0.5f) return 1;
  MUST(cudaStreamGetAttribute(streams[0], cudaStreamAttributePriority, &kept));
  if (kept.priority != greatest) return 1;
  cudaEvent_t start, stop, ready;
  MUST(cudaEventCreate(&start));
  MUST(cudaEventCreate(&stop));
  MUST(cudaEventCreateWithFlags(&ready, cudaEventDisableTiming));

  // Pieces overlap; the last stream waits for all of them before it adds the whole.
  MUST(cudaDeviceSynchronize());
  MUST(cudaEventRecord(start, streams[0]));
  for (int p = 0; p < parts; ++p) {
    float* piece = x + p * part;
    MUST(cudaMemcpyAsync(piece, host + p * part, part * sizeof(float), cudaMemcpyHostToDevice, streams[p]));
    scale<<<(part + 127) / 128, 128, 0, streams[p]>>>(piece, 2, part);
    MUST(cudaLaunchHostFunc(streams[p], count, &calls));
    MUST(cudaStreamSynchronize(streams[p]));
  }
  cudaMemPool_t pool;
  unsigned long long keep = ~0ull, kept_bytes = 0;
  MUST(cudaDeviceGetDefaultMemPool(&pool, 0));
  MUST(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep));
  MUST(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept_bytes));
  if (kept_bytes != keep) return std::puts("pool"), 1;
  MUST(cudaMallocAsync(&scratch, bytes, streams[1]));
  MUST(cudaMemsetAsync(scratch, 0, bytes, streams[1]));
  add<<<8, 128, 0, streams[1]>>>(x, scratch, n);
  MUST(cudaEventRecord(ready, streams[1]));
  MUST(cudaStreamWaitEvent(streams[3], ready, 0));
  add<<<8, 128, 0, streams[3]>>>(scratch, y, n);
  MUST(cudaMemcpyAsync(host, y, bytes, cudaMemcpyDeviceToHost, streams[3]));
  MUST(cudaEventRecord(stop, streams[3]));
  MUST(cudaEventSynchronize(stop));
  MUST(cudaEventElapsedTime(&ms, start, stop));
  MUST(cudaFreeAsync(scratch, streams[3]));
  MUST(cudaStreamQuery(streams[0]));
  for (int i = 0; i < n; ++i)
    if (host[i] != 2 * i) return std::printf("streams: %d\n", i), 1;
  if (calls != parts || ms < 0) return std::puts("events"), 1;

  // Fork and join within a capture; replayed three times.
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  size_t nodes = 0;
  MUST(cudaStreamBeginCapture(streams[0], cudaStreamCaptureModeGlobal));
  MUST(cudaEventRecord(ready, streams[0]));
  MUST(cudaStreamWaitEvent(streams[2], ready, 0));
  scale<<<n / 256, 256, 0, streams[0]>>>(x, 0.5f, n);
  scale<<<n / 256, 256, 0, streams[2]>>>(y, 3, n);
  MUST(cudaEventRecord(ready, streams[2]));
  MUST(cudaStreamWaitEvent(streams[0], ready, 0));
  add<<<4, 256, 0, streams[0]>>>(x, y, n);
  MUST(cudaStreamEndCapture(streams[0], &graph));
  MUST(cudaGraphGetNodes(graph, nullptr, &nodes));
  MUST(cudaGraphInstantiate(&exec, graph, 0));
  for (int round = 0; round < 3; ++round) MUST(cudaGraphLaunch(exec, streams[0]));
  MUST(cudaMemcpyAsync(host, y, bytes, cudaMemcpyDeviceToHost, streams[0]));
  MUST(cudaStreamSynchronize(streams[0]));
  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphDestroy(graph));
  for (int i = 0; i < n; ++i) {
    float a = 2 * i, b = 2 * i;
    for (int round = 0; round < 3; ++round) a *= 0.5f, b = 3 * b + a;
    if (host[i] != b) return std::printf("graph: %d\n", i), 1;
  }
  if (nodes != 3) return std::puts("nodes"), 1;

  // By hand: clear, then a kernel with the arguments that stood there when its node was made.
  cudaGraphNode_t clear, node;
  cudaMemsetParams set = {};
  set.dst = y, set.elementSize = 4, set.width = n, set.height = 1;
  int count_of = n;
  void* arguments[] = {&x, &y, &count_of};
  cudaKernelNodeParams launch = {};
  launch.func = (void*)add, launch.gridDim = dim3(4), launch.blockDim = dim3(64),
  launch.kernelParams = arguments;
  MUST(cudaGraphCreate(&graph, 0));
  MUST(cudaGraphAddMemsetNode(&clear, graph, nullptr, 0, &set));
  MUST(cudaGraphAddKernelNode(&node, graph, &clear, 1, &launch));
  count_of = 0;
  MUST(cudaGraphInstantiate(&exec, graph, nullptr, nullptr, 0));
  MUST(cudaGraphLaunch(exec, streams[1]));
  MUST(cudaStreamSynchronize(streams[1]));
  MUST(cudaMemcpy(host, y, bytes, cudaMemcpyDeviceToHost));
  for (int i = 0; i < n; ++i)
    if (host[i] != i / 4.0f) return std::printf("nodes: %d\n", i), 1;
  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphDestroy(graph));
  for (auto s : streams) MUST(cudaStreamDestroy(s));
  for (auto e : {start, stop, ready}) MUST(cudaEventDestroy(e));
  MUST(cudaFree(x));
  MUST(cudaFree(y));
  MUST(cudaFreeHost(host));
  return 0;
}
