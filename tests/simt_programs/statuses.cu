// What calls return: for arguments that cannot be, for what is asked of the device, and what is kept of it.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <vector>

static int failures = 0;
#define EXPECT(condition)                                                 \
  do {                                                                    \
    if (!(condition)) {                                                   \
      std::printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                         \
    }                                                                     \
  } while (0)
#define OK(call) EXPECT((call) == cudaSuccess)

/// The call's error, which is the last one too; then it is forgotten.
static cudaError_t failed(cudaError_t status) {
  EXPECT(cudaPeekAtLastError() == status);
  EXPECT(cudaGetLastError() == status);
  EXPECT(cudaGetLastError() == cudaSuccess);
  return status;
}

__device__ int table[10];

static void devices() {
  int count = 0, device = -1, value = 0;
  OK(cudaGetDeviceCount(&count));
  EXPECT(count == 1 && failed(cudaSetDevice(1)) == cudaErrorInvalidDevice);
  char bus[32];
  OK(cudaDeviceGetPCIBusId(bus, sizeof bus, 0));
  OK(cudaDeviceGetByPCIBusId(&device, bus));
  EXPECT(device == 0);
  EXPECT(failed(cudaDeviceCanAccessPeer(&value, 0, 1)) == cudaErrorInvalidDevice);
  EXPECT(failed(cudaDeviceGetAttribute(&value, cudaDevAttrWarpSize, 1)) == cudaErrorInvalidDevice);
  OK(cudaDeviceGetAttribute(&value, cudaDevAttrMaxTexture3DDepth, 0));
  cudaDeviceProp properties;
  OK(cudaGetDeviceProperties(&properties, 0));
  EXPECT(value == properties.maxTexture3D[2] && value > 0);
  size_t limit = 0;
  EXPECT(failed(cudaDeviceGetLimit(&limit, cudaLimit(77))) == cudaErrorUnsupportedLimit);
  EXPECT(!std::strcmp(cudaGetErrorName(cudaErrorNoKernelImageForDevice), "cudaErrorNoKernelImageForDevice"));
  EXPECT(!std::strcmp(cudaGetErrorString(cudaErrorInsufficientDriver),
                      "CUDA driver version is insufficient for CUDA runtime version"));
  EXPECT(!std::strcmp(cudaGetErrorString(cudaError_t(12345)), "unrecognized error code"));
}

static void copies() {
  char* d = nullptr;
  OK(cudaMalloc(&d, 1000));
  std::vector<char> h(5000, 1);
  EXPECT(failed(cudaMemcpy(d, h.data(), 1000, cudaMemcpyKind(9))) == cudaErrorInvalidMemcpyDirection);
  EXPECT(failed(cudaMemcpy(d, h.data(), 1000, cudaMemcpyDeviceToHost)) == cudaErrorInvalidValue);
  EXPECT(failed(cudaMemcpy(h.data(), d, 1000, cudaMemcpyHostToDevice)) == cudaErrorInvalidValue);
  OK(cudaMemcpy(d, h.data(), 1000, cudaMemcpyHostToDevice));
  OK(cudaMemcpyToSymbol(table, h.data(), sizeof table));
  OK(cudaFree(d));
}

static void host_memory() {
  char* p = nullptr;
  unsigned flags = 0;
  EXPECT(failed(cudaHostAlloc(&p, 64, 0x80)) == cudaErrorInvalidValue);
  OK(cudaHostAlloc(&p, 64, cudaHostAllocMapped | cudaHostAllocWriteCombined));
  OK(cudaHostGetFlags(&flags, p));
  EXPECT(flags == (cudaHostAllocMapped | cudaHostAllocWriteCombined));
  OK(cudaFreeHost(p));
  EXPECT(failed(cudaMallocManaged(&p, 64, 7)) == cudaErrorInvalidValue);
  OK(cudaMallocManaged(&p, 64));
  EXPECT(failed(cudaMemPrefetchAsync(p, 64, 1, nullptr)) == cudaErrorInvalidDevice);
  OK(cudaMemPrefetchAsync(p, 64, cudaCpuDeviceId, nullptr));
  OK(cudaFree(p));
  static char own[4096];
  cudaPointerAttributes attributes;
  OK(cudaHostRegister(own, sizeof own, cudaHostRegisterDefault));
  OK(cudaPointerGetAttributes(&attributes, own + 1));
  EXPECT(attributes.type == cudaMemoryTypeHost && attributes.devicePointer == own + 1);
  OK(cudaHostUnregister(own));
}

