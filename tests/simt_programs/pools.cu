// Memory pools: what they say is in use, what they keep, and which of them a stream's allocation comes from.
#include <cstdio>

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

__global__ void fill(int* x, int n, int value) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) x[i] = value;
}

static unsigned long long get(cudaMemPool_t pool, cudaMemPoolAttr attribute) {
  unsigned long long value = ~0ull;
  return cudaMemPoolGetAttribute(pool, attribute, &value) == cudaSuccess ? value : ~0ull;
}

static int pools() {
  const int n = 1000;
  const size_t bytes = n * sizeof(int);
  cudaMemPool_t standard, mine, current;
  MUST(cudaDeviceGetDefaultMemPool(&standard, 0));
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.handleTypes = cudaMemHandleTypeNone;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = 0;
  MUST(cudaMemPoolCreate(&mine, &properties));
  MUST(cudaDeviceGetMemPool(&current, 0));
  REQUIRE(current == standard);

  cudaStream_t stream;
  MUST(cudaStreamCreate(&stream));
  int *a, *b, *c;
  MUST(cudaMallocAsync(&a, bytes, stream));
  REQUIRE(get(standard, cudaMemPoolAttrUsedMemCurrent) >= bytes);
  REQUIRE(get(mine, cudaMemPoolAttrUsedMemCurrent) == 0);
  MUST(cudaDeviceSetMemPool(0, mine));
  MUST(cudaMallocAsync(&b, bytes, stream));
  MUST(cudaMallocFromPoolAsync(&c, bytes, mine, stream));
  REQUIRE(get(mine, cudaMemPoolAttrUsedMemCurrent) >= 2 * bytes);
  fill<<<1, 64, 0, stream>>>(a, n, 1);
  fill<<<1, 64, 0, stream>>>(b, n, 2);
  unsigned long long keep = 1ull << 40;
  MUST(cudaMemPoolSetAttribute(mine, cudaMemPoolAttrReleaseThreshold, &keep));
  MUST(cudaFreeAsync(a, stream));
  MUST(cudaFreeAsync(b, stream));
  MUST(cudaFreeAsync(c, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(get(standard, cudaMemPoolAttrUsedMemCurrent) == 0);
  REQUIRE(get(standard, cudaMemPoolAttrReservedMemCurrent) == 0);
  REQUIRE(get(mine, cudaMemPoolAttrUsedMemCurrent) == 0);
  REQUIRE(get(mine, cudaMemPoolAttrReservedMemCurrent) >= 2 * bytes);
  REQUIRE(get(mine, cudaMemPoolAttrUsedMemHigh) >= 2 * bytes);
  size_t before, after, total;
  MUST(cudaMemGetInfo(&before, &total));
  MUST(cudaMemPoolTrimTo(mine, 0));
  MUST(cudaMemGetInfo(&after, &total));
  REQUIRE(after >= before + 2 * bytes);
  REQUIRE(get(mine, cudaMemPoolAttrReservedMemCurrent) == 0);
  unsigned long long zero = 0;
  MUST(cudaMemPoolSetAttribute(mine, cudaMemPoolAttrUsedMemHigh, &zero));
  REQUIRE(get(mine, cudaMemPoolAttrUsedMemHigh) == 0);

  cudaMemAccessDesc access{};
  access.location = properties.location;
  access.flags = cudaMemAccessFlagsProtReadWrite;
  MUST(cudaMemPoolSetAccess(mine, &access, 1));
  cudaMemAccessFlags flags;
  MUST(cudaMemPoolGetAccess(&flags, mine, &access.location));
  REQUIRE(flags == cudaMemAccessFlagsProtReadWrite);
  access.location.id = 1;
  REQUIRE(cudaMemPoolSetAccess(mine, &access, 1) == cudaErrorInvalidDevice);
  REQUIRE(cudaGetLastError() == cudaErrorInvalidDevice);

  // A pool goes with the last of its memory; the default one then is the device's again.
  MUST(cudaMallocAsync(&a, bytes, stream));
  MUST(cudaMemPoolDestroy(mine));
  MUST(cudaDeviceGetMemPool(&current, 0));
  REQUIRE(current == standard);
  fill<<<1, 64, 0, stream>>>(a, n, 3);
  int last = 0;
  MUST(cudaMemcpyAsync(&last, a + n - 1, sizeof last, cudaMemcpyDeviceToHost, stream));
  MUST(cudaFreeAsync(a, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(last == 3);

  properties.maxSize = bytes;
  MUST(cudaMemPoolCreate(&mine, &properties));
  MUST(cudaMallocFromPoolAsync(&a, bytes, mine, stream));
  REQUIRE(cudaMallocFromPoolAsync(&b, bytes, mine, stream) == cudaErrorMemoryAllocation);
  REQUIRE(cudaGetLastError() == cudaErrorMemoryAllocation);
  MUST(cudaFree(a));  // the older call takes it as well
  REQUIRE(get(mine, cudaMemPoolAttrUsedMemCurrent) == 0);
  MUST(cudaMemPoolDestroy(mine));
  MUST(cudaStreamDestroy(stream));
  return 0;
}

static unsigned long long of_graphs(cudaGraphMemAttributeType attribute) {
  unsigned long long value = ~0ull;
  return cudaDeviceGetGraphMemAttribute(0, attribute, &value) == cudaSuccess ? value : ~0ull;
}

static int graphs() {
  const int n = 256;
  const size_t bytes = n * sizeof(int);
  cudaStream_t stream;
  MUST(cudaStreamCreate(&stream));
  int* x;
  MUST(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  MUST(cudaMallocAsync(&x, bytes, stream));
  fill<<<1, 64, 0, stream>>>(x, n, 4);
  cudaGraph_t graph;
  MUST(cudaStreamEndCapture(stream, &graph));
  cudaGraphExec_t exec;
  MUST(cudaGraphInstantiate(&exec, graph, 0));
  REQUIRE(of_graphs(cudaGraphMemAttrUsedMemCurrent) == 0);
  MUST(cudaGraphLaunch(exec, stream));
  int last = 0;
  MUST(cudaMemcpyAsync(&last, x + n - 1, sizeof last, cudaMemcpyDeviceToHost, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(last == 4 && of_graphs(cudaGraphMemAttrUsedMemCurrent) >= bytes);
  MUST(cudaFreeAsync(x, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(of_graphs(cudaGraphMemAttrUsedMemCurrent) == 0);
  REQUIRE(of_graphs(cudaGraphMemAttrReservedMemCurrent) >= bytes);
  MUST(cudaDeviceGraphMemTrim(0));
  REQUIRE(of_graphs(cudaGraphMemAttrReservedMemCurrent) == 0);
  REQUIRE(of_graphs(cudaGraphMemAttrUsedMemHigh) >= bytes);
  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphDestroy(graph));
  MUST(cudaStreamDestroy(stream));
  return 0;
}

/// A graph that is destroyed before it has run keeps what it holds until then.
static int early_end() {
  const int n = 256;
  cudaStream_t stream;
  MUST(cudaStreamCreate(&stream));
  int *x, *result, ended = 0;
  MUST(cudaMallocHost(&result, sizeof(int)));
  MUST(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  MUST(cudaMallocAsync(&x, n * sizeof(int), stream));
  fill<<<1, 64, 0, stream>>>(x, n, 5);
  MUST(cudaMemcpyAsync(result, x + n - 1, sizeof(int), cudaMemcpyDeviceToHost, stream));
  MUST(cudaFreeAsync(x, stream));
  cudaGraph_t graph;
  MUST(cudaStreamEndCapture(stream, &graph));
  cudaUserObject_t object;
  MUST(cudaUserObjectCreate(
      &object, &ended, [](void* flag) { *static_cast<int*>(flag) = 1; }, 1, cudaUserObjectNoDestructorSync));
  MUST(cudaGraphRetainUserObject(graph, object, 1, cudaGraphUserObjectMove));
  cudaGraphExec_t exec;
  MUST(cudaGraphInstantiate(&exec, graph, 0));
  MUST(cudaGraphLaunch(exec, stream));
  MUST(cudaGraphExecDestroy(exec));
  MUST(cudaGraphDestroy(graph));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(*result == 5 && ended == 1);
  MUST(cudaFreeHost(result));
  MUST(cudaStreamDestroy(stream));
  return 0;
}

int main() { return pools() || graphs() || early_end(); }
