// nvcc compiles a file twice, for the host and for the device, and programs tell the two apart by
// __CUDA_ARCH__. simt compiles once. Where the body of a function that the host may call is not the same in
// both, the one text that comes of the two chooses when it runs:
//   __host__ __device__ int f() { A }   and   { B }   ->   … { if (::simt::on_device()) { A } else { B } }
#pragma once

#include <string>
#include <string_view>

namespace simt::rewriting {

// `device` and `host`: one file, preprocessed with and without __CUDA_ARCH__, with line markers; in the
// host's, __host__ and __device__ stand as __attribute__((host)) and __attribute__((device)). What differs
// outside of bodies, in kernels, in functions for the device alone, and in bodies that hold a lambda for the
// device, is the device's. Never throws on malformed input.
std::string join_sides(std::string_view device, std::string_view host);

}  // namespace simt::rewriting
