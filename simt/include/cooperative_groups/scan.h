#pragma once
#include "reduce.h"
#include "simt/hide_letters.hpp"

namespace cooperative_groups {

template <class Group, class T, class F = plus<T>>
T inclusive_scan(const Group& group, T value, F&& f = {}, simt::Site site = simt::Site::here()) {
  if constexpr (requires { group.scan(value, f, true, site); }) {
    return group.scan(value, f, true, site);
  } else {
    T total = value;
    for (unsigned delta = 1; delta < group.size(); delta *= 2) {
      T before = group.shfl_up(total, delta, site);
      if (group.thread_rank() >= delta) total = f(before, total);
    }
    return total;
  }
}
template <class Group, class T, class F = plus<T>>
T exclusive_scan(const Group& group, T value, F&& f = {}, simt::Site site = simt::Site::here()) {
  if constexpr (requires { group.scan(value, f, false, site); }) {
    return group.scan(value, f, false, site);
  } else {
    T before = group.shfl_up(inclusive_scan(group, value, f, site), 1, site);
    return group.thread_rank() == 0 ? T{} : before;
  }
}

namespace detail {
template <class Group, class Atomic, class T, class F>
T scan_update(const Group& group, Atomic& atomic, T value, F& f, bool inclusive, simt::Site site) {
  const T own = inclusive_scan(group, value, f, site);
  const T before = exclusive_scan(group, value, f, site);
  T old{};
  const unsigned last = group.size() - 1;
  if (group.thread_rank() == last) old = update(atomic, own, f);
  old = group.shfl(old, int(last), site);
  if (inclusive) return f(old, own);
  return group.thread_rank() == 0 ? old : f(old, before);
}
}  // namespace detail

/// A scan that goes on from an atomic's value, to which the group's values are added.
template <class Group, class Atomic, class T, class F = plus<T>>
T inclusive_scan_update(const Group& group, Atomic&& atomic, T value, F&& f = {},
                        simt::Site site = simt::Site::here()) {
  return detail::scan_update(group, atomic, value, f, true, site);
}
template <class Group, class Atomic, class T, class F = plus<T>>
T exclusive_scan_update(const Group& group, Atomic&& atomic, T value, F&& f = {},
                        simt::Site site = simt::Site::here()) {
  return detail::scan_update(group, atomic, value, f, false, site);
}

}  // namespace cooperative_groups

#include "simt/show_letters.hpp"
