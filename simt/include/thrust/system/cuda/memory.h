#pragma once
// Found before Thrust's file of this name: pointers, memory and vectors of thrust::cuda are those of the
// system that runs Thrust here.
#include <thrust/system/cpp/memory.h>
#include <thrust/system/cpp/vector.h>

THRUST_NAMESPACE_BEGIN
namespace system {
namespace cuda {
using cpp::allocator, cpp::universal_allocator;
using cpp::free, cpp::malloc;
using cpp::pointer, cpp::universal_pointer;
using cpp::tag, cpp::universal_vector, cpp::vector;
}  // namespace cuda
}  // namespace system

namespace cuda {
using system::cuda::allocator, system::cuda::universal_allocator;
using system::cuda::free, system::cuda::malloc;
using system::cuda::pointer, system::cuda::universal_pointer;
using system::cuda::tag, system::cuda::universal_vector, system::cuda::vector;
}  // namespace cuda
THRUST_NAMESPACE_END
