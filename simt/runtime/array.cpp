// CUDA arrays, and copies to and from them.
#include "array.hpp"

#include "memory.hpp"
#include "state.hpp"

using simt::set_error;

cudaError_t cudaMalloc3DArray(cudaArray_t* array, const cudaChannelFormatDesc* format, cudaExtent extent,
                              unsigned flags) {
  if (!array || !format || extent.width == 0) return set_error(cudaErrorInvalidValue);
  cudaArray made{*format, extent, flags, nullptr};
  if (made.element() == 0) return set_error(cudaErrorInvalidChannelDescriptor);
  void* data = simt::allocate(made.pitch() * made.rows() * made.slices(), simt::Memory::device);
  if (!data) return set_error(cudaErrorMemoryAllocation);
  made.data = static_cast<char*>(data);
  *array = new cudaArray(made);
  return cudaSuccess;
}
cudaError_t cudaMallocArray(cudaArray_t* array, const cudaChannelFormatDesc* format, size_t width,
                            size_t height, unsigned flags) {
  return cudaMalloc3DArray(array, format, {width, height, 0}, flags);
}
cudaError_t cudaFreeArray(cudaArray_t array) {
  if (!array) return cudaSuccess;
  const cudaError_t error = cudaFree(array->data);
  delete array;
  return error;
}
cudaError_t cudaArrayGetInfo(cudaChannelFormatDesc* format, cudaExtent* extent, unsigned* flags,
                             cudaArray_t array) {
  if (!array) return set_error(cudaErrorInvalidResourceHandle);
  if (format) *format = array->format;
  if (extent) *extent = array->extent;
  if (flags) *flags = array->flags;
  return cudaSuccess;
}
cudaError_t cudaGetChannelDesc(cudaChannelFormatDesc* format, cudaArray_const_t array) {
  if (!format || !array) return set_error(cudaErrorInvalidValue);
  *format = array->format;
  return cudaSuccess;
}
cudaChannelFormatDesc cudaCreateChannelDesc(int x, int y, int z, int w, cudaChannelFormatKind kind) {
  return {x, y, z, w, kind};
}

// Offsets and widths are bytes, heights rows.
cudaError_t cudaMemcpy2DToArrayAsync(cudaArray_t to, size_t x, size_t y, const void* from, size_t pitch,
                                     size_t width, size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  if (!to || x + width > to->pitch() || y + height > to->rows()) return set_error(cudaErrorInvalidValue);
  return cudaMemcpy2DAsync(to->at(x, y), to->pitch(), from, pitch, width, height, kind, stream);
}
cudaError_t cudaMemcpy2DToArray(cudaArray_t to, size_t x, size_t y, const void* from, size_t pitch,
                                size_t width, size_t height, cudaMemcpyKind kind) {
  if (!to || x + width > to->pitch() || y + height > to->rows()) return set_error(cudaErrorInvalidValue);
  return cudaMemcpy2D(to->at(x, y), to->pitch(), from, pitch, width, height, kind);
}
cudaError_t cudaMemcpy2DFromArrayAsync(void* to, size_t pitch, cudaArray_const_t from, size_t x, size_t y,
                                       size_t width, size_t height, cudaMemcpyKind kind,
                                       cudaStream_t stream) {
  if (!from || x + width > from->pitch() || y + height > from->rows())
    return set_error(cudaErrorInvalidValue);
  return cudaMemcpy2DAsync(to, pitch, from->at(x, y), from->pitch(), width, height, kind, stream);
}
cudaError_t cudaMemcpy2DFromArray(void* to, size_t pitch, cudaArray_const_t from, size_t x, size_t y,
                                  size_t width, size_t height, cudaMemcpyKind kind) {
  if (!from || x + width > from->pitch() || y + height > from->rows())
    return set_error(cudaErrorInvalidValue);
  return cudaMemcpy2D(to, pitch, from->at(x, y), from->pitch(), width, height, kind);
}
cudaError_t cudaMemcpy2DArrayToArray(cudaArray_t to, size_t to_x, size_t to_y, cudaArray_const_t from,
                                     size_t x, size_t y, size_t width, size_t height, cudaMemcpyKind kind) {
  if (!from || x + width > from->pitch() || y + height > from->rows())
    return set_error(cudaErrorInvalidValue);
  return cudaMemcpy2DToArray(to, to_x, to_y, from->at(x, y), from->pitch(), width, height, kind);
}

