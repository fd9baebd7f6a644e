// Copies and fills.
#include <cstring>
#include <memory>
#include <vector>

#include "graph.hpp"
#include "memory.hpp"
#include "simt/runtime.hpp"
#include "state.hpp"
#include "stream.hpp"

namespace simt {
void copy_now(void* target, const void* source, Rows rows) {
  for (std::size_t row = 0; row < rows.height; ++row) {
    char* to = static_cast<char*>(target) + row * rows.target_pitch;
    const char* from = static_cast<const char*>(source) + row * rows.source_pitch;
    if (observer) observer->runtime_reads(from, rows.width, {});
    std::memmove(to, from, rows.width);
    if (observer) observer->runtime_writes(to, rows.width, {});
  }
}

namespace {

/// Host memory that cudaMalloc's family does not know. Copies from it go through a buffer that is filled
/// before the call returns, and copies to it are done when it returns.
bool pageable(const void* p) { return !find_allocation(p); }

/// Bytes from the first row's begin to the last row's end.
std::size_t span(const Rows& rows, std::size_t pitch) { return (rows.height - 1) * pitch + rows.width; }

/// Whether so much of the allocation at `p` is left; memory that is none of ours is taken to suffice.
bool fits(const void* p, std::size_t size) {
  const auto found = find_allocation(p);
  return !found || static_cast<const char*>(p) + size <= found->begin + found->size;
}

/// The caller's local variables, a pointer to the device's memory among them.
bool on_stack(const void* p) {
  static thread_local const Region stack = stack_of_thread();
  return !current && stack.contains(p) && p > __builtin_frame_address(0);
}

/// Whether a side that `kind` says is the host's can be that. Of one that is the device's, only that it is
/// not on the stack: Thrust's vectors and variables are where the host's are.
bool direction_fits(const void* target, const void* source, cudaMemcpyKind kind) {
  const auto of_device = [](const void* p) {
    const auto found = find_allocation(p);
    return found && found->kind == Memory::device;
  };
  const auto of_host = [](const void* p) { return on_stack(p) && !registered(p); };
  if ((kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice) && of_host(source)) return false;
  if ((kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice) && of_host(target)) return false;
  if ((kind == cudaMemcpyHostToDevice || kind == cudaMemcpyHostToHost) && of_device(source)) return false;
  return !((kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyHostToHost) && of_device(target));
}

cudaError_t copy(void* target, const void* source, Rows rows, cudaMemcpyKind kind, cudaStream_t stream) {
  if (cudaError_t error = sticky_error()) return error;
  if (rows.width == 0 || rows.height == 0) return cudaSuccess;
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault)
    return set_error(cudaErrorInvalidMemcpyDirection);
  if (!target || !source) return set_error(cudaErrorInvalidValue);
  if (rows.height > 1 && (rows.width > rows.target_pitch || rows.width > rows.source_pitch))
    return set_error(cudaErrorInvalidPitchValue);
  if (!direction_fits(target, source, kind))
    return set_error(cudaErrorInvalidValue, "whose pointers are not where its kind says");
  if (const std::size_t read = span(rows, rows.source_pitch), written = span(rows, rows.target_pitch);
      !fits(source, read) || !fits(target, written)) {
    if (observer && !fits(source, read)) observer->copy_refused(source, read, false);
    if (observer && !fits(target, written)) observer->copy_refused(target, written, true);
    return set_error(cudaErrorInvalidValue);
  }
  const bool captured = capturing(stream);  // such a copy reads when the graph runs
  if (works_late() && !captured && kind == cudaMemcpyHostToDevice && pageable(source)) {
    auto staged = std::make_shared<std::vector<char>>(rows.width * rows.height);
    for (std::size_t row = 0; row < rows.height; ++row)
      std::memcpy(staged->data() + row * rows.width,
                  static_cast<const char*>(source) + row * rows.source_pitch, rows.width);
    rows.source_pitch = rows.width;
    return enqueue(
        stream, [=] { copy_now(target, staged->data(), rows); }, cudaGraphNodeTypeMemcpy);
  }
  CUgraphNode_st* node = nullptr;
  cudaError_t error = enqueue(
      stream, [=] { copy_now(target, source, rows); }, cudaGraphNodeTypeMemcpy, &node);
  if (node) node->copy = copy_params(target, source, rows, kind);
  if (error != cudaSuccess || captured) return error;
  note_in_flight(target, source, rows);
  return kind == cudaMemcpyDeviceToHost && pageable(target) ? cudaStreamSynchronize(stream) : error;
}

cudaError_t fill(void* target, int value, Rows rows, cudaStream_t stream) {
  if (cudaError_t error = sticky_error()) return error;
  if (rows.width == 0 || rows.height == 0) return cudaSuccess;
  if (!target) return set_error(cudaErrorInvalidValue);
  if (const std::size_t written = span(rows, rows.target_pitch); !fits(target, written)) {
    if (observer) observer->copy_refused(target, written, true);
    return set_error(cudaErrorInvalidValue);
  }
  CUgraphNode_st* node = nullptr;
  const cudaError_t error = enqueue(
      stream,
      [=] {
        for (std::size_t row = 0; row < rows.height; ++row) {
          char* to = static_cast<char*>(target) + row * rows.target_pitch;
          std::memset(to, value, rows.width);
          if (observer) observer->runtime_writes(to, rows.width, {});
        }
      },
      cudaGraphNodeTypeMemset, &node);
  if (node) node->fill = {target, rows.target_pitch, unsigned(value) & 0xff, 1, rows.width, rows.height};
  return error;
}

cudaError_t and_wait(cudaError_t error, cudaStream_t stream = nullptr) {
  return error == cudaSuccess ? cudaStreamSynchronize(stream) : error;
}

}  // namespace

