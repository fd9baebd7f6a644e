// What the cuBLAS baselines share: one handle for the process, and errors as exceptions.
#pragma once

#include <cublas_v2.h>

#include "bench/buffers.hpp"

// Throws bench::DeviceError with the call and cuBLAS's own name for the error.
inline void check_cublas(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw bench::DeviceError(std::string(call) + ": " + cublasGetStatusName(status));
}

// The handle, made by the first call and set to the stream. It lives until the process ends: cuBLAS may be
// unloaded before static destructors run. Call it from `prepare`, too, so that no timed run creates it.
inline cublasHandle_t cublas_on(cudaStream_t stream) {
  static const cublasHandle_t handle = [] {
    cublasHandle_t h = nullptr;
    check_cublas(cublasCreate(&h), "cublasCreate");
    return h;
  }();
  check_cublas(cublasSetStream(handle, stream), "cublasSetStream");
  return handle;
}
