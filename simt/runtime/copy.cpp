// Copies and fills.
#include <cstring>

#include "memory.hpp"
#include "state.hpp"

namespace simt {
namespace {

struct Rows {
  std::size_t width, height, target_pitch, source_pitch;
};

cudaError_t copy(void* target, const void* source, Rows rows, cudaMemcpyKind kind, cudaStream_t stream) {
  if (cudaError_t error = sticky_error()) return error;
  if (rows.width == 0 || rows.height == 0) return cudaSuccess;
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault)
    return set_error(cudaErrorInvalidMemcpyDirection);
  if (!target || !source) return set_error(cudaErrorInvalidValue);
  if (rows.height > 1 && (rows.width > rows.target_pitch || rows.width > rows.source_pitch))
    return set_error(cudaErrorInvalidPitchValue);
  return enqueue(stream, [=] {
    for (std::size_t row = 0; row < rows.height; ++row) {
      char* to = static_cast<char*>(target) + row * rows.target_pitch;
      const char* from = static_cast<const char*>(source) + row * rows.source_pitch;
      if (observer) observer->runtime_reads(from, rows.width, {});
      std::memmove(to, from, rows.width);
      if (observer) observer->runtime_writes(to, rows.width, {});
    }
  });
}

cudaError_t fill(void* target, int value, Rows rows, cudaStream_t stream) {
  if (cudaError_t error = sticky_error()) return error;
  if (rows.width == 0 || rows.height == 0) return cudaSuccess;
  if (!target) return set_error(cudaErrorInvalidValue);
  return enqueue(stream, [=] {
    for (std::size_t row = 0; row < rows.height; ++row) {
      char* to = static_cast<char*>(target) + row * rows.target_pitch;
      std::memset(to, value, rows.width);
      if (observer) observer->runtime_writes(to, rows.width, {});
    }
  });
}

cudaError_t and_wait(cudaError_t error, cudaStream_t stream = nullptr) {
  return error == cudaSuccess ? cudaStreamSynchronize(stream) : error;
}

}  // namespace
}  // namespace simt

using simt::Rows;

cudaError_t cudaMemcpy(void* target, const void* source, size_t size, cudaMemcpyKind kind) {
  return simt::and_wait(simt::copy(target, source, Rows{size, 1, 0, 0}, kind, nullptr));
}
cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t size, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return simt::copy(target, source, Rows{size, 1, 0, 0}, kind, stream);
}
cudaError_t cudaMemcpy2D(void* target, size_t target_pitch, const void* source, size_t source_pitch,
                         size_t width, size_t height, cudaMemcpyKind kind) {
  return simt::and_wait(
      simt::copy(target, source, Rows{width, height, target_pitch, source_pitch}, kind, nullptr));
}
cudaError_t cudaMemcpy2DAsync(void* target, size_t target_pitch, const void* source, size_t source_pitch,
                              size_t width, size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  return simt::copy(target, source, Rows{width, height, target_pitch, source_pitch}, kind, stream);
}
cudaError_t cudaMemset(void* target, int value, size_t size) {
  return simt::fill(target, value, Rows{size, 1, 0, 0}, nullptr);
}
cudaError_t cudaMemsetAsync(void* target, int value, size_t size, cudaStream_t stream) {
  return simt::fill(target, value, Rows{size, 1, 0, 0}, stream);
}
cudaError_t cudaMemset2D(void* target, size_t pitch, int value, size_t width, size_t height) {
  return simt::fill(target, value, Rows{width, height, pitch, 0}, nullptr);
}
cudaError_t cudaMemset2DAsync(void* target, size_t pitch, int value, size_t width, size_t height,
                              cudaStream_t stream) {
  return simt::fill(target, value, Rows{width, height, pitch, 0}, stream);
}

// A __constant__ or __device__ variable is an ordinary global here, so its symbol is its address.
cudaError_t cudaGetSymbolAddress(void** pointer, const void* symbol) {
  *pointer = const_cast<void*>(symbol);
  return cudaSuccess;
}
cudaError_t cudaMemcpyToSymbolAsync(const void* symbol, const void* source, size_t size, size_t offset,
                                    cudaMemcpyKind kind, cudaStream_t stream) {
  char* target = static_cast<char*>(const_cast<void*>(symbol)) + offset;
  return simt::copy(target, source, Rows{size, 1, 0, 0}, kind, stream);
}
cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* source, size_t size, size_t offset,
                               cudaMemcpyKind kind) {
  return simt::and_wait(cudaMemcpyToSymbolAsync(symbol, source, size, offset, kind, nullptr));
}
