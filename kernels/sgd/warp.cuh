// A warp whose lanes share the work on one sample.
#pragma once

namespace sgd {

struct Warp {
  __device__ int rank() const { return static_cast<int>(threadIdx.x % 32); }
  __device__ int size() const { return 32; }
  // Of all lanes' values, the same bits in every lane: in each round, two lanes add the same two numbers.
  __device__ float sum(float v) const {
    for (int lane = 16; lane > 0; lane /= 2) v += __shfl_xor_sync(0xFFFFFFFFu, v, lane);
    return v;
  }
  __device__ float max(float v) const {
    for (int lane = 16; lane > 0; lane /= 2) v = fmaxf(v, __shfl_xor_sync(0xFFFFFFFFu, v, lane));
    return v;
  }
  __device__ void sync() const { __syncwarp(); }
};

}  // namespace sgd
