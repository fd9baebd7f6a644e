#pragma once
// What cuda_runtime.h has for nvcc alone: calls that take a kernel or a __device__ variable itself.
#include <cuda_runtime.h>

#include <array>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

#include "simt/launch.hpp"
#include "simt/variable.hpp"

#ifndef cudaStreamTailLaunch  // of kernels that launch kernels
#define cudaStreamTailLaunch ((cudaStream_t)0x3)
#define cudaStreamFireAndForget ((cudaStream_t)0x4)
#endif

namespace simt {

/// Waits for everything the host has asked of streams; in a kernel, or in a stream's work, for nothing.
void wait_for_streams();
/// Gives a stream work that the host does in place of a library's kernels: it touches device memory.
cudaError_t library_call(cudaStream_t stream, std::function<void()> work);
/// Whether this OS thread does such work.
extern constinit thread_local bool in_library_call;

/// Launches the kernel at `function` with pointers to its arguments; the error of the launch.
cudaError_t launch_registered(const void* function, const Config& config, void** arguments);
cudaError_t launch_registered(const void* function, const cudaLaunchConfig_t& config, void** arguments);

namespace detail {

template <class... P>
const void* address_of(void (*kernel)(P...)) {
  auto address = reinterpret_cast<const void*>(kernel);
  register_kernel(address, &bind_arguments<P...>);
  return address;
}

}  // namespace detail

/// A kernel's address as the void* that the runtime's C functions take: `(void*)kernel` is rewritten to
/// `(::simt::KernelPointer)kernel`.
struct KernelPointer {
  const void* address;
  template <class... P>
  KernelPointer(void (*kernel)(P...)) : address(detail::address_of(kernel)) {}
  operator void*() const { return const_cast<void*>(address); }
};

}  // namespace simt

// More specialised, or more constrained, than cuda_runtime.h's: these know the kernel's parameters.
template <class... P>
cudaError_t cudaLaunchKernel(void (*kernel)(P...), dim3 grid, dim3 block, void** arguments, size_t shared = 0,
                             cudaStream_t stream = nullptr) {
  return simt::launch_registered(simt::detail::address_of(kernel), simt::Config(grid, block, shared, stream),
                                 arguments);
}
template <class... P>
cudaError_t cudaLaunchCooperativeKernel(void (*kernel)(P...), dim3 grid, dim3 block, void** arguments,
                                        size_t shared = 0, cudaStream_t stream = nullptr) {
  simt::Config config(grid, block, shared, stream);
  config.cooperative = true;
  return simt::launch_registered(simt::detail::address_of(kernel), config, arguments);
}
// (void*)kernel, and no more than cuda_runtime.h's templates ask for.
inline cudaError_t cudaLaunchKernel(simt::KernelPointer kernel, dim3 grid, dim3 block, void** arguments,
                                    size_t shared = 0, cudaStream_t stream = nullptr) {
  return cudaLaunchKernel(static_cast<const void*>(kernel.address), grid, block, arguments, shared, stream);
}
inline cudaError_t cudaLaunchCooperativeKernel(simt::KernelPointer kernel, dim3 grid, dim3 block,
                                               void** arguments, size_t shared = 0,
                                               cudaStream_t stream = nullptr) {
  return cudaLaunchCooperativeKernel(static_cast<const void*>(kernel.address), grid, block, arguments, shared,
                                     stream);
}
template <class... P, class... A>
requires(sizeof...(P) == sizeof...(A)) cudaError_t
    cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(P...), A&&... arguments) {
  std::tuple<std::remove_cv_t<P>...> values(std::forward<A>(arguments)...);
  return std::apply(
      [&](auto&... value) {
        std::array<void*, sizeof...(P) + 1> pointers{&value...};
        return simt::launch_registered(simt::detail::address_of(kernel), *config, pointers.data());
      },
      values);
}
template <class... P>
cudaError_t cudaFuncSetAttribute(void (*kernel)(P...), cudaFuncAttribute attribute, int value) {
  return cudaFuncSetAttribute(simt::detail::address_of(kernel), attribute, value);
}
template <class... P>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*kernel)(P...)) {
  return cudaFuncGetAttributes(attributes, simt::detail::address_of(kernel));
}
template <class... P>
cudaError_t cudaFuncGetName(const char** name, void (*kernel)(P...)) {
  return cudaFuncGetName(name, simt::detail::address_of(kernel));
}
template <class... P>
cudaError_t cudaGetKernel(cudaKernel_t* handle, void (*kernel)(P...)) {
  return cudaGetKernel(handle, simt::detail::address_of(kernel));
}
template <class... P>
cudaError_t cudaGetFuncBySymbol(cudaFunction_t* handle, void (*kernel)(P...)) {
  return cudaGetFuncBySymbol(handle, simt::detail::address_of(kernel));
}
template <class... P>
cudaError_t cudaFuncSetCacheConfig(void (*kernel)(P...), cudaFuncCache config) {
  return cudaFuncSetCacheConfig(simt::detail::address_of(kernel), config);
}
template <class... P>
cudaError_t cudaFuncSetSharedMemConfig(void (*kernel)(P...), cudaSharedMemConfig config) {
  return cudaFuncSetSharedMemConfig(simt::detail::address_of(kernel), config);
}

