#pragma once
// Found before Thrust's file of this name, whose interface it has. What an algorithm calls, it calls as on
// the device, though the host does the work here.
#include <thrust/detail/raw_reference_cast.h>

#include <utility>

#include "simt/cuda.hpp"

THRUST_NAMESPACE_BEGIN
namespace detail {
template <class Function, class Result>
struct wrapped_function {
  mutable Function m_f;
  template <class... T>
  Result operator()(T&&... arguments) const {
    const simt::AsDevice side;
    return static_cast<Result>(m_f(thrust::raw_reference_cast(std::forward<T>(arguments))...));
  }
};
}  // namespace detail
THRUST_NAMESPACE_END
