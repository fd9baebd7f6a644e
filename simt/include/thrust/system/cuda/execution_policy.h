#pragma once
// Found before Thrust's file of this name: thrust::cuda::par, par.on(stream) and par(allocator).on(stream).
// Here they wait for every stream.
#include <thrust/detail/allocator_aware_execution_policy.h>
#include <thrust/system/cpp/execution_policy.h>

#include "memory.h"
#include "simt/cuda.hpp"

THRUST_NAMESPACE_BEGIN
namespace system {
namespace cuda {

template <class Derived>
struct on_any_stream : cpp::detail::execution_policy<Derived> {
  Derived on(cudaStream_t) const { return static_cast<const Derived&>(*this); }
};
struct par_t : on_any_stream<par_t>, thrust::detail::allocator_aware_execution_policy<on_any_stream> {};
inline constexpr par_t par{}, par_nosync{};

}  // namespace cuda
}  // namespace system

namespace cuda {
using system::cuda::par;
using system::cuda::par_nosync;
}  // namespace cuda
THRUST_NAMESPACE_END
