// What cuBLAS's calls share: handles, scalars, what the checker is told, work of a stream.
#pragma once
#include <cblas.h>
#include <cublas_v2.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <utility>

#include "../runtime/stream.hpp"
#include "simt/observer.hpp"

struct cublasContext {
  cudaStream_t stream = nullptr;
  cublasPointerMode_t pointers = CUBLAS_POINTER_MODE_HOST;
  cublasMath_t math = CUBLAS_DEFAULT_MATH;
};

namespace simt {

inline CBLAS_TRANSPOSE transpose(cublasOperation_t op) {
  return op == CUBLAS_OP_N ? CblasNoTrans : CblasTrans;
}

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

inline cublasStatus_t queue(cublasHandle_t handle, std::function<void()> work) {
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

inline bool holds(cublasOperation_t op, int rows, int columns, int ld) {
  return ld >= std::max(1, op == CUBLAS_OP_N ? rows : columns);
}

}  // namespace simt

#define REQUIRE_HANDLE(handle) \
  if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED
#define REQUIRE(condition) \
  if (!(condition)) return CUBLAS_STATUS_INVALID_VALUE
