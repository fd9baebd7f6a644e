#pragma once
// Found before Thrust's file of this name. What Thrust's algorithms for the host allocate, device_vector's elements
// among it, kernels may read: managed memory.
#include <thrust/detail/config.h>
#include <thrust/detail/raw_pointer_cast.h>
#include <thrust/system/detail/sequential/execution_policy.h>

#include "simt/cuda.hpp"

THRUST_NAMESPACE_BEGIN
namespace system {
namespace detail {
namespace sequential {

template <typename Policy>
void* malloc(execution_policy<Policy>&, std::size_t n) {
  void* p = nullptr;
  return cudaMallocManaged(&p, n) == cudaSuccess ? p : nullptr;
}
template <typename Policy, typename Pointer>
void free(execution_policy<Policy>&, Pointer p) {
  (void)cudaFree(thrust::raw_pointer_cast(p));
}

}  // namespace sequential
}  // namespace detail
}  // namespace system
THRUST_NAMESPACE_END
