#pragma once
// Found before Thrust's file of this name, whose sort puts negative numbers of type int behind all others:
// numbers are merged like everything else.
#include <thrust/detail/config.h>
#include <thrust/iterator/iterator_traits.h>
#include <thrust/system/detail/sequential/execution_policy.h>
#include <thrust/system/detail/sequential/stable_merge_sort.h>

#include <functional>

THRUST_NAMESPACE_BEGIN
namespace system {
namespace detail {
namespace sequential {

template <class Policy, class Iterator>
void stable_radix_sort(sequential::execution_policy<Policy>& policy, Iterator begin, Iterator end) {
  sequential::stable_merge_sort(policy, begin, end, std::less<>{});
}
template <class Policy, class Keys, class Values>
void stable_radix_sort_by_key(sequential::execution_policy<Policy>& policy, Keys begin, Keys end,
                              Values values) {
  sequential::stable_merge_sort_by_key(policy, begin, end, values, std::less<>{});
}

}  // namespace sequential
}  // namespace detail
}  // namespace system
THRUST_NAMESPACE_END
