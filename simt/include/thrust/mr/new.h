#pragma once
// Found before Thrust's file of this name: device_vector's memory in Thrust's host-only system, which is managed
// memory here, so that kernels may read it.
#include <thrust/mr/memory_resource.h>

#include "simt/cuda.hpp"

THRUST_NAMESPACE_BEGIN
namespace mr {

class new_delete_resource final : public memory_resource<> {
 public:
  void* do_allocate(std::size_t bytes, std::size_t) override {
    void* p = nullptr;
    if (cudaMallocManaged(&p, bytes ? bytes : 1) != cudaSuccess) throw std::bad_alloc();
    return p;
  }
  void do_deallocate(void* p, std::size_t, std::size_t) override { cudaFree(p); }
};

}  // namespace mr
THRUST_NAMESPACE_END
