// Products of matrices whose type is an argument.
#include <cuda_bf16.h>

#include <optional>
#include <vector>

#include "calls.hpp"

using namespace simt;

namespace {

bool is_half(cudaDataType type) { return type == CUDA_R_16F || type == CUDA_R_16BF; }

/// Columns of halves as single-precision ones, and back with rounding to nearest.
template <class Half>
std::vector<float> widened(const void* matrix, int rows, int columns, int ld) {
  const Half* from = static_cast<const Half*>(matrix);
  std::vector<float> to(std::size_t(rows) * columns);
  for (int j = 0; j < columns; ++j)
    for (int i = 0; i < rows; ++i) to[std::size_t(j) * rows + i] = float(from[std::size_t(j) * ld + i]);
  return to;
}
template <class Half>
void narrow(const std::vector<float>& from, void* matrix, int rows, int columns, int ld) {
  Half* to = static_cast<Half*>(matrix);
  for (int j = 0; j < columns; ++j)
    for (int i = 0; i < rows; ++i) to[std::size_t(j) * ld + i] = Half(from[std::size_t(j) * rows + i]);
}

struct Product {
  cublasOperation_t opa, opb;
  int m, n, k;
  const void *a, *b;
  void* c;
  int lda, ldb, ldc;
  cudaDataType type, c_type;  // of a and b, of c
  Site site;

  void run(float scale, float keep) const {
    type == CUDA_R_16F ? run<__half>(scale, keep) : run<__nv_bfloat16>(scale, keep);
  }

 private:
  template <class Half>
  void run(float scale, float keep) const {
    const int a_rows = opa == CUBLAS_OP_N ? m : k, a_columns = opa == CUBLAS_OP_N ? k : m;
    const int b_rows = opb == CUBLAS_OP_N ? k : n, b_columns = opb == CUBLAS_OP_N ? n : k;
    reads(static_cast<const Half*>(a), a_rows, a_columns, lda, site);
    reads(static_cast<const Half*>(b), b_rows, b_columns, ldb, site);
    const std::vector<float> wide_a = widened<Half>(a, a_rows, a_columns, lda);
    const std::vector<float> wide_b = widened<Half>(b, b_rows, b_columns, ldb);
    const bool half = is_half(c_type);
    if (keep != 0)
      half ? reads(static_cast<Half*>(c), m, n, ldc, site) : reads(static_cast<float*>(c), m, n, ldc, site);
    std::vector<float> wide_c = keep == 0 ? std::vector<float>(std::size_t(m) * n)
                                : half    ? widened<Half>(c, m, n, ldc)
                                          : widened<float>(c, m, n, ldc);
    cblas_sgemm(CblasColMajor, transpose(opa), transpose(opb), m, n, k, scale, wide_a.data(),
                std::max(a_rows, 1), wide_b.data(), std::max(b_rows, 1), keep, wide_c.data(), m);
    half ? narrow<Half>(wide_c, c, m, n, ldc) : narrow<float>(wide_c, c, m, n, ldc);
    half ? writes(static_cast<Half*>(c), m, n, ldc, site) : writes(static_cast<float*>(c), m, n, ldc, site);
  }
};

}  // namespace

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t opa, cublasOperation_t opb,
                                          int m, int n, int k, const void* alpha, const void* a,
                                          cudaDataType a_type, int lda, long long stride_a, const void* b,
                                          cudaDataType b_type, int ldb, long long stride_b, const void* beta,
                                          void* c, cudaDataType c_type, int ldc, long long stride_c,
                                          int count, cublasComputeType_t compute, cublasGemmAlgo_t,
                                          Site site) {
  REQUIRE_HANDLE(handle);
  const auto plain = [&]<class T>(auto call, T) {
    return call(handle, opa, opb, m, n, k, static_cast<const T*>(alpha), static_cast<const T*>(a), lda,
                stride_a, static_cast<const T*>(b), ldb, stride_b, static_cast<const T*>(beta),
                static_cast<T*>(c), ldc, stride_c, count, site);
  };
  const bool doubles = compute == CUBLAS_COMPUTE_64F || compute == CUBLAS_COMPUTE_64F_PEDANTIC;
  const bool halves = compute == CUBLAS_COMPUTE_16F || compute == CUBLAS_COMPUTE_16F_PEDANTIC;
  if (a_type != b_type || (c_type != a_type && c_type != CUDA_R_32F)) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (a_type == CUDA_R_64F && c_type == a_type && doubles) return plain(cublasDgemmStridedBatched, double());
  if (a_type == CUDA_R_32F && !doubles && !halves) return plain(cublasSgemmStridedBatched, float());
  if (!is_half(a_type) || doubles || (halves && (a_type != CUDA_R_16F || c_type != CUDA_R_16F)))
    return CUBLAS_STATUS_NOT_SUPPORTED;

  REQUIRE(m >= 0 && n >= 0 && k >= 0 && count >= 0 && alpha && beta);
  REQUIRE(holds(opa, m, k, lda) && holds(opb, k, n, ldb) && ldc >= std::max(1, m));
  if (m == 0 || n == 0) return CUBLAS_STATUS_SUCCESS;
  // alpha and beta are of the type of the sums.
  using Value = std::function<float()>;
  const auto scalar = [&](const void* p) -> Value {
    if (halves)
      return
          [s = Scalar<__half>(handle, static_cast<const __half*>(p)), site] { return float(s.value(site)); };
    return [s = Scalar<float>(handle, static_cast<const float*>(p)), site] { return s.value(site); };
  };
  const long long c_size = is_half(c_type) ? 2 : 4;
  return queue(handle, [=, by = scalar(alpha), plus = scalar(beta)] {
    const float scale = by(), keep = plus();
    for (int i = 0; i < count; ++i)
      Product{opa,
              opb,
              m,
              n,
              k,
              static_cast<const char*>(a) + 2 * i * stride_a,
              static_cast<const char*>(b) + 2 * i * stride_b,
              static_cast<char*>(c) + c_size * i * stride_c,
              lda,
              ldb,
              ldc,
              a_type,
              c_type,
              site}
          .run(scale, keep);
  });
}
cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t opa, cublasOperation_t opb, int m, int n,
                            int k, const void* alpha, const void* a, cudaDataType a_type, int lda,
                            const void* b, cudaDataType b_type, int ldb, const void* beta, void* c,
                            cudaDataType c_type, int ldc, cublasComputeType_t compute,
                            cublasGemmAlgo_t algorithm, Site site) {
  return cublasGemmStridedBatchedEx(handle, opa, opb, m, n, k, alpha, a, a_type, lda, 0, b, b_type, ldb, 0,
                                    beta, c, c_type, ldc, 0, 1, compute, algorithm, site);
}
cublasStatus_t cublasHgemm(cublasHandle_t handle, cublasOperation_t opa, cublasOperation_t opb, int m, int n,
                           int k, const __half* alpha, const __half* a, int lda, const __half* b, int ldb,
                           const __half* beta, __half* c, int ldc, Site site) {
  return cublasGemmEx(handle, opa, opb, m, n, k, alpha, a, CUDA_R_16F, lda, b, CUDA_R_16F, ldb, beta, c,
                      CUDA_R_16F, ldc, CUBLAS_COMPUTE_16F, CUBLAS_GEMM_DEFAULT, site);
}
