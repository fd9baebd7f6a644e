#pragma once
// Function objects and iterators that CUB had until CUDA 13.
#include <cuda_runtime.h>

#if CUDART_VERSION >= 13000
#include <thrust/iterator/constant_iterator.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/discard_iterator.h>
#include <thrust/iterator/transform_iterator.h>

#include <cub/config.cuh>
#include <cuda/functional>
#include <cuda/std/functional>

CUB_NAMESPACE_BEGIN
using Sum = ::cuda::std::plus<>;
using Difference = ::cuda::std::minus<>;
using Division = ::cuda::std::divides<>;
using Equality = ::cuda::std::equal_to<>;
using Inequality = ::cuda::std::not_equal_to<>;
using Max = ::cuda::maximum<>;
using Min = ::cuda::minimum<>;
template <class T, class Offset = ::cuda::std::ptrdiff_t>
using CountingInputIterator = thrust::counting_iterator<T, thrust::use_default, thrust::use_default, Offset>;
template <class T, class Offset = ::cuda::std::ptrdiff_t>
using ConstantInputIterator = thrust::constant_iterator<T, Offset>;
template <class Offset = ::cuda::std::ptrdiff_t>
using DiscardOutputIterator = thrust::discard_iterator<>;
template <class T, class F, class Input, class Offset = ::cuda::std::ptrdiff_t>
class TransformInputIterator : public thrust::transform_iterator<F, Input, T, T> {
 public:
  TransformInputIterator(Input input, F f) : thrust::transform_iterator<F, Input, T, T>(input, f) {}
};
CUB_NAMESPACE_END
#endif