// The older calls: `bytes` that may run on from row to row.
static bool holds(cudaArray_const_t array, size_t x, size_t y, size_t bytes) {
  return array && y * array->pitch() + x + bytes <= array->pitch() * array->rows();
}
cudaError_t cudaMemcpyToArray(cudaArray_t to, size_t x, size_t y, const void* from, size_t bytes,
                              cudaMemcpyKind kind) {
  if (!holds(to, x, y, bytes)) return set_error(cudaErrorInvalidValue);
  return cudaMemcpy(to->at(x, y), from, bytes, kind);
}
cudaError_t cudaMemcpyToArrayAsync(cudaArray_t to, size_t x, size_t y, const void* from, size_t bytes,
                                   cudaMemcpyKind kind, cudaStream_t stream) {
  if (!holds(to, x, y, bytes)) return set_error(cudaErrorInvalidValue);
  return cudaMemcpyAsync(to->at(x, y), from, bytes, kind, stream);
}
cudaError_t cudaMemcpyFromArray(void* to, cudaArray_const_t from, size_t x, size_t y, size_t bytes,
                                cudaMemcpyKind kind) {
  if (!holds(from, x, y, bytes)) return set_error(cudaErrorInvalidValue);
  return cudaMemcpy(to, from->at(x, y), bytes, kind);
}
cudaError_t cudaMemcpyFromArrayAsync(void* to, cudaArray_const_t from, size_t x, size_t y, size_t bytes,
                                     cudaMemcpyKind kind, cudaStream_t stream) {
  if (!holds(from, x, y, bytes)) return set_error(cudaErrorInvalidValue);
  return cudaMemcpyAsync(to, from->at(x, y), bytes, kind, stream);
}

cudaError_t cudaMemcpyArrayToArray(cudaArray_t to, size_t to_x, size_t to_y, cudaArray_const_t from, size_t x,
                                   size_t y, size_t bytes, cudaMemcpyKind kind) {
  if (!holds(from, x, y, bytes) || !holds(to, to_x, to_y, bytes)) return set_error(cudaErrorInvalidValue);
  return cudaMemcpy(to->at(to_x, to_y), from->at(x, y), bytes, kind);
}

// Of the two ends of a copy, each an array or pitched memory. With an array, widths and x positions count its
// elements.
void simt::for_slices(const cudaMemcpy3DParms& p, const std::function<void(void*, const void*, Rows)>& copy) {
  const cudaArray* array = p.srcArray ? p.srcArray : p.dstArray;
  const size_t unit = array ? array->element() : 1;
  const Rows rows{p.extent.width * unit, p.extent.height, p.dstArray ? p.dstArray->pitch() : p.dstPtr.pitch,
                  p.srcArray ? p.srcArray->pitch() : p.srcPtr.pitch};
  const auto place = [unit](cudaArray_t a, const cudaPitchedPtr& memory, const cudaPos& pos, size_t z) {
    const size_t row = (pos.z + z) * (a ? a->rows() : memory.ysize) + pos.y;
    char* base = a ? a->data : static_cast<char*>(memory.ptr);
    return base + row * (a ? a->pitch() : memory.pitch) + pos.x * unit;
  };
  for (size_t z = 0; z < p.extent.depth; ++z)
    copy(place(p.dstArray, p.dstPtr, p.dstPos, z), place(p.srcArray, p.srcPtr, p.srcPos, z), rows);
}
cudaError_t cudaMemcpy3DAsync(const cudaMemcpy3DParms* p, cudaStream_t stream) {
  if (!p) return set_error(cudaErrorInvalidValue);
  cudaError_t error = cudaSuccess;
  simt::for_slices(*p, [&](void* to, const void* from, simt::Rows rows) {
    if (error == cudaSuccess)
      error = cudaMemcpy2DAsync(to, rows.target_pitch, from, rows.source_pitch, rows.width, rows.height,
                                p->kind, stream);
  });
  return error;
}
cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms* p) {
  const cudaError_t error = cudaMemcpy3DAsync(p, nullptr);
  return error == cudaSuccess ? cudaStreamSynchronize(nullptr) : error;
}
namespace {
cudaMemcpy3DParms of_one_device(const cudaMemcpy3DPeerParms& p) {
  cudaMemcpy3DParms copy{};
  copy.srcArray = p.srcArray, copy.srcPos = p.srcPos, copy.srcPtr = p.srcPtr;
  copy.dstArray = p.dstArray, copy.dstPos = p.dstPos, copy.dstPtr = p.dstPtr;
  copy.extent = p.extent, copy.kind = cudaMemcpyDeviceToDevice;
  return copy;
}
}  // namespace
cudaError_t cudaMemcpy3DPeerAsync(const cudaMemcpy3DPeerParms* p, cudaStream_t stream) {
  if (!p) return set_error(cudaErrorInvalidValue);
  if (p->srcDevice != 0 || p->dstDevice != 0) return set_error(cudaErrorInvalidDevice);
  const cudaMemcpy3DParms copy = of_one_device(*p);
  return cudaMemcpy3DAsync(&copy, stream);
}
cudaError_t cudaMemcpy3DPeer(const cudaMemcpy3DPeerParms* p) {
  const cudaError_t error = cudaMemcpy3DPeerAsync(p, nullptr);
  return error == cudaSuccess ? cudaStreamSynchronize(nullptr) : error;
}
cudaError_t cudaMemset3DAsync(cudaPitchedPtr memory, int value, cudaExtent extent, cudaStream_t stream) {
  for (size_t z = 0; z < extent.depth; ++z)
    if (cudaError_t error =
            cudaMemset2DAsync(static_cast<char*>(memory.ptr) + z * memory.ysize * memory.pitch, memory.pitch,
                              value, extent.width, extent.height, stream))
      return error;
  return cudaSuccess;
}
cudaError_t cudaMemset3D(cudaPitchedPtr memory, int value, cudaExtent extent) {
  return cudaMemset3DAsync(memory, value, extent, nullptr);
}
