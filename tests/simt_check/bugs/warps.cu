// Exchange within a warp: lanes that are not there, widths that are none.
#include "bug.hpp"

namespace {

template <bool right>
__global__ void warp_sum(const float* x, float* out, int n) {
  if (!right && int(threadIdx.x) >= n) return;
  float sum = int(threadIdx.x) < n ? x[threadIdx.x] : 0;
  for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(0xffffffff, sum, step);
  if (threadIdx.x == 0) *out = sum;
}
BUG(shuffle_from_lanes_that_returned, "shuffle") {
  Device<float> x(20, 1), out(1);
  right ? warp_sum<true><<<1, 32>>>(x, out, 20) : warp_sum<false><<<1, 32>>>(x, out, 20);
}

__global__ void neighbours(float* x, int width) {
  x[threadIdx.x] += __shfl_xor_sync(0xffffffff, x[threadIdx.x], 1, width);
}
BUG(shuffle_whose_width_is_no_power_of_two, "shuffle") {
  Device<float> x(32, 1);
  neighbours<<<1, 32>>>(x, right ? 8 : 12);
}

}  // namespace
