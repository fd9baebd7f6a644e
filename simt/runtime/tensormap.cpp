#include "tensormap.hpp"

#include <cstring>

namespace simt {

unsigned TensorMap::box_bytes() const {
  unsigned bytes = element_size;
  for (unsigned d = 0; d < dimensions; ++d) bytes *= count(d);
  return bytes;
}

/// Bits 4.. are xored with bits 7..: three of them for 128 bytes, two for 64, one for 32.
unsigned swizzled(unsigned offset, unsigned swizzle) {
  switch (swizzle) {
    case CU_TENSOR_MAP_SWIZZLE_128B: return offset ^ (offset >> 7 & 7) << 4;
    case CU_TENSOR_MAP_SWIZZLE_64B: return offset ^ (offset >> 7 & 3) << 4;
    case CU_TENSOR_MAP_SWIZZLE_32B: return offset ^ (offset >> 7 & 1) << 4;
    default: return offset;
  }
}

namespace {
unsigned size_of(CUtensorMapDataType type) {
  switch (type) {
    case CU_TENSOR_MAP_DATA_TYPE_UINT8: return 1;
    case CU_TENSOR_MAP_DATA_TYPE_UINT16:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT16:
    case CU_TENSOR_MAP_DATA_TYPE_BFLOAT16: return 2;
    case CU_TENSOR_MAP_DATA_TYPE_UINT32:
    case CU_TENSOR_MAP_DATA_TYPE_INT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ: return 4;
    case CU_TENSOR_MAP_DATA_TYPE_UINT64:
    case CU_TENSOR_MAP_DATA_TYPE_INT64:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT64: return 8;
    default: return 0;
  }
}
}  // namespace
}  // namespace simt

/// The checks are those the driver's documentation lists. Interleaved layouts are not supported.
CUresult cuTensorMapEncodeTiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t dimensions,
                                void* address, const cuuint64_t* sizes, const cuuint64_t* strides,
                                const cuuint32_t* box, const cuuint32_t* steps,
                                CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                                CUtensorMapL2promotion, CUtensorMapFloatOOBfill fill) {
  if (!map || !address || !sizes || !box || !steps || dimensions < 1 || dimensions > 5)
    return CUDA_ERROR_INVALID_VALUE;
  if (interleave != CU_TENSOR_MAP_INTERLEAVE_NONE || swizzle > CU_TENSOR_MAP_SWIZZLE_128B)
    return CUDA_ERROR_NOT_SUPPORTED;
  unsigned element = simt::size_of(type);
  if (element == 0) return CUDA_ERROR_INVALID_VALUE;
  if (reinterpret_cast<std::uintptr_t>(map) % 64 || reinterpret_cast<std::uintptr_t>(address) % 16)
    return CUDA_ERROR_INVALID_VALUE;
  if (dimensions > 1 && !strides) return CUDA_ERROR_INVALID_VALUE;

  simt::TensorMap t{};
  t.mark = simt::TensorMap::valid;
  t.dimensions = std::uint8_t(dimensions);
  t.element_size = std::uint8_t(element);
  t.swizzle = std::uint8_t(swizzle);
  t.fill_nan = fill == CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA;
  t.type = std::uint8_t(type);
  t.address = reinterpret_cast<std::uint64_t>(address);
  t.stride[0] = element;
  for (unsigned d = 0; d < dimensions; ++d) {
    if (sizes[d] == 0 || sizes[d] > 0xFFFFFFFFull) return CUDA_ERROR_INVALID_VALUE;
    if (box[d] == 0 || box[d] > 256 || steps[d] == 0 || steps[d] > 8) return CUDA_ERROR_INVALID_VALUE;
    if (d > 0) {
      if (strides[d - 1] % 16 || strides[d - 1] >= std::uint64_t{1} << 40) return CUDA_ERROR_INVALID_VALUE;
      t.stride[d] = strides[d - 1];
    }
    t.size[d] = std::uint32_t(sizes[d]);
    t.box[d] = std::uint16_t(box[d]);
    t.step[d] = std::uint8_t(steps[d]);
  }
  unsigned inner = box[0] * element;
  if (inner % 16) return CUDA_ERROR_INVALID_VALUE;
  unsigned limit = swizzle == CU_TENSOR_MAP_SWIZZLE_32B    ? 32
                   : swizzle == CU_TENSOR_MAP_SWIZZLE_64B  ? 64
                   : swizzle == CU_TENSOR_MAP_SWIZZLE_128B ? 128
                                                           : ~0u;
  if (inner > limit) return CUDA_ERROR_INVALID_VALUE;
  std::memset(static_cast<void*>(map), 0, sizeof *map);
  std::memcpy(static_cast<void*>(map), &t, sizeof t);
  return CUDA_SUCCESS;
}
