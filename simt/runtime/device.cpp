// The model GPU.
#include <cuda_profiler_api.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "memory.hpp"
#include "state.hpp"

// In programs compiled with simt-cc --gpu NAME (simt/cuda.hpp).
extern "C" [[gnu::weak]] const char* const simt_default_gpu;

namespace simt {
namespace {
constexpr std::size_t KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

// Sources: NVIDIA's data sheets and the table of technical specifications in the CUDA C++ Programming Guide.
constexpr Gpu gpus[] = {
    {"t4", "Tesla T4", 7, 5, 40, 1590000, 5001000, 256, 15 * GiB, 4 * MiB, 64 * KiB, 64 * KiB, 1024, 16},
    {"v100", "Tesla V100-SXM2-16GB", 7, 0, 80, 1530000, 877000, 4096, 16 * GiB, 6 * MiB, 96 * KiB, 96 * KiB,
     2048, 32},
    {"a100", "NVIDIA A100-SXM4-80GB", 8, 0, 108, 1410000, 1593000, 5120, 80 * GiB, 40 * MiB, 164 * KiB,
     163 * KiB, 2048, 32},
    {"rtx3090", "NVIDIA GeForce RTX 3090", 8, 6, 82, 1695000, 9751000, 384, 24 * GiB, 6 * MiB, 100 * KiB,
     99 * KiB, 1536, 16},
    {"rtx4090", "NVIDIA GeForce RTX 4090", 8, 9, 128, 2520000, 10501000, 384, 24 * GiB, 72 * MiB, 100 * KiB,
     99 * KiB, 1536, 24},
    {"l4", "NVIDIA L4", 8, 9, 58, 2040000, 6251000, 192, 24 * GiB, 48 * MiB, 100 * KiB, 99 * KiB, 1536, 24},
    {"h100", "NVIDIA H100 80GB HBM3", 9, 0, 132, 1980000, 2619000, 5120, 80 * GiB, 50 * MiB, 228 * KiB,
     227 * KiB, 2048, 32},
    {"h200", "NVIDIA H200", 9, 0, 132, 1980000, 3201000, 6144, 141 * GiB, 50 * MiB, 228 * KiB, 227 * KiB,
     2048, 32},
};

const Gpu& choose() {
  const char* wanted = std::getenv("SIMT_GPU");
  if (!wanted) wanted = &simt_default_gpu ? simt_default_gpu : "h200";
  std::string known;
  for (const Gpu& gpu : gpus) {
    if (std::strncmp(gpu.key, wanted, std::strlen(gpu.key)) == 0) return gpu;  // h100sxm is an h100
    known += std::string(" ") + gpu.key;
  }
  std::fprintf(stderr, "simt: SIMT_GPU '%s' is not known; known are%s\n", wanted, known.c_str());
  std::exit(2);
}

}  // namespace

const Gpu& gpu() {
  static const Gpu& chosen = choose();
  return chosen;
}
}  // namespace simt

using simt::gpu;
using simt::set_error;

