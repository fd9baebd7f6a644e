#pragma once
// What CUDA 13's Thrust no longer has: bases of function objects, and a few function objects.
#include_next <thrust/functional.h>

#include "simt/cuda.hpp"

#if CUDART_VERSION >= 13000
#include <functional>

THRUST_NAMESPACE_BEGIN
template <class Argument, class Result>
struct unary_function {
  using argument_type = Argument;
  using result_type = Result;
};
template <class First, class Second, class Result>
struct binary_function {
  using first_argument_type = First;
  using second_argument_type = Second;
  using result_type = Result;
};
template <class T = void>
struct identity {
  const T& operator()(const T& x) const { return x; }
};
template <>
struct identity<void> {
  template <class T>
  decltype(auto) operator()(T&& x) const {
    return std::forward<T>(x);
  }
};
template <class Predicate>
struct unary_negate {
  Predicate predicate;
  template <class T>
  bool operator()(const T& x) const {
    return !predicate(x);
  }
};
template <class Predicate>
unary_negate<Predicate> not1(const Predicate& predicate) {
  return {predicate};
}
template <class Predicate>
struct binary_negate {
  Predicate predicate;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return !predicate(a, b);
  }
};
template <class Predicate>
binary_negate<Predicate> not2(const Predicate& predicate) {
  return {predicate};
}
THRUST_NAMESPACE_END
#endif
