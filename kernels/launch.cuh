// Choosing a grid.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>

// How many tiles of size `tile` cover `size`.
constexpr std::int64_t ceil_div(std::int64_t size, std::int64_t tile) { return (size + tile - 1) / tile; }

// Blocks of `threads` threads (without dynamic shared memory) for a loop over `items` items, one a thread and
// step: as many as have work, at most as many as the current device holds at once. At least one: a launch
// with none is an error.
template <class Kernel>
unsigned grid_stride_blocks(Kernel* kernel, int threads, std::int64_t items) {
  int device = 0, multiprocessors = 1, blocks = 1;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
  cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, reinterpret_cast<const void*>(kernel), threads, 0);
  const std::int64_t resident = std::max(multiprocessors * blocks, 1);
  return static_cast<unsigned>(std::clamp<std::int64_t>(ceil_div(items, threads), 1, resident));
}
