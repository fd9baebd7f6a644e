// Handles of functions; and libraries of a GPU's code, which simt cannot run.
#include "report.hpp"
#include "state.hpp"

using simt::set_error;

namespace {
/// A handle is the kernel's own address.
template <class Handle>
cudaError_t give(Handle* handle, const void* function) {
  if (!handle || !function) return set_error(cudaErrorInvalidValue);
  *handle = reinterpret_cast<Handle>(const_cast<void*>(function));
  return cudaSuccess;
}
}  // namespace

cudaError_t cudaGetFuncBySymbol(cudaFunction_t* handle, const void* function) {
  return give(handle, function);
}
cudaError_t cudaFuncGetName(const char** name, const void* function) {
  if (!name || !function) return set_error(cudaErrorInvalidValue);
  *name = simt::kernel_symbol(function);
  return *name ? cudaSuccess : set_error(cudaErrorInvalidDeviceFunction);
}
cudaError_t cudaGetKernel(cudaKernel_t* handle, const void* function) { return give(handle, function); }

#if CUDART_VERSION >= 12080
namespace {
cudaError_t no_library(const char* call) {
  return simt::not_supported(call, "simt runs sources; it cannot load code that was compiled for a GPU");
}
}  // namespace

cudaError_t cudaKernelSetAttributeForDevice(cudaKernel_t kernel, cudaFuncAttribute attribute, int value,
                                            int device) {
  if (device != 0) return set_error(cudaErrorInvalidDevice);
  return cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
cudaError_t cudaLibraryLoadData(cudaLibrary_t*, const void*, cudaJitOption*, void**, unsigned,
                                cudaLibraryOption*, void**, unsigned) {
  return no_library("cudaLibraryLoadData");
}
cudaError_t cudaLibraryLoadFromFile(cudaLibrary_t*, const char*, cudaJitOption*, void**, unsigned,
                                    cudaLibraryOption*, void**, unsigned) {
  return no_library("cudaLibraryLoadFromFile");
}
// None was loaded, so no handle is one.
cudaError_t cudaLibraryUnload(cudaLibrary_t) { return set_error(cudaErrorInvalidResourceHandle); }
cudaError_t cudaLibraryGetKernel(cudaKernel_t*, cudaLibrary_t, const char*) {
  return set_error(cudaErrorInvalidResourceHandle);
}
cudaError_t cudaLibraryGetGlobal(void**, size_t*, cudaLibrary_t, const char*) {
  return set_error(cudaErrorInvalidResourceHandle);
}
cudaError_t cudaLibraryGetManaged(void**, size_t*, cudaLibrary_t, const char*) {
  return set_error(cudaErrorInvalidResourceHandle);
}
cudaError_t cudaLibraryGetUnifiedFunction(void**, cudaLibrary_t, const char*) {
  return set_error(cudaErrorInvalidResourceHandle);
}
cudaError_t cudaLibraryGetKernelCount(unsigned*, cudaLibrary_t) {
  return set_error(cudaErrorInvalidResourceHandle);
}
cudaError_t cudaLibraryEnumerateKernels(cudaKernel_t*, unsigned, cudaLibrary_t) {
  return set_error(cudaErrorInvalidResourceHandle);
}
#endif
