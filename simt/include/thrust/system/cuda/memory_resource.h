#pragma once
// Found before Thrust's file of this name: device, managed and pinned memory, with pointers of the system
// that runs Thrust here.
#include <thrust/mr/fancy_pointer_resource.h>
#include <thrust/system/cpp/memory_resource.h>

#include <new>

#include "simt/cuda.hpp"

THRUST_NAMESPACE_BEGIN
namespace system {
namespace cuda {

namespace detail {
class pinned final : public mr::memory_resource<> {
 public:
  void* do_allocate(std::size_t bytes, std::size_t) override {
    void* p = nullptr;
    if (cudaMallocHost(&p, bytes ? bytes : 1) != cudaSuccess) throw std::bad_alloc();
    return p;
  }
  void do_deallocate(void* p, std::size_t, std::size_t) override { cudaFreeHost(p); }
};
}  // namespace detail

using cpp::memory_resource;
using cpp::universal_memory_resource;
using universal_host_pinned_memory_resource =
    mr::fancy_pointer_resource<detail::pinned, cpp::universal_pointer<void>>;

}  // namespace cuda
}  // namespace system

namespace cuda {
using system::cuda::memory_resource;
using system::cuda::universal_host_pinned_memory_resource;
using system::cuda::universal_memory_resource;
}  // namespace cuda
THRUST_NAMESPACE_END
