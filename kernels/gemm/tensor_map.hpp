// Tensor maps: what the copy engine (TMA, compute capability 9.0) has to know of a matrix.
#pragma once

#include <cuda.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace gemm {

// What TMA asks of a matrix: rows that start on 16-byte boundaries, fewer than 2^40 bytes apart.
inline bool tma_can_read(const float* data, std::int64_t pitch) {
  return reinterpret_cast<std::uintptr_t>(data) % 16 == 0 && pitch % 4 == 0 &&
         pitch * 4 < (std::int64_t(1) << 40);
}

// Describes `rows` rows of `columns` contiguous floats, `pitch` floats apart, to be loaded in boxes of
// box_rows x box_columns (each at most 256) that land packed. Elements beyond the matrix arrive as zeros.
// columns and rows must not be 0. The driver's function is looked up at run time, so that no program needs to
// link libcuda.
inline cudaError_t encode_tensor_map(CUtensorMap& map, const float* data, std::int64_t rows,
                                     std::int64_t columns, std::int64_t pitch, int box_rows,
                                     int box_columns) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found;
#if CUDART_VERSION >= 12050
  const cudaError_t e =
      cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12000, cudaEnableDefault, &found);
#else
  const cudaError_t e =
      cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &function, cudaEnableDefault, &found);
#endif
  if (e != cudaSuccess) return e;
  if (found != cudaDriverEntryPointSuccess) return cudaErrorInsufficientDriver;
  const cuuint64_t size[2] = {cuuint64_t(columns), cuuint64_t(rows)},
                   pitch_bytes[1] = {cuuint64_t(pitch) * 4};
  const cuuint32_t box[2] = {cuuint32_t(box_columns), cuuint32_t(box_rows)}, every[2] = {1, 1};
  const CUresult status = reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(function)(
      &map, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 2, const_cast<float*>(data), size, pitch_bytes, box, every,
      CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_NONE, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
      CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  return status == CUDA_SUCCESS ? cudaSuccess : cudaErrorInvalidValue;
}

}  // namespace gemm
