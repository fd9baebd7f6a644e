#include "bench/tensor_rate.hpp"

#include <cstring>

#include "bench/buffers.hpp"
#include "bench/peaks.hpp"

namespace bench {
namespace {

constexpr std::size_t kWorkspace = 64 << 20;  // more than the 32 MiB that NVIDIA recommends for Hopper

void check_lt(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw DeviceError(std::string(call) + ": " + cublasLtGetStatusName(status));
}

std::size_t width(cudaDataType type) {
  switch (type) {
    case CUDA_R_64F: return 8;
    case CUDA_R_32F:
    case CUDA_R_32I: return 4;
    case CUDA_R_16F:
    case CUDA_R_16BF: return 2;
    default: return 1;
  }
}

}  // namespace

const std::vector<TensorType>& tensor_types() {
  static const std::vector<TensorType> types = {
      {"fp64", "FP64", CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F},
      {"tf32", "TF32", CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32},
      {"fp16", "FP16", CUDA_R_16F, CUDA_R_16F, CUDA_R_32F, CUBLAS_COMPUTE_32F},
      {"bf16", "BF16", CUDA_R_16BF, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F},
      {"fp8", "FP8 (E4M3)", CUDA_R_8F_E4M3, CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F},
      {"int8", "INT8", CUDA_R_8I, CUDA_R_32I, CUDA_R_32I, CUBLAS_COMPUTE_32I}};
  return types;
}

TensorProduct::TensorProduct(const TensorType& type, int n, cudaStream_t stream) : n_(n), stream_(stream) {
  const auto elements = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
  check(cudaMalloc(&left_, elements * width(type.in)), "cudaMalloc");
  check(cudaMalloc(&right_, elements * width(type.in)), "cudaMalloc");
  check(cudaMalloc(&result_, elements * width(type.out)), "cudaMalloc");
  check(cudaMalloc(&workspace_, kWorkspace), "cudaMalloc");
  probe::fill_random(stream, left_, elements, type.in);
  probe::fill_random(stream, right_, elements, type.in);
  const float one = 1;
  const double one64 = 1;
  const std::int32_t one32 = 1;
  if (type.scale == CUDA_R_64F)
    std::memcpy(one_, &one64, sizeof one64);
  else if (type.scale == CUDA_R_32I)
    std::memcpy(one_, &one32, sizeof one32);
  else
    std::memcpy(one_, &one, sizeof one);

  check_lt(cublasLtCreate(&handle_), "cublasLtCreate");
  check_lt(cublasLtMatmulDescCreate(&operation_, type.compute, type.scale), "cublasLtMatmulDescCreate");
  // A transposed is the one layout that every type has.
  const cublasOperation_t transposed = CUBLAS_OP_T;
  check_lt(
      cublasLtMatmulDescSetAttribute(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed),
      "cublasLtMatmulDescSetAttribute");
  const auto side = static_cast<std::uint64_t>(n);
  check_lt(cublasLtMatrixLayoutCreate(&a_, type.in, side, side, n), "cublasLtMatrixLayoutCreate");
  check_lt(cublasLtMatrixLayoutCreate(&d_, type.out, side, side, n), "cublasLtMatrixLayoutCreate");
  cublasLtMatmulPreference_t preference = nullptr;
  check_lt(cublasLtMatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
  const std::size_t most = kWorkspace;
  check_lt(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most,
                                                sizeof most),
           "cublasLtMatmulPreferenceSetAttribute");
  algorithms_.resize(8);
  int found = 0;
  // A GPU without the type is told by the status here.
  if (cublasLtMatmulAlgoGetHeuristic(handle_, operation_, a_, a_, d_, d_, preference,
                                     static_cast<int>(algorithms_.size()), algorithms_.data(),
                                     &found) != CUBLAS_STATUS_SUCCESS)
    found = 0;
  algorithms_.resize(static_cast<std::size_t>(found));
  std::erase_if(algorithms_, [](const auto& a) { return a.state != CUBLAS_STATUS_SUCCESS; });
  cublasLtMatmulPreferenceDestroy(preference);
}

TensorProduct::~TensorProduct() {
  cublasLtMatrixLayoutDestroy(d_);
  cublasLtMatrixLayoutDestroy(a_);
  cublasLtMatmulDescDestroy(operation_);
  cublasLtDestroy(handle_);
  for (void* p : {left_, right_, result_, workspace_}) cudaFree(p);
}

void TensorProduct::enqueue(std::size_t algorithm) const {
  check_lt(cublasLtMatmul(handle_, operation_, one_, left_, a_, right_, a_, zero_, result_, d_, result_, d_,
                          &algorithms_[algorithm].algo, workspace_, kWorkspace, stream_),
           "cublasLtMatmul");
}

}  // namespace bench