cudaError_t cudaGetDeviceCount(int* count) {
  if (!count) return set_error(cudaErrorInvalidValue);
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  return device == 0 ? cudaSuccess : set_error(cudaErrorInvalidDevice);
}
cudaError_t cudaGetDevice(int* device) {
  if (!device) return set_error(cudaErrorInvalidValue);
  *device = 0;
  return cudaSuccess;
}
/// Clears sticky errors. Memory stays allocated, for its owners may free it still.
cudaError_t cudaDeviceReset() {
  simt::reset_errors();
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  if (free) *free = gpu().memory - simt::device_bytes_in_use();
  if (total) *total = gpu().memory;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (!properties) return set_error(cudaErrorInvalidValue);
  if (device != 0) return set_error(cudaErrorInvalidDevice);
  cudaDeviceProp& p = *properties = cudaDeviceProp{};
  const simt::Gpu& g = gpu();
  std::snprintf(p.name, sizeof p.name, "%s", g.name);
  p.totalGlobalMem = g.memory;
  p.sharedMemPerBlock = 48 * 1024;
  p.regsPerBlock = p.regsPerMultiprocessor = 65536;
  p.warpSize = 32;
  p.memPitch = 0x7fffffff;
  p.maxThreadsPerBlock = 1024;
  p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
  p.maxThreadsDim[2] = 64;
  p.maxGridSize[0] = 0x7fffffff;
  p.maxGridSize[1] = p.maxGridSize[2] = 65535;
  p.totalConstMem = 65536;
  p.major = g.major;
  p.minor = g.minor;
  p.maxTexture1D = p.maxSurface1D = 131072;
  p.maxTexture2D[0] = p.maxSurface2D[0] = 131072;
  p.maxTexture2D[1] = p.maxSurface2D[1] = 65536;
  for (int i = 0; i < 3; ++i) p.maxTexture3D[i] = p.maxSurface3D[i] = 16384;
  p.maxTexture1DLayered[0] = p.maxTexture2DLayered[0] = p.maxTexture2DLayered[1] = 32768;
  p.maxTexture1DLayered[1] = p.maxTexture2DLayered[2] = 2048;
  p.surfaceAlignment = 512;
  p.textureAlignment = 512;
  p.texturePitchAlignment = 32;
  p.multiProcessorCount = g.multiprocessors;
  p.canMapHostMemory = 1;
  p.unifiedAddressing = 1;
  p.managedMemory = 1;
  p.concurrentManagedAccess = 1;
  p.pageableMemoryAccess = 1;
  p.concurrentKernels = 1;
  p.asyncEngineCount = 3;
  p.memoryBusWidth = g.bus_bits;
  p.l2CacheSize = int(g.l2);
  p.persistingL2CacheMaxSize = g.major >= 8 ? int(g.l2 * 3 / 4) : 0;
  p.accessPolicyMaxWindowSize = g.major >= 8 ? 128 << 20 : 0;
  p.maxThreadsPerMultiProcessor = g.threads_per_multiprocessor;
  p.maxBlocksPerMultiProcessor = g.blocks_per_multiprocessor;
  p.sharedMemPerMultiprocessor = g.shared_per_multiprocessor;
  p.sharedMemPerBlockOptin = g.shared_per_block_optin;
  p.reservedSharedMemPerBlock = g.major >= 8 ? 1024 : 0;
  p.streamPrioritiesSupported = 1;
  p.globalL1CacheSupported = p.localL1CacheSupported = 1;
  p.cooperativeLaunch = 1;
  p.hostNativeAtomicSupported = 0;
  p.computePreemptionSupported = 1;
  p.canUseHostPointerForRegisteredMem = 1;
  p.memoryPoolsSupported = 1;
  p.clusterLaunch = g.major >= 9;
#if CUDART_VERSION < 13000
  p.clockRate = g.clock_khz;
  p.memoryClockRate = g.memory_clock_khz;
  p.deviceOverlap = 1;
  p.singleToDoublePrecisionPerfRatio = g.multiprocessors >= 100 && g.major != 8 ? 2 : 32;
#endif
  return cudaSuccess;
}

namespace {

/// The attributes that are not fields of cudaDeviceProp in every toolkit.
int attribute_of(cudaDeviceAttr attribute, const cudaDeviceProp& p, bool& known) {
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock: return p.maxThreadsPerBlock;
    case cudaDevAttrMaxBlockDimX: return p.maxThreadsDim[0];
    case cudaDevAttrMaxBlockDimY: return p.maxThreadsDim[1];
    case cudaDevAttrMaxBlockDimZ: return p.maxThreadsDim[2];
    case cudaDevAttrMaxGridDimX: return p.maxGridSize[0];
    case cudaDevAttrMaxGridDimY: return p.maxGridSize[1];
    case cudaDevAttrMaxGridDimZ: return p.maxGridSize[2];
    case cudaDevAttrMaxSharedMemoryPerBlock: return int(p.sharedMemPerBlock);
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: return int(p.sharedMemPerBlockOptin);
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor: return int(p.sharedMemPerMultiprocessor);
    case cudaDevAttrReservedSharedMemoryPerBlock: return int(p.reservedSharedMemPerBlock);
    case cudaDevAttrTotalConstantMemory: return int(p.totalConstMem);
    case cudaDevAttrWarpSize: return p.warpSize;
    case cudaDevAttrMaxPitch: return int(p.memPitch);
    case cudaDevAttrMaxRegistersPerBlock: return p.regsPerBlock;
    case cudaDevAttrMaxRegistersPerMultiprocessor: return p.regsPerMultiprocessor;
    case cudaDevAttrClockRate: return gpu().clock_khz;
    case cudaDevAttrMemoryClockRate: return gpu().memory_clock_khz;
    case cudaDevAttrGlobalMemoryBusWidth: return p.memoryBusWidth;
    case cudaDevAttrMultiProcessorCount: return p.multiProcessorCount;
    case cudaDevAttrL2CacheSize: return p.l2CacheSize;
    case cudaDevAttrMaxThreadsPerMultiProcessor: return p.maxThreadsPerMultiProcessor;
    case cudaDevAttrMaxBlocksPerMultiprocessor: return p.maxBlocksPerMultiProcessor;
    case cudaDevAttrComputeCapabilityMajor: return p.major;
    case cudaDevAttrComputeCapabilityMinor: return p.minor;
    case cudaDevAttrTextureAlignment: return int(p.textureAlignment);
    case cudaDevAttrAsyncEngineCount: return p.asyncEngineCount;
    case cudaDevAttrMaxPersistingL2CacheSize: return p.persistingL2CacheMaxSize;
    case cudaDevAttrConcurrentKernels:
    case cudaDevAttrCanMapHostMemory:
    case cudaDevAttrUnifiedAddressing:
    case cudaDevAttrManagedMemory:
    case cudaDevAttrConcurrentManagedAccess:
    case cudaDevAttrPageableMemoryAccess:
    case cudaDevAttrStreamPrioritiesSupported:
    case cudaDevAttrGlobalL1CacheSupported:
    case cudaDevAttrLocalL1CacheSupported:
    case cudaDevAttrComputePreemptionSupported:
    case cudaDevAttrCanUseHostPointerForRegisteredMem:
    case cudaDevAttrGpuOverlap:
    case cudaDevAttrMemoryPoolsSupported:
    case cudaDevAttrCooperativeLaunch: return 1;
    case cudaDevAttrClusterLaunch: return p.clusterLaunch;
    case cudaDevAttrIntegrated:
    case cudaDevAttrEccEnabled:
    case cudaDevAttrTccDriver:
    case cudaDevAttrKernelExecTimeout:
    case cudaDevAttrIsMultiGpuBoard:
    case cudaDevAttrComputeMode:
    case cudaDevAttrPciBusId:
    case cudaDevAttrPciDeviceId:
    case cudaDevAttrHostNativeAtomicSupported: return 0;
    default: known = false; return 0;
  }
}

}  // namespace

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  cudaDeviceProp properties;
  if (!value) return set_error(cudaErrorInvalidValue);
  if (cudaError_t error = cudaGetDeviceProperties(&properties, device)) return error;
  bool known = true;
  *value = attribute_of(attribute, properties, known);
  return known ? cudaSuccess : set_error(cudaErrorInvalidValue);
}

cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp*) { return cudaGetDevice(device); }
cudaError_t cudaInitDevice(int device, unsigned, unsigned) { return cudaSetDevice(device); }
cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
cudaError_t cudaGetDeviceFlags(unsigned* flags) {
  if (!flags) return set_error(cudaErrorInvalidValue);
  *flags = 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) {
  if (!can) return set_error(cudaErrorInvalidValue);
  *can = 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetP2PAttribute(int* value, cudaDeviceP2PAttr, int, int) {  // needs two devices
  return set_error(value ? cudaErrorInvalidDevice : cudaErrorInvalidValue);
}
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) { return set_error(cudaErrorInvalidDevice); }
cudaError_t cudaDeviceDisablePeerAccess(int) { return set_error(cudaErrorInvalidDevice); }
cudaError_t cudaDeviceGetPCIBusId(char* id, int size, int) {
  std::snprintf(id, std::size_t(size), "0000:00:00.0");
  return cudaSuccess;
}
cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache) { return cudaSuccess; }
cudaError_t cudaDeviceGetCacheConfig(cudaFuncCache* config) {
  *config = cudaFuncCachePreferNone;
  return cudaSuccess;
}
cudaError_t cudaDeviceSetSharedMemConfig(cudaSharedMemConfig) { return cudaSuccess; }
cudaError_t cudaDeviceGetSharedMemConfig(cudaSharedMemConfig* config) {
  *config = cudaSharedMemBankSizeFourByte;
  return cudaSuccess;
}

// Limits are kept and given back; none of them limits anything here.
namespace {
std::size_t limits[cudaLimitPersistingL2CacheSize + 1] = {1024, 1 << 20, 8 << 20, 2, 2048, 128, 0};
}
cudaError_t cudaDeviceSetLimit(cudaLimit limit, size_t value) {
  if (limit < 0 || limit > cudaLimitPersistingL2CacheSize) return set_error(cudaErrorInvalidValue);
  limits[limit] = value;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetLimit(size_t* value, cudaLimit limit) {
  if (!value || limit < 0 || limit > cudaLimitPersistingL2CacheSize) return set_error(cudaErrorInvalidValue);
  *value = limits[limit];
  return cudaSuccess;
}
cudaError_t cudaCtxResetPersistingL2Cache() { return cudaSuccess; }
cudaError_t cudaProfilerStart() { return cudaSuccess; }
cudaError_t cudaProfilerStop() { return cudaSuccess; }

// clock() of a .cu file (simt/memory.hpp): cycles in a kernel, the process's time on the host.
extern "C" clock_t simt_clock() noexcept {
  return simt::current ? static_cast<clock_t>(__builtin_ia32_rdtsc()) : std::clock();
}
