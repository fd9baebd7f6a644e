#pragma once
// Warp-wide instructions. The lanes named by the mask meet; the last one to arrive executes the
// instruction for all of them, as a warp does.
#include <bit>
#include <concepts>
#include <cstring>
#include <type_traits>

#include "simt/thread.hpp"

namespace simt {

/// Operands of the lanes of a warp; those of absent lanes are null.
using LaneOperands = void* const*;

/// Waits for the lanes in `mask` (without those that exited), then runs `execute(present, operands)` once.
void warp_instruction(unsigned mask, void* operands, void (*execute)(unsigned present, LaneOperands),
                      const char* operation, Site site);
unsigned active_lanes(Site site);

namespace detail {

/// The running thread's shuffle read from a lane that its mask names and that is not there, or has a width
/// that is none: a checker's business.
void read_from_absent_lane(unsigned source, const char* operation, Site site);
void wrong_width(const char* operation, Site site);

template <class Op>
SIMT_UNCHECKED void run_on_warp(unsigned mask, Op& op, const char* operation, Site site) {
  warp_instruction(
      mask, &op,
      [](unsigned present, LaneOperands operands) {
        Op* lanes[lanes_per_warp];
        for (unsigned lane = 0; lane < lanes_per_warp; ++lane) lanes[lane] = static_cast<Op*>(operands[lane]);
        Op::execute(present, lanes);
      },
      operation, site);
}

template <class F>
void for_each_lane(unsigned lanes, F&& f) {
  for (; lanes != 0; lanes &= lanes - 1) f(unsigned(std::countr_zero(lanes)));
}

/// What a lane that does not take part gives is undefined; GPUs give 0, and programs that add such a value
/// rely on it.
template <class T>
struct Shuffle {
  T value;
  int source;
  T result;
  bool absent = false;
  SIMT_UNCHECKED static void execute(unsigned present, Shuffle** lanes) {
    T zero;
    std::memset(static_cast<void*>(&zero), 0, sizeof zero);
    for_each_lane(present, [&](unsigned lane) {
      int source = lanes[lane]->source;
      lanes[lane]->absent = !(present >> source & 1);
      lanes[lane]->result = lanes[lane]->absent ? zero : lanes[source]->value;
    });
  }
};

struct Vote {
  bool predicate;
  unsigned ballot, present;
  SIMT_UNCHECKED static void execute(unsigned present, Vote** lanes) {
    unsigned ballot = 0;
    for_each_lane(present, [&](unsigned lane) { ballot |= unsigned(lanes[lane]->predicate) << lane; });
    for_each_lane(present, [&](unsigned lane) {
      lanes[lane]->ballot = ballot;
      lanes[lane]->present = present;
    });
  }
};

template <class T>
struct Match {
  T value;
  unsigned same, present;
  SIMT_UNCHECKED static void execute(unsigned present, Match** lanes) {
    for_each_lane(present, [&](unsigned lane) {
      lanes[lane]->same = 0;
      lanes[lane]->present = present;
      for_each_lane(present, [&](unsigned other) {
        if (std::memcmp(&lanes[lane]->value, &lanes[other]->value, sizeof(T)) == 0)
          lanes[lane]->same |= 1u << other;
      });
    });
  }
};

template <class T, class F>
struct Reduce {
  T value;
  SIMT_UNCHECKED static void execute(unsigned present, Reduce** lanes) {
    T total = lanes[std::countr_zero(present)]->value;
    for_each_lane(present & (present - 1), [&](unsigned lane) { total = F{}(total, lanes[lane]->value); });
    for_each_lane(present, [&](unsigned lane) { lanes[lane]->value = total; });
  }
};

inline int own_lane() { return int(current->lane()); }

template <class T>
SIMT_UNCHECKED T shuffle(unsigned mask, T value, int source, const char* operation, Site site) {
  Shuffle<T> op{value, source, value};
  run_on_warp(mask, op, operation, site);
  if (op.absent && (mask >> source & 1)) [[unlikely]]
    read_from_absent_lane(unsigned(source), operation, site);
  return op.result;
}

SIMT_UNCHECKED inline Vote vote(unsigned mask, int predicate, const char* operation, Site site) {
  Vote op{predicate != 0, 0, 0};
  run_on_warp(mask, op, operation, site);
  return op;
}

/// Types a shuffle moves: numbers of 4 or 8 bytes (smaller integers promote), and the half types.
template <class T>
concept Shuffled = ((std::is_arithmetic_v<T> || std::is_enum_v<T>)&&(sizeof(T) == 4 || sizeof(T) == 8)) ||
                   (std::is_class_v<T> && (sizeof(T) == 2 || sizeof(T) == 4));

/// First lane of the caller's segment of `width` lanes.
inline int segment(int width, const char* operation, Site site) {
  if (width < 1 || width > warpSize || (width & (width - 1))) [[unlikely]]
    wrong_width(operation, site);
  return own_lane() & ~(width - 1);
}

}  // namespace detail
}  // namespace simt

