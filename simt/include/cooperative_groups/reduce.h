#pragma once
#include "../cooperative_groups.h"
#include "simt/hide_letters.hpp"

namespace cooperative_groups {

#define SIMT_OPERATOR(name, expression)          \
  template <class T = void>                      \
  struct name {                                  \
    template <class U>                           \
    U operator()(const U& a, const U& b) const { \
      return expression;                         \
    }                                            \
  };
SIMT_OPERATOR(plus, a + b)
SIMT_OPERATOR(less, b < a ? b : a)
SIMT_OPERATOR(greater, a < b ? b : a)
SIMT_OPERATOR(bit_and, a& b)
SIMT_OPERATOR(bit_or, a | b)
SIMT_OPERATOR(bit_xor, a ^ b)
#undef SIMT_OPERATOR

/// Every thread of the group gets the reduction, combined in the order of ranks.
template <class Group, class T, class F>
T reduce(const Group& group, T value, F&& f, simt::Site site = simt::Site::here()) {
  constexpr bool tile = std::is_base_of_v<warp_group, Group>;
  static_assert(
      tile, "reduce takes a tile (tiled_partition<32>(block)) or a coalesced group, not a block or a grid");
  T total = value;
  if constexpr (tile) {
    total = group.shfl(value, 0, site);
    for (int rank = 1; rank < int(group.size()); ++rank) total = f(total, group.shfl(value, rank, site));
  }
  return total;
}
template <unsigned Size, class Parent, class T, class F>
requires(Size > 32) T reduce(const thread_block_tile<Size, Parent>& tile, T value, F&& f,
                             simt::Site site = simt::Site::here()) {
  return tile.reduce(value, f, site);
}

namespace detail {
/// Sets an atomic to f(its value, `with`); what it was.
template <class Atomic, class T, class F>
T update(Atomic& atomic, const T& with, F& f) {
  T old = atomic.load();
  while (!atomic.compare_exchange_weak(old, f(old, with))) {
  }
  return old;
}
}  // namespace detail

/// Reduces the group's values into an atomic.
template <class Group, class Atomic, class T, class F>
void reduce_update_async(const Group& group, Atomic&& target, T value, F&& f,
                         simt::Site site = simt::Site::here()) {
  const T total = reduce(group, value, f, site);
  if (group.thread_rank() == 0) detail::update(target, total, f);
}
/// … into the place of what an atomic or a pointer has.
template <class Group, class Target, class T, class F>
void reduce_store_async(const Group& group, Target&& target, T value, F&& f,
                        simt::Site site = simt::Site::here()) {
  const T total = reduce(group, value, f, site);
  if (group.thread_rank() != 0) return;
  if constexpr (std::is_pointer_v<std::remove_cvref_t<Target>>)
    *target = total;
  else
    target.store(total);
}

}  // namespace cooperative_groups

#include "simt/show_letters.hpp"
