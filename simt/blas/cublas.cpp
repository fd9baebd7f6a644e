// cuBLAS's calls (include/cublas_v2.h) as work of a stream that OpenBLAS does.
#include <cmath>

#include "calls.hpp"

using namespace simt;

cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  REQUIRE(handle);
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  REQUIRE_HANDLE(handle);
  cudaStreamSynchronize(handle->stream);
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}
#define ATTRIBUTE(Name, T, member)                                  \
  cublasStatus_t cublasSet##Name(cublasHandle_t handle, T value) {  \
    REQUIRE_HANDLE(handle);                                         \
    handle->member = value;                                         \
    return CUBLAS_STATUS_SUCCESS;                                   \
  }                                                                 \
  cublasStatus_t cublasGet##Name(cublasHandle_t handle, T* value) { \
    REQUIRE_HANDLE(handle);                                         \
    REQUIRE(value);                                                 \
    *value = handle->member;                                        \
    return CUBLAS_STATUS_SUCCESS;                                   \
  }
ATTRIBUTE(Stream, cudaStream_t, stream)
ATTRIBUTE(PointerMode, cublasPointerMode_t, pointers)
ATTRIBUTE(MathMode, cublasMath_t, math)
cublasStatus_t cublasGetVersion(cublasHandle_t handle, int* version) {
  REQUIRE_HANDLE(handle);
  REQUIRE(version);
  *version = CUBLAS_VERSION;
  return CUBLAS_STATUS_SUCCESS;
}

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_ARCH_MISMATCH: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case CUBLAS_STATUS_MAPPING_ERROR: return "CUBLAS_STATUS_MAPPING_ERROR";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_INTERNAL_ERROR: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    case CUBLAS_STATUS_LICENSE_ERROR: return "CUBLAS_STATUS_LICENSE_ERROR";
  }
  return "an unknown status";
}
const char* cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }

/// At once where no stream is given.
static cublasStatus_t copy_matrix(int rows, int columns, int size, const void* a, int lda, void* b, int ldb,
                                  const cudaStream_t* stream) {
  REQUIRE(rows >= 0 && columns >= 0 && size > 0 && lda >= std::max(1, rows) && ldb >= std::max(1, rows));
  if (rows == 0 || columns == 0) return CUBLAS_STATUS_SUCCESS;
  const std::size_t bytes = std::size_t(size), width = rows * bytes, height = std::size_t(columns);
  const cudaError_t error =
      stream ? cudaMemcpy2DAsync(b, ldb * bytes, a, lda * bytes, width, height, cudaMemcpyDefault, *stream)
             : cudaMemcpy2D(b, ldb * bytes, a, lda * bytes, width, height, cudaMemcpyDefault);
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_MAPPING_ERROR;
}
cublasStatus_t cublasSetMatrix(int rows, int columns, int size, const void* a, int lda, void* b, int ldb) {
  return copy_matrix(rows, columns, size, a, lda, b, ldb, nullptr);
}
cublasStatus_t cublasGetMatrix(int rows, int columns, int size, const void* a, int lda, void* b, int ldb) {
  return cublasSetMatrix(rows, columns, size, a, lda, b, ldb);
}
cublasStatus_t cublasSetVector(int n, int size, const void* x, int incx, void* y, int incy) {
  return cublasSetMatrix(1, n, size, x, incx, y, incy);
}
cublasStatus_t cublasGetVector(int n, int size, const void* x, int incx, void* y, int incy) {
  return cublasSetMatrix(1, n, size, x, incx, y, incy);
}

cublasStatus_t cublasSetMatrixAsync(int rows, int columns, int size, const void* a, int lda, void* b, int ldb,
                                    cudaStream_t stream) {
  return copy_matrix(rows, columns, size, a, lda, b, ldb, &stream);
}
cublasStatus_t cublasGetMatrixAsync(int rows, int columns, int size, const void* a, int lda, void* b, int ldb,
                                    cudaStream_t stream) {
  return cublasSetMatrixAsync(rows, columns, size, a, lda, b, ldb, stream);
}
cublasStatus_t cublasSetVectorAsync(int n, int size, const void* x, int incx, void* y, int incy,
                                    cudaStream_t stream) {
  return cublasSetMatrixAsync(1, n, size, x, incx, y, incy, stream);
}
cublasStatus_t cublasGetVectorAsync(int n, int size, const void* x, int incx, void* y, int incy,
                                    cudaStream_t stream) {
  return cublasSetMatrixAsync(1, n, size, x, incx, y, incy, stream);
}

#define T float
#define CUBLAS(name) cublasS##name
#define CBLAS(name) cblas_s##name
#define CUBLAS_INDEX(name) cublasIs##name
#include "routines.inc"
#undef T
#undef CUBLAS
#undef CBLAS
#undef CUBLAS_INDEX
#define T double
#define CUBLAS(name) cublasD##name
#define CBLAS(name) cblas_d##name
#define CUBLAS_INDEX(name) cublasId##name
#include "routines.inc"
