// The fastest matrix product that cuBLASLt has for a type: the measure of the tensor cores.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct TensorType {
  std::string id, title;  // "fp16", …
  cudaDataType in, out, scale;
  cublasComputeType_t compute;
};

// The types to measure; a GPU may lack some.
const std::vector<TensorType>& tensor_types();

// D = A^T * B, n x n x n, column-major, on random data: all of it made ready, to be enqueued again and again.
class TensorProduct {
 public:
  // Throws DeviceError; algorithms() is 0 where the GPU does not have the type.
  TensorProduct(const TensorType& type, int n, cudaStream_t stream);
  ~TensorProduct();
  TensorProduct(const TensorProduct&) = delete;
  TensorProduct& operator=(const TensorProduct&) = delete;

  std::size_t algorithms() const {
    return algorithms_.size();
  }  // that the heuristic offers, its favourite first
  void enqueue(std::size_t algorithm) const;
  double flops() const { return 2.0 * n_ * n_ * n_; }

 private:
  int n_;
  cudaStream_t stream_;
  cublasLtHandle_t handle_ = nullptr;
  cublasLtMatmulDesc_t operation_ = nullptr;
  cublasLtMatrixLayout_t a_ = nullptr, d_ = nullptr;  // B is laid out as A is
  void *left_ = nullptr, *right_ = nullptr, *result_ = nullptr, *workspace_ = nullptr;
  double one_[1] = {}, zero_[1] = {};  // 1 and 0 in the scale's type
  std::vector<cublasLtMatmulHeuristicResult_t> algorithms_;
};

}  // namespace bench
