#pragma once
// The part of cuBLAS that simt provides, over OpenBLAS: handles, and GEMM, GEMV, GEAM, GER, AXPY, DOT, NRM2,
// ASUM, SCAL, COPY, SWAP, AMAX and AMIN in single and double precision; GEMM in half precisions too. Names
// and meanings are those of NVIDIA's cuBLAS documentation: matrices are column-major, calls run in the order
// of the handle's stream. What is missing here does not compile.
#include <cuComplex.h>  // with <math.h>, as programs expect of cuBLAS's header
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <library_types.h>

#include "simt/hide_letters.hpp"
#include "simt/site.hpp"

#define CUBLAS_VERSION 130000
#define CUBLAS_V2_H_  // helper headers ask by these whether cuBLAS is there
#define CUBLAS_API_H_

struct cublasContext;
using cublasHandle_t = cublasContext*;

enum cublasStatus_t {
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_NOT_INITIALIZED = 1,
  CUBLAS_STATUS_ALLOC_FAILED = 3,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_ARCH_MISMATCH = 8,
  CUBLAS_STATUS_MAPPING_ERROR = 11,
  CUBLAS_STATUS_EXECUTION_FAILED = 13,
  CUBLAS_STATUS_INTERNAL_ERROR = 14,
  CUBLAS_STATUS_NOT_SUPPORTED = 15,
  CUBLAS_STATUS_LICENSE_ERROR = 16
};
enum cublasOperation_t { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1, CUBLAS_OP_C = 2 };
enum cublasPointerMode_t { CUBLAS_POINTER_MODE_HOST = 0, CUBLAS_POINTER_MODE_DEVICE = 1 };
enum cublasMath_t {  // kept, and of no effect: arithmetic is in the operands' type
  CUBLAS_DEFAULT_MATH = 0,
  CUBLAS_TENSOR_OP_MATH = 1,
  CUBLAS_PEDANTIC_MATH = 2,
  CUBLAS_TF32_TENSOR_OP_MATH = 3
};
enum cublasComputeType_t {  // of no effect but for the type of alpha and beta: FP32 is FP32
  CUBLAS_COMPUTE_16F = 64,
  CUBLAS_COMPUTE_16F_PEDANTIC = 65,
  CUBLAS_COMPUTE_32F = 68,
  CUBLAS_COMPUTE_32F_PEDANTIC = 69,
  CUBLAS_COMPUTE_64F = 70,
  CUBLAS_COMPUTE_64F_PEDANTIC = 71,
  CUBLAS_COMPUTE_32F_FAST_16F = 74,
  CUBLAS_COMPUTE_32F_FAST_16BF = 75,
  CUBLAS_COMPUTE_32F_FAST_TF32 = 77
};
enum cublasGemmAlgo_t {
  CUBLAS_GEMM_DFALT = -1,
  CUBLAS_GEMM_DEFAULT = -1,
  CUBLAS_GEMM_DEFAULT_TENSOR_OP = 99
};

cublasStatus_t cublasCreate(cublasHandle_t* handle);
cublasStatus_t cublasDestroy(cublasHandle_t handle);
cublasStatus_t cublasGetVersion(cublasHandle_t handle, int* version);
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream);
cublasStatus_t cublasGetStream(cublasHandle_t handle, cudaStream_t* stream);
cublasStatus_t cublasSetPointerMode(cublasHandle_t handle, cublasPointerMode_t mode);
cublasStatus_t cublasGetPointerMode(cublasHandle_t handle, cublasPointerMode_t* mode);
cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode);
cublasStatus_t cublasGetMathMode(cublasHandle_t handle, cublasMath_t* mode);
const char* cublasGetStatusName(cublasStatus_t status);
const char* cublasGetStatusString(cublasStatus_t status);
cublasStatus_t cublasSetVector(int n, int size, const void* x, int incx, void* device, int incy);
cublasStatus_t cublasGetVector(int n, int size, const void* device, int incx, void* y, int incy);
cublasStatus_t cublasSetMatrix(int rows, int columns, int size, const void* a, int lda, void* device,
                               int ldb);
cublasStatus_t cublasGetMatrix(int rows, int columns, int size, const void* device, int lda, void* b,
                               int ldb);
cublasStatus_t cublasSetVectorAsync(int n, int size, const void* x, int incx, void* device, int incy,
                                    cudaStream_t stream);
cublasStatus_t cublasGetVectorAsync(int n, int size, const void* device, int incx, void* y, int incy,
                                    cudaStream_t stream);
cublasStatus_t cublasSetMatrixAsync(int rows, int columns, int size, const void* a, int lda, void* device,
                                    int ldb, cudaStream_t stream);
