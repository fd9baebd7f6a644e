#pragma once
// Force-included before every CUDA source: NVIDIA's own headers, and what a host compiler lacks beside them.
#include "simt/hide_letters.hpp"

#ifdef __SANITIZE_THREAD__
#undef _FORTIFY_SOURCE  // the C library's own definitions of what simt/checked_ranges.hpp defines
#endif

#define lerp \
  simt_std_lerp  // C++20 puts std::lerp into the global namespace; CUDA programs are C++17 and define their
                 // own
#include <math.h>
#undef lerp
// C++17 has nothing against what C++20 deprecates.
#undef _GLIBCXX20_DEPRECATED
#undef _GLIBCXX20_DEPRECATED_SUGGEST
#define _GLIBCXX20_DEPRECATED(advice)
#define _GLIBCXX20_DEPRECATED_SUGGEST(instead)

#include <cuda_runtime.h>

#include "simt/default_stream.hpp"
#undef __shared__  // these are the rewriter's, which works on preprocessed text
#undef __global__
#undef __launch_bounds__
#undef __cluster_dims__  // refused

// Headers for nvcc alone, which programs include by name: all of it is in simt's.
#define __COMMON_FUNCTIONS_H__
#define __DEVICE_ATOMIC_FUNCTIONS_H__
#define __DEVICE_DOUBLE_FUNCTIONS_H__
#define __MATH_FUNCTIONS_H__
#define __SM_20_ATOMIC_FUNCTIONS_H__
#define __SM_20_INTRINSICS_H__
#define __SM_30_INTRINSICS_H__
#define __SM_32_ATOMIC_FUNCTIONS_H__
#define __SM_32_INTRINSICS_H__
#define __SM_35_ATOMIC_FUNCTIONS_H__
#define __SM_35_INTRINSICS_H__
#define __SM_60_ATOMIC_FUNCTIONS_H__
#define __SM_61_INTRINSICS_H__

#ifndef __clang__
#define __builtin_assume(condition) \
  static_cast<void>(0)  // nvcc's and clang's: what the optimiser may take as given
#endif
#define __assume(condition) __builtin_assume(condition)

#ifdef __SANITIZE_THREAD__  // a checked build: the rewriter is to see which variables are the device's
#undef __device__
#undef __constant__
#undef __managed__
#define __device__ __attribute__((device))
#define __constant__ __attribute__((constant))
#define __managed__ __attribute__((managed))
// A structure that a call returns into memory is stored unseen. Inlined, as nvcc inlines, it is seen.
#define __global__ __global__ __attribute__((flatten))
#endif

#include <math.h>  // with what CUDA has outside std: isnan, abs of every type, …
#include <stdlib.h>

#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#ifdef __SANITIZE_THREAD__
#include "simt/checked_ranges.hpp"
#endif
#include "simt/atomics.hpp"
#include "simt/bits.hpp"
#include "simt/cuda12.hpp"
#include "simt/dpx.hpp"
#include "simt/half.hpp"
#include "simt/launch.hpp"
#include "simt/math.hpp"
#include "simt/memory.hpp"
#include "simt/nv_atomics.hpp"
#include "simt/ptx.hpp"
#include "simt/runtime.hpp"
#include "simt/shared.hpp"
#include "simt/sync.hpp"
#include "simt/texture.hpp"
#include "simt/thread.hpp"
#include "simt/warp.hpp"

#ifndef THRUST_DEVICE_SYSTEM  // Thrust's own algorithms for a CPU, on device_vectors that kernels may read
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#endif

#ifdef __SANITIZE_THREAD__
// Checked code asks the linker for the checker, whose definitions win over libsimt's weak ones in any order.
extern "C" void simt_check_is_linked();
namespace simt {
namespace {
[[gnu::used]] void (*const the_checker)() = simt_check_is_linked;
}
}  // namespace simt
#endif

#ifdef SIMT_DEFAULT_GPU
extern "C" [[gnu::weak, gnu::used]] const char* const simt_default_gpu = SIMT_DEFAULT_GPU;
#endif

// From here on a source sees the device's side of `#ifdef __CUDA_ARCH__`. The headers that choose inline
// assembly by it are included before.
#include <cuda_fp8.h>
#if __has_include(<cuda_fp4.h>)
#include <cuda_fp4.h>
#include <cuda_fp6.h>
#endif
#ifndef SIMT_ARCH
#define SIMT_ARCH 900
#endif
#ifndef SIMT_HOST_SIDE
#define __CUDA_ARCH__ SIMT_ARCH
#else  // preprocessed only, to be joined with the device's side (rewrite/sides.hpp)
#undef __host__
#undef __device__
#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#endif
#if __has_include(<cuda/std/__cccl/compiler.h>)
#include <cuda/std/__cccl/compiler.h>  // libcu++ is to believe in a host compiler
#endif
#include "simt/show_letters.hpp"

#ifndef __CUDACC__  // programs ask whether they are compiled as CUDA; some say so themselves
#define __CUDACC__
#endif
// ... and of which release nvcc is, and what it was allowed.
#ifndef __NVCC__
#define __NVCC__
#endif
#define __CUDACC_VER_MAJOR__ (CUDART_VERSION / 1000)
#define __CUDACC_VER_MINOR__ (CUDART_VERSION % 1000 / 10)
#define __CUDACC_VER_BUILD__ 0
#define __CUDACC_EXTENDED_LAMBDA__ 1
#define __CUDACC_RELAXED_CONSTEXPR__ 1
// Whether a type is an extended lambda's: here one is like any other.
#define __nv_is_extended_device_lambda_closure_type(...) false
#define __nv_is_extended_host_device_lambda_closure_type(...) false
#define __nv_is_extended_device_lambda_with_preserved_return_type(...) false