static void streams() {
  cudaStream_t stream;
  cudaEvent_t event;
  int least, greatest, priority = 0;
  OK(cudaDeviceGetStreamPriorityRange(&least, &greatest));
  OK(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, -100));
  OK(cudaStreamGetPriority(stream, &priority));
  EXPECT(priority == greatest);
  EXPECT(failed(cudaLaunchHostFunc(stream, nullptr, nullptr)) == cudaErrorInvalidValue);
  EXPECT(failed(cudaEventCreateWithFlags(&event, 0x80)) == cudaErrorInvalidValue);
  EXPECT(failed(cudaEventCreateWithFlags(&event, cudaEventInterprocess)) == cudaErrorInvalidValue);
  OK(cudaStreamDestroy(stream));
}

static void what_is_gone() {
  cudaStream_t stream;
  cudaEvent_t event, other;
  float milliseconds;
  OK(cudaStreamCreate(&stream));
  OK(cudaEventCreate(&event));
  OK(cudaEventCreate(&other));
  OK(cudaEventRecord(other));
  OK(cudaEventDestroy(event));
  EXPECT(failed(cudaEventDestroy(event)) == cudaErrorInvalidResourceHandle);
  EXPECT(failed(cudaEventRecord(event)) == cudaErrorInvalidResourceHandle);
  EXPECT(failed(cudaEventSynchronize(event)) == cudaErrorInvalidResourceHandle);
  EXPECT(failed(cudaEventQuery(event)) == cudaErrorInvalidResourceHandle);
  EXPECT(failed(cudaStreamWaitEvent(stream, event)) == cudaErrorInvalidResourceHandle);
  EXPECT(failed(cudaEventElapsedTime(&milliseconds, other, event)) == cudaErrorInvalidResourceHandle);
  OK(cudaEventDestroy(other));
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  OK(cudaGraphCreate(&graph, 0));
  OK(cudaGraphInstantiate(&exec, graph, 0));
  OK(cudaGraphDestroy(graph));
  EXPECT(failed(cudaGraphDestroy(graph)) == cudaErrorInvalidValue);
  OK(cudaGraphLaunch(exec, stream));
  OK(cudaGraphExecDestroy(exec));
  EXPECT(failed(cudaGraphLaunch(exec, stream)) == cudaErrorInvalidValue);
  EXPECT(failed(cudaGraphExecDestroy(exec)) == cudaErrorInvalidValue);
  OK(cudaStreamDestroy(stream));
  EXPECT(failed(cudaStreamDestroy(stream)) == cudaErrorInvalidResourceHandle);
}

/// A checker keeps much of every byte: a checked program has no more than the machine can bear.
static void memory_there_is() {
  size_t left = 0, total = 0;
  char* d = nullptr;
  OK(cudaMemGetInfo(&left, &total));
  EXPECT(0 < left && left < total && left / sysconf(_SC_PAGESIZE) <= size_t(sysconf(_SC_PHYS_PAGES)) / 8);
  EXPECT(failed(cudaMalloc(&d, left + 1)) == cudaErrorMemoryAllocation && !d);
}

__global__ void write(int* x, int value) { *x = value; }
/// What streams hold is done first.
static void resetting() {
  static int value = 0;
  int* on_device;
  OK(cudaHostRegister(&value, sizeof value, cudaHostRegisterMapped));
  OK(cudaHostGetDevicePointer(&on_device, &value, 0));
  write<<<1, 1>>>(on_device, 7);
  OK(cudaDeviceReset());
  EXPECT(value == 7);
}

int main() {
  devices();
  copies();
  host_memory();
  streams();
  what_is_gone();
  memory_there_is();
  resetting();
  std::printf("%d failures\n", failures);
  return failures != 0;
}
