// What programs ask the runtime: of streams, pointers, managed memory, kernels; many copies in one call.
#include <cstdio>
#include <cstring>
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

__device__ int table[4] = {1, 2, 3, 4};
__managed__ int shared_by_both = 5;
__global__ void pick(const int* from, int* to) { *to = from[threadIdx.x]; }

static int streams() {
  cudaStream_t a, b;
  MUST(cudaStreamCreateWithPriority(&a, cudaStreamNonBlocking, -1));
  MUST(cudaStreamCreate(&b));
  unsigned long long id_a, id_b, id_null;
  MUST(cudaStreamGetId(a, &id_a));
  MUST(cudaStreamGetId(b, &id_b));
  MUST(cudaStreamGetId(nullptr, &id_null));
  REQUIRE(id_a != id_b && id_a != id_null && id_b != id_null);
  cudaStreamAttrValue value{};
  value.syncPolicy = cudaSyncPolicyYield;
  MUST(cudaStreamSetAttribute(a, cudaStreamAttributeSynchronizationPolicy, &value));
  MUST(cudaStreamCopyAttributes(b, a));
  value = {};
  MUST(cudaStreamGetAttribute(b, cudaStreamAttributeSynchronizationPolicy, &value));
  REQUIRE(value.syncPolicy == cudaSyncPolicyYield);
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  MUST(cudaThreadExchangeStreamCaptureMode(&mode));
  REQUIRE(mode == cudaStreamCaptureModeGlobal);
  MUST(cudaThreadExchangeStreamCaptureMode(&mode));
  REQUIRE(mode == cudaStreamCaptureModeRelaxed);
  MUST(cudaStreamDestroy(a));
  MUST(cudaStreamDestroy(b));
  return 0;
}

static int pointers() {
  int *address, local;
  cudaPointerAttributes attributes;
  MUST(cudaGetSymbolAddress((void**)&address, table));
  MUST(cudaPointerGetAttributes(&attributes, address + 1));
  REQUIRE(attributes.type == cudaMemoryTypeDevice && attributes.device == 0 &&
          attributes.devicePointer == address + 1 && !attributes.hostPointer);
  MUST(cudaPointerGetAttributes(&attributes, &shared_by_both));
  REQUIRE(attributes.type == cudaMemoryTypeManaged || attributes.type == cudaMemoryTypeUnregistered);
  MUST(cudaPointerGetAttributes(&attributes, &local));
  REQUIRE(attributes.type == cudaMemoryTypeUnregistered);
  return 0;
}

static int managed() {
  const size_t half = 1 << 16;
  char* m;
  MUST(cudaMallocManaged(&m, 2 * half));
  int value = -7, devices[2] = {-7, -7};
  MUST(cudaMemRangeGetAttribute(&value, sizeof value, cudaMemRangeAttributeReadMostly, m, half));
  REQUIRE(value == 0);
  MUST(cudaMemAdvise(m, half, cudaMemAdviseSetReadMostly, 0));
  MUST(cudaMemAdvise(m, 2 * half, cudaMemAdviseSetPreferredLocation, cudaCpuDeviceId));
  MUST(cudaMemAdvise(m, 2 * half, cudaMemAdviseSetAccessedBy, 0));
  MUST(cudaMemPrefetchAsync(m, half, 0));
  MUST(cudaMemRangeGetAttribute(&value, sizeof value, cudaMemRangeAttributeReadMostly, m, half));
  REQUIRE(value == 1);
  MUST(cudaMemRangeGetAttribute(&value, sizeof value, cudaMemRangeAttributeReadMostly, m, 2 * half));
  REQUIRE(value == 0);  // not all of it
  void* results[] = {&value, devices};
  size_t sizes[] = {sizeof value, sizeof devices};
  cudaMemRangeAttribute which[] = {cudaMemRangeAttributePreferredLocation, cudaMemRangeAttributeAccessedBy};
  MUST(cudaMemRangeGetAttributes(results, sizes, which, 2, m, 2 * half));
  REQUIRE(value == cudaCpuDeviceId && devices[0] == 0 && devices[1] == cudaInvalidDeviceId);
  MUST(cudaMemRangeGetAttribute(&value, sizeof value, cudaMemRangeAttributeLastPrefetchLocation, m, half));
  REQUIRE(value == 0);
  MUST(cudaMemRangeGetAttribute(&value, sizeof value, cudaMemRangeAttributeLastPrefetchLocation, m + half,
                                half));
  REQUIRE(value == cudaInvalidDeviceId);
  MUST(cudaFree(m));
  return 0;
}