cublasStatus_t cublasGetMatrixAsync(int rows, int columns, int size, const void* device, int lda, void* b,
                                    int ldb, cudaStream_t stream);

#define SIMT_BLAS(S, s, T)                                                                                   \
  cublasStatus_t cublas##S##gemm(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,  \
                                 const T* alpha, const T* a, int lda, const T* b, int ldb, const T* beta,    \
                                 T* c, int ldc, simt::Site = simt::Site::here());                            \
  cublasStatus_t cublas##S##gemmStridedBatched(                                                              \
      cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k, const T* alpha, const T* a, \
      int lda, long long stride_a, const T* b, int ldb, long long stride_b, const T* beta, T* c, int ldc,    \
      long long stride_c, int count, simt::Site = simt::Site::here());                                       \
  cublasStatus_t cublas##S##gemmBatched(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n,  \
                                        int k, const T* alpha, const T* const* a, int lda,                   \
                                        const T* const* b, int ldb, const T* beta, T* const* c, int ldc,     \
                                        int count, simt::Site = simt::Site::here());                         \
  cublasStatus_t cublas##S##ger(cublasHandle_t, int m, int n, const T* alpha, const T* x, int incx,          \
                                const T* y, int incy, T* a, int lda, simt::Site = simt::Site::here());       \
  cublasStatus_t cublas##S##copy(cublasHandle_t, int n, const T* x, int incx, T* y, int incy,                \
                                 simt::Site = simt::Site::here());                                           \
  cublasStatus_t cublas##S##swap(cublasHandle_t, int n, T* x, int incx, T* y, int incy,                      \
                                 simt::Site = simt::Site::here());                                           \
  cublasStatus_t cublas##S##asum(cublasHandle_t, int n, const T* x, int incx, T* result,                     \
                                 simt::Site = simt::Site::here());                                           \
  cublasStatus_t cublasI##s##amax(cublasHandle_t, int n, const T* x, int incx, int* result,                  \
                                  simt::Site = simt::Site::here());                                          \
  cublasStatus_t cublasI##s##amin(cublasHandle_t, int n, const T* x, int incx, int* result,                  \
                                  simt::Site = simt::Site::here());                                          \
  cublasStatus_t cublas##S##gemv(cublasHandle_t, cublasOperation_t, int m, int n, const T* alpha,            \
                                 const T* a, int lda, const T* x, int incx, const T* beta, T* y, int incy,   \
                                 simt::Site = simt::Site::here());                                           \
  cublasStatus_t cublas##S##geam(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n,         \
                                 const T* alpha, const T* a, int lda, const T* beta, const T* b, int ldb,    \
                                 T* c, int ldc, simt::Site = simt::Site::here());                            \
  cublasStatus_t cublas##S##axpy(cublasHandle_t, int n, const T* alpha, const T* x, int incx, T* y,          \
                                 int incy, simt::Site = simt::Site::here());                                 \
  cublasStatus_t cublas##S##dot(cublasHandle_t, int n, const T* x, int incx, const T* y, int incy,           \
                                T* result, simt::Site = simt::Site::here());                                 \
  cublasStatus_t cublas##S##nrm2(cublasHandle_t, int n, const T* x, int incx, T* result,                     \
                                 simt::Site = simt::Site::here());                                           \
  cublasStatus_t cublas##S##scal(cublasHandle_t, int n, const T* alpha, T* x, int incx,                      \
                                 simt::Site = simt::Site::here());
SIMT_BLAS(S, s, float)
SIMT_BLAS(D, d, double)
#undef SIMT_BLAS

/// Matrices of CUDA_R_16F, 16BF, 32F or 64F, a and b of one type, c of the same or CUDA_R_32F; sums in single
/// precision, or in double where the matrices are. Others: CUBLAS_STATUS_NOT_SUPPORTED.
cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n,
                                          int k, const void* alpha, const void* a, cudaDataType a_type,
                                          int lda, long long stride_a, const void* b, cudaDataType b_type,
                                          int ldb, long long stride_b, const void* beta, void* c,
                                          cudaDataType c_type, int ldc, long long stride_c, int count,
                                          cublasComputeType_t, cublasGemmAlgo_t,
                                          simt::Site = simt::Site::here());
cublasStatus_t cublasGemmEx(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,
                            const void* alpha, const void* a, cudaDataType a_type, int lda, const void* b,
                            cudaDataType b_type, int ldb, const void* beta, void* c, cudaDataType c_type,
                            int ldc, cublasComputeType_t, cublasGemmAlgo_t, simt::Site = simt::Site::here());
cublasStatus_t cublasHgemm(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,
                           const __half* alpha, const __half* a, int lda, const __half* b, int ldb,
                           const __half* beta, __half* c, int ldc, simt::Site = simt::Site::here());

#include "simt/show_letters.hpp"
