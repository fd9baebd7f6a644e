// The driver API's entry points that runtime programs ask for by name.
#include <cuda.h>

#include <cstring>

#include "state.hpp"

namespace simt {
namespace {
struct Entry {
  const char* name;
  void* function;
};

void* entry_point(const char* name) {
  const Entry entries[] = {
      {"cuTensorMapEncodeTiled", reinterpret_cast<void*>(&cuTensorMapEncodeTiled)},
      {"cuGetErrorString", reinterpret_cast<void*>(&cuGetErrorString)},
      {"cuGetErrorName", reinterpret_cast<void*>(&cuGetErrorName)},
  };
  for (const Entry& entry : entries)
    if (std::strcmp(entry.name, name) == 0) return entry.function;
  return nullptr;
}

cudaError_t find(const char* symbol, void** function, cudaDriverEntryPointQueryResult* status) {
  if (!symbol || !function) return set_error(cudaErrorInvalidValue);
  *function = entry_point(symbol);
  if (status) *status = *function ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
  return *function || status ? cudaSuccess : set_error(cudaErrorSymbolNotFound);
}
}  // namespace
}  // namespace simt

// The two enumerations of errors have the same values.
CUresult cuGetErrorString(CUresult error, const char** text) {
  *text = cudaGetErrorString(static_cast<cudaError_t>(error));
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult error, const char** text) {
  *text = cudaGetErrorName(static_cast<cudaError_t>(error));
  return CUDA_SUCCESS;
}

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
cudaError_t cudaGetDriverEntryPoint(const char* symbol, void** function, unsigned long long,
                                    cudaDriverEntryPointQueryResult* status) {
  return simt::find(symbol, function, status);
}
#if CUDART_VERSION >= 12050
cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned,
                                             unsigned long long, cudaDriverEntryPointQueryResult* status) {
  return simt::find(symbol, function, status);
}
#endif
cudaError_t cudaDriverGetVersion(int* version) {
  if (!version) return simt::set_error(cudaErrorInvalidValue);
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) { return cudaDriverGetVersion(version); }