template <simt::detail::Shuffled T>
T __shfl_sync(unsigned mask, T value, int source, int width = warpSize,
              simt::Site site = simt::Site::here()) {
  source = simt::detail::segment(width, "__shfl_sync", site) + (source & (width - 1));
  return simt::detail::shuffle(mask, value, source, "__shfl_sync", site);
}
template <simt::detail::Shuffled T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize,
                 simt::Site site = simt::Site::here()) {
  int lane = simt::detail::own_lane(), source = lane - int(delta);
  if (source < simt::detail::segment(width, "__shfl_up_sync", site)) source = lane;
  return simt::detail::shuffle(mask, value, source, "__shfl_up_sync", site);
}
template <simt::detail::Shuffled T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize,
                   simt::Site site = simt::Site::here()) {
  int lane = simt::detail::own_lane(), source = lane + int(delta);
  if (source >= simt::detail::segment(width, "__shfl_down_sync", site) + width) source = lane;
  return simt::detail::shuffle(mask, value, source, "__shfl_down_sync", site);
}
/// A source lane in a later segment yields the caller's own value; one in an earlier segment is read.
template <simt::detail::Shuffled T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize,
                  simt::Site site = simt::Site::here()) {
  int lane = simt::detail::own_lane(), source = (lane ^ lane_mask) & 31;
  if (source >= simt::detail::segment(width, "__shfl_xor_sync", site) + width) source = lane;
  return simt::detail::shuffle(mask, value, source, "__shfl_xor_sync", site);
}

#define SIMT_SMALL_SHUFFLE(name, Lane)                                                      \
  template <std::integral T>                                                                \
  requires(sizeof(T) < 4) int name(unsigned mask, T value, Lane lane, int width = warpSize, \
                                   simt::Site site = simt::Site::here()) {                  \
    return name(mask, int(value), lane, width, site);                                       \
  }
SIMT_SMALL_SHUFFLE(__shfl_sync, int)
SIMT_SMALL_SHUFFLE(__shfl_up_sync, unsigned)
SIMT_SMALL_SHUFFLE(__shfl_down_sync, unsigned)
SIMT_SMALL_SHUFFLE(__shfl_xor_sync, int)
#undef SIMT_SMALL_SHUFFLE

inline unsigned __ballot_sync(unsigned mask, int predicate, simt::Site site = simt::Site::here()) {
  return simt::detail::vote(mask, predicate, "__ballot_sync", site).ballot;
}
inline int __any_sync(unsigned mask, int predicate, simt::Site site = simt::Site::here()) {
  return simt::detail::vote(mask, predicate, "__any_sync", site).ballot != 0;
}
inline int __all_sync(unsigned mask, int predicate, simt::Site site = simt::Site::here()) {
  auto vote = simt::detail::vote(mask, predicate, "__all_sync", site);
  return vote.ballot == vote.present;
}
inline int __uni_sync(unsigned mask, int predicate, simt::Site site = simt::Site::here()) {
  auto vote = simt::detail::vote(mask, predicate, "__uni_sync", site);
  return vote.ballot == vote.present || vote.ballot == 0;
}
inline void __syncwarp(unsigned mask = 0xffffffffu, simt::Site site = simt::Site::here()) {
  simt::warp_instruction(mask, nullptr, nullptr, "__syncwarp", site);
}
/// The lanes that reach this line together; every lane of the warp gets as far as it can before the answer.
inline unsigned __activemask(simt::Site site = simt::Site::here()) { return simt::active_lanes(site); }

template <class T>
unsigned __match_any_sync(unsigned mask, T value, simt::Site site = simt::Site::here()) {
  simt::detail::Match<T> op{value, 0, 0};
  simt::detail::run_on_warp(mask, op, "__match_any_sync", site);
  return op.same;
}
template <class T>
unsigned __match_all_sync(unsigned mask, T value, int* predicate, simt::Site site = simt::Site::here()) {
  simt::detail::Match<T> op{value, 0, 0};
  simt::detail::run_on_warp(mask, op, "__match_all_sync", site);
  *predicate = op.same == op.present;
  return *predicate ? op.same : 0;
}

namespace simt::detail {
struct Add {
  template <class T>
  T operator()(T a, T b) const {
    return a + b;
  }
};
struct Min {
  template <class T>
  T operator()(T a, T b) const {
    return a < b ? a : b;
  }
};
struct Max {
  template <class T>
  T operator()(T a, T b) const {
    return a > b ? a : b;
  }
};
struct And {
  template <class T>
  T operator()(T a, T b) const {
    return a & b;
  }
};
struct Or {
  template <class T>
  T operator()(T a, T b) const {
    return a | b;
  }
};
struct Xor {
  template <class T>
  T operator()(T a, T b) const {
    return a ^ b;
  }
};

template <class F, class T>
T reduce(unsigned mask, T value, const char* operation, Site site) {
  Reduce<T, F> op{value};
  run_on_warp(mask, op, operation, site);
  return op.value;
}
}  // namespace simt::detail

#define SIMT_REDUCE(name, F, T)                                                 \
  inline T name(unsigned mask, T value, simt::Site site = simt::Site::here()) { \
    return simt::detail::reduce<simt::detail::F>(mask, value, #name, site);     \
  }
SIMT_REDUCE(__reduce_add_sync, Add, unsigned)
SIMT_REDUCE(__reduce_add_sync, Add, int)
SIMT_REDUCE(__reduce_min_sync, Min, unsigned)
SIMT_REDUCE(__reduce_min_sync, Min, int)
SIMT_REDUCE(__reduce_max_sync, Max, unsigned)
SIMT_REDUCE(__reduce_max_sync, Max, int)
SIMT_REDUCE(__reduce_and_sync, And, unsigned)
SIMT_REDUCE(__reduce_or_sync, Or, unsigned)
SIMT_REDUCE(__reduce_xor_sync, Xor, unsigned)
#undef SIMT_REDUCE
