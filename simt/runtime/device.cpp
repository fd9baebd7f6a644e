// The model GPU.
#include <cuda_profiler_api.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "memory.hpp"
#include "state.hpp"
#include "stream.hpp"

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
/// Clears sticky errors, when what streams hold is done. Memory stays allocated, for its owners may free it
/// still.
cudaError_t cudaDeviceReset() {
  simt::wait_for_all();
  simt::reset_errors();
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  if (cudaError_t error = simt::sticky_error()) return error;
  if (free) *free = simt::device_bytes_free();
  if (total) *total = gpu().memory;
  return cudaSuccess;
}

cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp*) { return cudaGetDevice(device); }
cudaError_t cudaInitDevice(int device, unsigned, unsigned) { return cudaSetDevice(device); }
cudaError_t cudaSetValidDevices(int* devices, int count) {
  if (!devices && count) return set_error(cudaErrorInvalidValue);
  for (int i = 0; i < count; ++i)
    if (devices[i] != 0) return set_error(cudaErrorInvalidDevice);
  return cudaSuccess;
}
namespace {
unsigned device_flags = 0;  // kept, and of no effect
}
cudaError_t cudaSetDeviceFlags(unsigned flags) {
  if (flags & ~unsigned{cudaDeviceMask}) return set_error(cudaErrorInvalidValue);
  device_flags = flags;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceFlags(unsigned* flags) {
  if (!flags) return set_error(cudaErrorInvalidValue);
  *flags = device_flags | cudaDeviceMapHost;
  return cudaSuccess;
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  if (!can) return set_error(cudaErrorInvalidValue);
  if (device != 0 || peer != 0) return set_error(cudaErrorInvalidDevice);
  *can = 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetP2PAttribute(int* value, cudaDeviceP2PAttr, int, int) {  // needs two devices
  return set_error(value ? cudaErrorInvalidDevice : cudaErrorInvalidValue);
}
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) { return set_error(cudaErrorInvalidDevice); }
cudaError_t cudaDeviceDisablePeerAccess(int) { return set_error(cudaErrorInvalidDevice); }
cudaError_t cudaDeviceGetPCIBusId(char* id, int size, int device) {
  if (!id || size < 13) return set_error(cudaErrorInvalidValue);
  if (device != 0) return set_error(cudaErrorInvalidDevice);
  std::snprintf(id, std::size_t(size), "0000:00:00.0");
  return cudaSuccess;
}
cudaError_t cudaDeviceGetByPCIBusId(int* device, const char* id) {
  if (!device || !id) return set_error(cudaErrorInvalidValue);
  for (const char* known : {"0000:00:00.0", "0000:00:00", "00:00.0"})
    if (std::strcmp(id, known) == 0) return cudaGetDevice(device);
  return set_error(cudaErrorInvalidDevice);
}
namespace {
cudaFuncCache cache_config = cudaFuncCachePreferNone;  // kept, and of no effect
}
cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache config) {
  cache_config = config;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetCacheConfig(cudaFuncCache* config) {
  *config = cache_config;
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
  if (limit < 0 || limit > cudaLimitPersistingL2CacheSize) return set_error(cudaErrorUnsupportedLimit);
  limits[limit] = value;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetLimit(size_t* value, cudaLimit limit) {
  if (!value) return set_error(cudaErrorInvalidValue);
  if (limit < 0 || limit > cudaLimitPersistingL2CacheSize) return set_error(cudaErrorUnsupportedLimit);
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
