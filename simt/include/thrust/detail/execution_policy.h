#pragma once
// Found before Thrust's file of this name, whose interface it has. Thrust's algorithms run on the host here,
// at once: each first waits for what streams still hold, as its kernels would come after that on a GPU. Every
// algorithm and every access to an element passes through derived_cast.
#include <thrust/detail/config.h>

#include "simt/cuda.hpp"

THRUST_NAMESPACE_BEGIN

namespace detail {

struct execution_policy_marker {};
template <class Derived>
struct execution_policy_base : execution_policy_marker {};

template <class Derived>
execution_policy_base<Derived>& strip_const(const execution_policy_base<Derived>& policy) {
  return const_cast<execution_policy_base<Derived>&>(policy);
}
template <class Derived>
Derived& derived_cast(execution_policy_base<Derived>& policy) {
  simt::wait_for_streams();
  return static_cast<Derived&>(policy);
}
template <class Derived>
const Derived& derived_cast(const execution_policy_base<Derived>& policy) {
  simt::wait_for_streams();
  return static_cast<const Derived&>(policy);
}

}  // namespace detail

template <class Derived>
struct execution_policy : detail::execution_policy_base<Derived> {};

THRUST_NAMESPACE_END

#include <thrust/system_error.h>  // as Thrust's own system for CUDA brings it