void note_in_flight(void* target, const void* source, Rows rows) {
  if (!observer) return;
  const auto note = [&rows](const void* p, std::size_t pitch, bool written) {
    const auto found = find_allocation(p);
    if (found && found->kind == Memory::pinned)
      observer->host_memory_in_flight(p, span(rows, pitch), written);
  };
  note(source, rows.source_pitch, false);
  note(target, rows.target_pitch, true);
}

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

// Symbols are the host's variables.
namespace simt {
cudaError_t look_at_symbol(const void* symbol, std::size_t size, std::size_t count, std::size_t offset,
                           bool written) {
  if (offset <= size && count <= size - offset) return cudaSuccess;
  char* begin = static_cast<char*>(const_cast<void*>(symbol)) + offset;
  if (observer) observer->copy_refused(begin, count, written);
  return set_error(cudaErrorInvalidValue);
}
}  // namespace simt
cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* source, size_t size, size_t offset,
                               cudaMemcpyKind kind) {
  return cudaMemcpy(static_cast<char*>(const_cast<void*>(symbol)) + offset, source, size, kind);
}
cudaError_t cudaMemcpyToSymbolAsync(const void* symbol, const void* source, size_t size, size_t offset,
                                    cudaMemcpyKind kind, cudaStream_t stream) {
  return cudaMemcpyAsync(static_cast<char*>(const_cast<void*>(symbol)) + offset, source, size, kind, stream);
}
cudaError_t cudaMemcpyFromSymbol(void* target, const void* symbol, size_t size, size_t offset,
                                 cudaMemcpyKind kind) {
  return cudaMemcpy(target, static_cast<const char*>(symbol) + offset, size, kind);
}
cudaError_t cudaMemcpyFromSymbolAsync(void* target, const void* symbol, size_t size, size_t offset,
                                      cudaMemcpyKind kind, cudaStream_t stream) {
  return cudaMemcpyAsync(target, static_cast<const char*>(symbol) + offset, size, kind, stream);
}
cudaError_t cudaGetSymbolAddress(void** pointer, const void* symbol) {
  if (!pointer || !symbol) return simt::set_error(cudaErrorInvalidSymbol);
  *pointer = const_cast<void*>(symbol);
  return cudaSuccess;
}
cudaError_t cudaMemcpyPeer(void* target, int, const void* source, int, size_t size) {
  return cudaMemcpy(target, source, size, cudaMemcpyDeviceToDevice);
}
cudaError_t cudaMemcpyPeerAsync(void* target, int, const void* source, int, size_t size,
                                cudaStream_t stream) {
  return cudaMemcpyAsync(target, source, size, cudaMemcpyDeviceToDevice, stream);
}
