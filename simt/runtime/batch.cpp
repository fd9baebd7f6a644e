// Many copies in one call. They may run in any order; here, one after the other.
#include "array.hpp"
#include "state.hpp"
#include "stream.hpp"

#if CUDART_VERSION >= 12080
using simt::set_error;

namespace {
/// Copies with attributes from index `first[k]` on, in turn; false where these do not cover all copies.
bool covered(std::size_t count, const void* attributes, const std::size_t* first, std::size_t kinds) {
  if (!count || !attributes || !first || !kinds || kinds > count || first[0] != 0) return false;
  for (std::size_t i = 1; i < kinds; ++i)
    if (first[i] <= first[i - 1] || first[i] >= count) return false;
  return true;
}

cudaError_t copy_all(void* const* targets, const void* const* sources, const std::size_t* sizes,
                     std::size_t count, std::size_t* failed, cudaStream_t stream) {
  for (std::size_t i = 0; i < count; ++i) {
    if (failed) *failed = i;
    if (cudaError_t error = cudaMemcpyAsync(targets[i], sources[i], sizes[i], cudaMemcpyDefault, stream))
      return error;
  }
  return cudaSuccess;
}

cudaError_t copy(const cudaMemcpy3DBatchOp& op, cudaStream_t stream) {
  cudaMemcpy3DParms p{};
  std::size_t unit = 1;
  for (const cudaMemcpy3DOperand* side : {&op.src, &op.dst})
    if (side->type == cudaMemcpyOperandTypeArray) unit = side->op.array.array->element();
  const auto fill = [&](const cudaMemcpy3DOperand& side, cudaPitchedPtr& memory, cudaArray_t& array,
                        cudaPos& at) {
    if (side.type == cudaMemcpyOperandTypeArray) {
      const cudaOffset3D offset = side.op.array.offset;
      array = side.op.array.array;
      at = {offset.x, offset.y, offset.z};
    } else {
      const auto& [ptr, row, layer, location] = side.op.ptr;
      const std::size_t width = row ? row : op.extent.width, height = layer ? layer : op.extent.height;
      memory = {ptr, width * unit, width * unit, height};
    }
  };
  fill(op.src, p.srcPtr, p.srcArray, p.srcPos);
  fill(op.dst, p.dstPtr, p.dstArray, p.dstPos);
  p.extent = op.extent;
  p.kind = cudaMemcpyDefault;
  return cudaMemcpy3DAsync(&p, stream);
}
}  // namespace

#if CUDART_VERSION >= 13000
cudaError_t cudaMemcpyBatchAsync(void* const* targets, const void* const* sources, const size_t* sizes,
                                 size_t count, cudaMemcpyAttributes* attributes, size_t* first, size_t kinds,
                                 cudaStream_t stream) {
  size_t* failed = nullptr;
#else
cudaError_t cudaMemcpyBatchAsync(void** targets, void** sources, size_t* sizes, size_t count,
                                 cudaMemcpyAttributes* attributes, size_t* first, size_t kinds,
                                 size_t* failed, cudaStream_t stream) {
  if (failed) *failed = SIZE_MAX;
#endif
  if (!targets || !sources || !sizes || !covered(count, attributes, first, kinds) || simt::is_legacy(stream))
    return set_error(cudaErrorInvalidValue);
  return copy_all(targets, sources, sizes, count, failed, stream);
}

#if CUDART_VERSION >= 13000
cudaError_t cudaMemcpy3DBatchAsync(size_t count, cudaMemcpy3DBatchOp* copies, unsigned long long flags,
                                   cudaStream_t stream) {
#else
cudaError_t cudaMemcpy3DBatchAsync(size_t count, cudaMemcpy3DBatchOp* copies, size_t*,
                                   unsigned long long flags, cudaStream_t stream) {
#endif
  if (!count || !copies || flags || simt::is_legacy(stream)) return set_error(cudaErrorInvalidValue);
  for (size_t i = 0; i < count; ++i)
    if (cudaError_t error = copy(copies[i], stream)) return error;
  return cudaSuccess;
}
#endif
