// Rows moved four floats (16 bytes) at a time, with a tail that may be shorter.
#pragma once

namespace gemm {

// The four floats at `from`, of which the first `valid` (any number; below 0 is 0, above 4 is 4) exist; the
// others are zero and their memory is not touched. `from` must be 16-byte aligned.
__device__ inline float4 load_quad(const float* from, int valid) {
  if (valid >= 4) return *reinterpret_cast<const float4*>(from);
  return {valid > 0 ? from[0] : 0, valid > 1 ? from[1] : 0, valid > 2 ? from[2] : 0, 0};
}

// c[0..3] = alpha * sum[0..3] + beta * c[0..3] for the first `valid` of the four. With beta == 0, c is not
// read. `aligned` promises that c is 16-byte aligned.
__device__ inline void store_quad(float* c, const float* sum, float alpha, float beta, int valid,
                                  bool aligned) {
  if (valid >= 4 && aligned) {
    float4 value = {alpha * sum[0], alpha * sum[1], alpha * sum[2], alpha * sum[3]};
    if (beta != 0) {
      const float4 old = *reinterpret_cast<const float4*>(c);
      value.x += beta * old.x, value.y += beta * old.y, value.z += beta * old.z, value.w += beta * old.w;
    }
    *reinterpret_cast<float4*>(c) = value;
    return;
  }
#pragma unroll
  for (int s = 0; s < 4; ++s)
    if (s < valid) c[s] = alpha * sum[s] + (beta == 0 ? 0 : beta * c[s]);
}

}  // namespace gemm