static int kernels() {
  int *x, *y, host[4] = {5, 6, 7, 8}, result = 0;
  MUST(cudaMalloc(&x, sizeof host));
  MUST(cudaMalloc(&y, sizeof host));
  cudaKernel_t kernel;
  MUST(cudaGetKernel(&kernel, pick));
  MUST(cudaMemcpy(x, host, sizeof host, cudaMemcpyHostToDevice));
  void* arguments[] = {&x, &y};
  MUST(cudaLaunchKernel((const void*)kernel, dim3(1), dim3(1), arguments, 0, nullptr));
  MUST(cudaMemcpy(&result, y, sizeof result, cudaMemcpyDeviceToHost));
  REQUIRE(result == 5);
  const char* name;
  pick<<<1, 1>>>(x, y);
  MUST(cudaFuncGetName(&name, pick));
  REQUIRE(std::strstr(name, "pick"));

  cudaStream_t stream;
  MUST(cudaStreamCreate(&stream));
  int back[2] = {0, 0};
  void* targets[] = {back, back + 1};
  const void* sources[] = {x + 3, x + 1};
  const size_t sizes[] = {sizeof(int), sizeof(int)};
  cudaMemcpyAttributes attributes{};
  attributes.srcAccessOrder = cudaMemcpySrcAccessOrderStream;
  size_t first = 0;
  MUST(cudaMemcpyBatchAsync(targets, sources, sizes, 2, &attributes, &first, 1, stream));
  MUST(cudaStreamSynchronize(stream));
  REQUIRE(back[0] == 8 && back[1] == 6);
  REQUIRE(cudaMemcpyBatchAsync(targets, sources, sizes, 2, &attributes, &first, 1, 0) ==
          cudaErrorInvalidValue);
  REQUIRE(cudaGetLastError() == cudaErrorInvalidValue);
  MUST(cudaStreamDestroy(stream));
  MUST(cudaFree(x));
  MUST(cudaFree(y));
  return 0;
}

static int arrays() {
  const size_t width = 8, height = 4, bytes = width * height * sizeof(int);
  int host[width * height], back[width * height], *x, *y;
  for (int i = 0; i < int(width * height); ++i) host[i] = i;
  const cudaChannelFormatDesc ints = cudaCreateChannelDesc<int>();
  cudaArray_t a, b;
  MUST(cudaMallocArray(&a, &ints, width, height));
  MUST(cudaMallocArray(&b, &ints, width, height));
  MUST(cudaMemcpy2DToArray(a, 0, 0, host, width * sizeof(int), width * sizeof(int), height,
                           cudaMemcpyHostToDevice));
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  MUST(cudaMemcpyArrayToArray(b, 0, 0, a, 0, 0, bytes));
  MUST(cudaMemcpy2DFromArray(back, width * sizeof(int), b, 0, 0, width * sizeof(int), height,
                             cudaMemcpyDeviceToHost));
  REQUIRE(std::memcmp(host, back, bytes) == 0);

  MUST(cudaMalloc(&x, bytes));
  MUST(cudaMalloc(&y, bytes));
  MUST(cudaMemcpy(x, host, bytes, cudaMemcpyHostToDevice));
  MUST(cudaMemset(y, 0, bytes));
  cudaMemcpy3DPeerParms p{};
  p.srcPtr = make_cudaPitchedPtr(x, width * sizeof(int), width * sizeof(int), height);
  p.dstPtr = make_cudaPitchedPtr(y, width * sizeof(int), width * sizeof(int), height);
  p.extent = make_cudaExtent(width * sizeof(int), height, 1);
  MUST(cudaMemcpy3DPeer(&p));
  MUST(cudaMemcpy(back, y, bytes, cudaMemcpyDeviceToHost));
  REQUIRE(std::memcmp(host, back, bytes) == 0);
  p.dstDevice = 1;
  REQUIRE(cudaMemcpy3DPeer(&p) == cudaErrorInvalidDevice && cudaGetLastError() == cudaErrorInvalidDevice);
  cudaIpcMemHandle_t handle;
  REQUIRE(cudaIpcGetMemHandle(&handle, x) == cudaErrorNotSupported);
  REQUIRE(cudaGetLastError() == cudaErrorNotSupported);
  MUST(cudaFree(x));
  MUST(cudaFree(y));
  MUST(cudaFreeArray(a));
  MUST(cudaFreeArray(b));
  return 0;
}

int main() { return arrays() || streams() || pointers() || managed() || kernels(); }
