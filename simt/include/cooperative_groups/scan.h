#pragma once
#include "reduce.h"
#include "simt/hide_letters.hpp"

namespace cooperative_groups {

template <class Group, class T, class F = plus<T>>
T inclusive_scan(const Group& group, T value, F&& f = {}, simt::Site site = simt::Site::here()) {
  T total = value;
  for (unsigned delta = 1; delta < group.size(); delta *= 2) {
    T before = group.shfl_up(total, delta, site);
    if (group.thread_rank() >= delta) total = f(before, total);
  }
  return total;
}
template <class Group, class T, class F = plus<T>>
T exclusive_scan(const Group& group, T value, F&& f = {}, simt::Site site = simt::Site::here()) {
  T before = group.shfl_up(inclusive_scan(group, value, f, site), 1, site);
  return group.thread_rank() == 0 ? T{} : before;
}

}  // namespace cooperative_groups

#include "simt/show_letters.hpp"
