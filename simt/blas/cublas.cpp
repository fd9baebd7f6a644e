// cuBLAS's calls (include/cublas_v2.h) as work of a stream that OpenBLAS does.
#include <cblas.h>
#include <cublas_v2.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "../runtime/stream.hpp"
#include "simt/observer.hpp"

struct cublasContext {
  cudaStream_t stream = nullptr;
  cublasPointerMode_t pointers = CUBLAS_POINTER_MODE_HOST;
  cublasMath_t math = CUBLAS_DEFAULT_MATH;
};

namespace simt {
namespace {

CBLAS_TRANSPOSE transpose(cublasOperation_t op) { return op == CUBLAS_OP_N ? CblasNoTrans : CblasTrans; }

/// alpha or beta: the host's is read at the call, the device's when the work runs.
template <class T>
struct Scalar {
  const T* device;
  T host;
  Scalar(cublasHandle_t handle, const T* p)
      : device(handle->pointers == CUBLAS_POINTER_MODE_DEVICE ? p : nullptr), host(device ? T() : *p) {}
  T value(Site site) const {
    if (device && observer) observer->runtime_reads(device, sizeof(T), site);
    return device ? *device : host;
  }
};

// What the checker is told of operands: columns of a matrix, or the elements of a vector.
template <class T>
void reads(const T* a, int rows, int columns, long long ld, Site site) {
  for (int j = 0; observer && rows > 0 && j < columns; ++j)
    observer->runtime_reads(a + j * ld, rows * sizeof(T), site);
}
template <class T>
void writes(T* a, int rows, int columns, long long ld, Site site) {
  for (int j = 0; observer && rows > 0 && j < columns; ++j)
    observer->runtime_writes(a + j * ld, rows * sizeof(T), site);
}
template <class T>
void vector_reads(const T* x, int n, int inc, Site site) {
  inc == 1 ? reads(x, n, 1, n, site) : reads(x, 1, n, std::abs(inc), site);
}
template <class T>
void vector_writes(T* x, int n, int inc, Site site) {
  inc == 1 ? writes(x, n, 1, n, site) : writes(x, 1, n, std::abs(inc), site);
}

cublasStatus_t queue(cublasHandle_t handle, std::function<void()> work) {
  cudaError_t error = enqueue(handle->stream, std::move(work), cudaGraphNodeTypeHost);
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

/// A result goes to the host, whose call waits for it, or to the device.
template <class T, class F>
cublasStatus_t reduce(cublasHandle_t handle, T* result, Site site, F&& compute) {
  const bool to_device = handle->pointers == CUBLAS_POINTER_MODE_DEVICE;
  cublasStatus_t status = queue(handle, [=] {
    *result = compute();
    if (to_device) writes(result, 1, 1, 1, site);
  });
  if (!to_device && cudaStreamSynchronize(handle->stream) != cudaSuccess)
    return CUBLAS_STATUS_EXECUTION_FAILED;
  return status;
}

bool holds(cublasOperation_t op, int rows, int columns, int ld) {
  return ld >= std::max(1, op == CUBLAS_OP_N ? rows : columns);
}

}  // namespace
}  // namespace simt

using namespace simt;

#define REQUIRE_HANDLE(handle) \
  if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED
#define REQUIRE(condition) \
  if (!(condition)) return CUBLAS_STATUS_INVALID_VALUE

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
