#pragma once
#include <cuda_runtime_api.h>

#include <algorithm>
#include <functional>

#include "memory.hpp"

/// A CUDA array: rows of elements without gaps, the rows of a slice, the slices (or layers).
struct cudaArray {
  cudaChannelFormatDesc format;
  cudaExtent extent;  // in elements; 0 for a dimension it has not
  unsigned flags;
  char* data;

  std::size_t element() const { return std::size_t(format.x + format.y + format.z + format.w) / 8; }
  std::size_t pitch() const { return extent.width * element(); }
  std::size_t rows() const { return std::max<std::size_t>(extent.height, 1); }
  std::size_t slices() const { return std::max<std::size_t>(extent.depth, 1); }
  char* at(std::size_t x_bytes, std::size_t y, std::size_t z = 0) const {
    return data + (z * rows() + y) * pitch() + x_bytes;
  }
};

namespace simt {
/// Calls `copy` for each slice of a copy in three dimensions.
void for_slices(const cudaMemcpy3DParms& p, const std::function<void(void*, const void*, Rows)>& copy);
}  // namespace simt
