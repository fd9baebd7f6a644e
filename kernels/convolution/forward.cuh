// The forward convolution for every shape: the best of our kernels for it.
#pragma once

#include <type_traits>

#include "kernels/convolution/depthwise.cuh"
#include "kernels/convolution/implicit_gemm.cuh"
#include "kernels/convolution/implicit_gemm_nhwc.cuh"
#include "kernels/gemm/sgemm.hpp"

namespace conv {

enum class Method {
  depthwise,  // bandwidth-bound: strips in registers
  matrix,     // 1 x 1 filters: a plain matrix product, nothing to gather
  quads,      // N H W C, channels a multiple of 4
  columns,    // everything else
};

// `plain`: without an epilogue, which the plain matrix product does not have. Winograd is left out: it holds
// in a norm only, and who calls this is promised the bound of a sum.
inline Method forward_method(const Sizes& z, bool plain) {
  if (is_depthwise_3x3(z)) return Method::depthwise;
  const bool nothing_to_gather = z.r == 1 && z.s == 1 && z.stride == 1 && z.pad == 0 && z.groups == 1;
  if (plain && nothing_to_gather) return Method::matrix;
  return takes_quads(implicit_forward(z)) ? Method::quads : Method::columns;
}

inline const char* name_of(Method method) {
  switch (method) {
    case Method::depthwise: return "depthwise strips";
    case Method::matrix: return "matrix product";
    case Method::quads: return "implicit GEMM, channels last";
    case Method::columns: return "implicit GEMM, cp.async";
  }
  return "?";
}

// A 1 x 1 convolution as the product that it is, over all pixels or, where images keep their channels apart,
// for each.
inline gemm::Product one_by_one(const Sizes& z, const float* x, const float* filter, float* y) {
  const int plane = z.h * z.w;
  if (z.nhwc) return gemm::row_major(z.n * plane, z.k, z.c, false, true, 1, x, z.c, filter, z.c, 0, y, z.k);
  return gemm::row_major(z.k, plane, z.c, false, false, 1, filter, z.c, x, plane, 0, y, plane, z.n, 0,
                         std::int64_t(z.c) * plane, std::int64_t(z.k) * plane);
}

inline std::size_t forward_workspace(const Sizes& z, bool plain) {
  switch (forward_method(z, plain)) {
    case Method::depthwise: return 0;
    case Method::matrix: return gemm::sgemm_workspace(one_by_one(z, nullptr, nullptr, nullptr));
    case Method::quads:
    case Method::columns: return packed_bytes(implicit_forward(z));
  }
  return 0;
}

// y = f(x (*) filter), f being Identity or AddBiasRelu. Enqueues it; pointers and workspace
// (forward_workspace bytes) 256-byte aligned. Compute capability 8.0.
template <class F>
void forward(const Sizes& z, const float* x, const float* filter, float* y, F f, void* workspace,
             cudaStream_t stream) {
  if (z.n == 0) return;
  switch (forward_method(z, std::is_same_v<F, Identity>)) {
    case Method::depthwise: return depthwise_3x3(z, x, filter, y, f, stream);
    case Method::matrix: gemm::sgemm(one_by_one(z, x, filter, y), workspace, stream); return;
    case Method::quads:
      return implicit_gemm_quads<false>(implicit_forward(z), z, x, filter, y, f, workspace, stream);
    case Method::columns:
      return implicit_gemm<false>(implicit_forward(z), z, x, filter, y, f, workspace, stream);
  }
}

}  // namespace conv
