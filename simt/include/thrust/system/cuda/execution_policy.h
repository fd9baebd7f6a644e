#pragma once
// Found before Thrust's file of this name: thrust::cuda::par and par.on(stream). Here they wait for every
// stream.
#include <thrust/detail/allocator_aware_execution_policy.h>
#include <thrust/system/cpp/execution_policy.h>

#include "simt/cuda.hpp"

THRUST_NAMESPACE_BEGIN
namespace system {
namespace cuda {

struct par_t : cpp::detail::execution_policy<par_t>,
               thrust::detail::allocator_aware_execution_policy<cpp::detail::execution_policy> {
  par_t on(cudaStream_t) const { return {}; }
};
inline constexpr par_t par{}, par_nosync{};

}  // namespace cuda
}  // namespace system

namespace cuda {
using system::cuda::par;
using system::cuda::par_nosync;
}  // namespace cuda
THRUST_NAMESPACE_END