// __device__ and __constant__ variables are the host's own here.
namespace simt {
/// The error, recorded, of a copy to or from a variable of `size` bytes that goes past its end.
cudaError_t look_at_symbol(const void* symbol, std::size_t size, std::size_t count, std::size_t offset,
                           bool written);
/// A variable whose address the program asks for.
void note_symbol(const void* symbol, std::size_t size);
namespace detail {
template <class T>
const void* address_of_symbol(const T& symbol) {
  return const_cast<const std::remove_cv_t<T>*>(std::addressof(symbol));
}
}  // namespace detail
}  // namespace simt
template <class T>
cudaError_t cudaMemcpyToSymbol(const T& symbol, const void* source, size_t count, size_t offset = 0,
                               cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  if (cudaError_t error =
          simt::look_at_symbol(simt::detail::address_of_symbol(symbol), sizeof(T), count, offset, true))
    return error;
  return cudaMemcpyToSymbol(simt::detail::address_of_symbol(symbol), source, count, offset, kind);
}
template <class T>
cudaError_t cudaMemcpyToSymbolAsync(const T& symbol, const void* source, size_t count, size_t offset = 0,
                                    cudaMemcpyKind kind = cudaMemcpyHostToDevice,
                                    cudaStream_t stream = nullptr) {
  if (cudaError_t error =
          simt::look_at_symbol(simt::detail::address_of_symbol(symbol), sizeof(T), count, offset, true))
    return error;
  return cudaMemcpyToSymbolAsync(simt::detail::address_of_symbol(symbol), source, count, offset, kind,
                                 stream);
}
template <class T>
cudaError_t cudaMemcpyFromSymbol(void* target, const T& symbol, size_t count, size_t offset = 0,
                                 cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  if (cudaError_t error =
          simt::look_at_symbol(simt::detail::address_of_symbol(symbol), sizeof(T), count, offset, false))
    return error;
  return cudaMemcpyFromSymbol(target, simt::detail::address_of_symbol(symbol), count, offset, kind);
}
template <class T>
cudaError_t cudaMemcpyFromSymbolAsync(void* target, const T& symbol, size_t count, size_t offset = 0,
                                      cudaMemcpyKind kind = cudaMemcpyDeviceToHost,
                                      cudaStream_t stream = nullptr) {
  if (cudaError_t error =
          simt::look_at_symbol(simt::detail::address_of_symbol(symbol), sizeof(T), count, offset, false))
    return error;
  return cudaMemcpyFromSymbolAsync(target, simt::detail::address_of_symbol(symbol), count, offset, kind,
                                   stream);
}
template <class T>
cudaError_t cudaGetSymbolAddress(void** pointer, const T& symbol) {
  simt::note_symbol(simt::detail::address_of_symbol(symbol), sizeof(T));
  return cudaGetSymbolAddress(pointer, simt::detail::address_of_symbol(symbol));
}
template <class T>
cudaError_t cudaGetSymbolSize(size_t* size, const T&) {
  *size = sizeof(T);
  return cudaSuccess;
}
