#pragma once
// Cooperative groups. NVIDIA's header of this name needs nvcc; the interface is the one of the CUDA C++
// Programming Guide. Found before it, for simt's include folder comes first.
#include "simt/cuda.hpp"
#include "simt/hide_letters.hpp"

namespace cooperative_groups {

class thread_block;
class grid_group;

/// Any group: lanes of one warp, or a whole block.
class thread_group {
 public:
  unsigned long long size() const {
    return whole_block_ ? simt::current->block->size : unsigned(__popc(int(mask_)));
  }
  unsigned long long num_threads() const { return size(); }
  unsigned long long thread_rank() const {
    unsigned lane = simt::current->lane();
    return whole_block_ ? simt::current->linear : unsigned(__popc(int(mask_ & ((1u << lane) - 1))));
  }
  void sync(simt::Site site = simt::Site::here()) const {
    if (whole_block_)
      __syncthreads(site);
    else
      __syncwarp(mask_, site);
  }
  bool is_valid() const { return true; }

 protected:
  explicit thread_group(unsigned mask, bool whole_block = false) : mask_(mask), whole_block_(whole_block) {}
  unsigned mask_;
  bool whole_block_;
  friend thread_group tiled_partition(const thread_group&, unsigned);
};

class thread_block : public thread_group {
 public:
  using arrival_token = int;
  thread_block() : thread_group(0xffffffffu, true) {}
  static void sync(simt::Site site = simt::Site::here()) { __syncthreads(site); }
  static unsigned thread_rank() { return simt::current->linear; }
  static unsigned size() { return simt::current->block->size; }
  static unsigned num_threads() { return size(); }
  static dim3 group_index() { return blockIdx; }
  static dim3 thread_index() { return threadIdx; }
  static dim3 group_dim() { return blockDim; }
  static dim3 dim_threads() { return blockDim; }
  arrival_token barrier_arrive() const { return 0; }
  void barrier_wait(arrival_token&&, simt::Site site = simt::Site::here()) const { __syncthreads(site); }
};

class grid_group {
 public:
  using arrival_token = int;
  bool is_valid() const { return simt::in_cooperative_launch(); }
  void sync(simt::Site site = simt::Site::here()) const { simt::grid_barrier(site); }
  arrival_token barrier_arrive() const { return 0; }
  void barrier_wait(arrival_token&&, simt::Site site = simt::Site::here()) const { simt::grid_barrier(site); }
  static unsigned long long num_blocks() { return 1ull * gridDim.x * gridDim.y * gridDim.z; }
  static unsigned long long block_rank() {
    return (1ull * blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  }
  static unsigned long long num_threads() { return num_blocks() * simt::current->block->size; }
  static unsigned long long size() { return num_threads(); }
  static unsigned long long thread_rank() {
    return block_rank() * simt::current->block->size + simt::current->linear;
  }
  static dim3 block_index() { return blockIdx; }
  static dim3 group_dim() { return gridDim; }
  static dim3 dim_blocks() { return gridDim; }
  static dim3 dim_threads() {
    return dim3(gridDim.x * blockDim.x, gridDim.y * blockDim.y, gridDim.z * blockDim.z);
  }
};

/// Lanes of one warp, with what a warp can do together. Ranks count within the group.
class warp_group : public thread_group {
 public:
  unsigned size() const { return unsigned(__popc(int(mask_))); }
  unsigned num_threads() const { return size(); }
  unsigned thread_rank() const { return unsigned(thread_group::thread_rank()); }
  unsigned long long mask() const { return mask_; }
  void sync(simt::Site site = simt::Site::here()) const { __syncwarp(mask_, site); }

  template <class T>
  T shfl(T value, int rank, simt::Site site = simt::Site::here()) const {
    return from(value, ((rank % int(size())) + int(size())) % int(size()), "shfl", site);
  }
  template <class T>
  T shfl_up(T value, unsigned delta, simt::Site site = simt::Site::here()) const {
    int rank = int(thread_rank()) - int(delta);
    return from(value, rank < 0 ? int(thread_rank()) : rank, "shfl_up", site);
  }
  template <class T>
  T shfl_down(T value, unsigned delta, simt::Site site = simt::Site::here()) const {
    unsigned rank = thread_rank() + delta;
    return from(value, int(rank >= size() ? thread_rank() : rank), "shfl_down", site);
  }
  template <class T>
  T shfl_xor(T value, unsigned lanes, simt::Site site = simt::Site::here()) const {
    unsigned rank = thread_rank() ^ lanes;
    return from(value, int(rank >= size() ? thread_rank() : rank), "shfl_xor", site);
  }
  int any(int predicate, simt::Site site = simt::Site::here()) const {
    return __any_sync(mask_, predicate, site);
  }
  int all(int predicate, simt::Site site = simt::Site::here()) const {
    return __all_sync(mask_, predicate, site);
  }
  unsigned ballot(int predicate, simt::Site site = simt::Site::here()) const {
    return by_rank(__ballot_sync(mask_, predicate, site));
  }
  template <class T>
  unsigned match_any(T value, simt::Site site = simt::Site::here()) const {
    return by_rank(__match_any_sync(mask_, value, site));
  }
  template <class T>
  unsigned match_all(T value, int& predicate, simt::Site site = simt::Site::here()) const {
    return by_rank(__match_all_sync(mask_, value, &predicate, site));
  }

 protected:
  using thread_group::thread_group;

 private:
  /// The value of the thread of that rank; any trivially copyable type.
  template <class T>
  T from(T value, int rank, const char* operation, simt::Site site) const {
    unsigned rest = mask_;
    for (; rank > 0; --rank) rest &= rest - 1;
    return simt::detail::shuffle(mask_, value, std::countr_zero(rest), operation, site);
  }
  /// Bits of lanes as bits of ranks.
  unsigned by_rank(unsigned lanes) const {
    unsigned ranks = 0, rank = 0;
    for (unsigned rest = mask_; rest; rest &= rest - 1, ++rank)
      ranks |= (lanes >> std::countr_zero(rest) & 1u) << rank;
    return ranks;
  }
};

class coalesced_group : public warp_group {
 public:
  explicit coalesced_group(unsigned mask, unsigned meta_rank = 0, unsigned meta_size = 1)
      : warp_group(mask), meta_rank_(meta_rank), meta_size_(meta_size) {}
  unsigned long long meta_group_size() const { return meta_size_; }
  unsigned long long meta_group_rank() const { return meta_rank_; }

 private:
  unsigned meta_rank_, meta_size_;  // among the groups that the parent was parted into
};

template <unsigned Size, class Parent = void>
class thread_block_tile : public warp_group {
  static_assert(Size > 0 && (Size & (Size - 1)) == 0 && Size <= 32,
                "tiles have 1, 2, 4, 8, 16 or 32 threads here");

 public:
  /// A part of a group of `parent` consecutive threads.
  explicit thread_block_tile(unsigned parent)
      : warp_group(Size == 32 ? 0xffffffffu : ((1ull << Size) - 1) << (simt::current->lane() / Size * Size)),
        parent_(parent) {}
  template <class Other>
  thread_block_tile(const thread_block_tile<Size, Other>& tile)
      : warp_group(tile), parent_(Size * tile.meta_group_size()) {}
  static constexpr unsigned size() { return Size; }
  static constexpr unsigned num_threads() { return Size; }
  static unsigned thread_rank() { return simt::current->linear % Size; }
  unsigned meta_group_rank() const { return simt::current->linear % parent_ / Size; }
  unsigned meta_group_size() const { return (parent_ + Size - 1) / Size; }

 private:
  unsigned parent_;
};

/// A tile of several warps.
template <unsigned Size, class Parent>
requires(Size > 32) class thread_block_tile<Size, Parent> {
  static_assert((Size & (Size - 1)) == 0 && Size <= 512, "tiles of several warps have 64 to 512 threads");

 public:
  explicit thread_block_tile(unsigned parent) : parent_(parent) {}
  template <class Other>
  thread_block_tile(const thread_block_tile<Size, Other>& tile) : parent_(Size * tile.meta_group_size()) {}
  static constexpr unsigned size() { return Size; }
  static constexpr unsigned num_threads() { return Size; }
  static unsigned thread_rank() { return simt::current->linear % Size; }
  unsigned meta_group_rank() const { return simt::current->linear % parent_ / Size; }
  unsigned meta_group_size() const { return (parent_ + Size - 1) / Size; }
  static void sync(simt::Site site = simt::Site::here()) { simt::tile_barrier(Size, false, site); }
  static int any(int predicate, simt::Site site = simt::Site::here()) {
    return simt::tile_barrier(Size, predicate != 0, site) != 0;
  }
  static int all(int predicate, simt::Site site = simt::Site::here()) {
    return simt::tile_barrier(Size, predicate == 0, site) == 0;
  }
  template <class T>
  SIMT_UNCHECKED static T shfl(T value, int rank, simt::Site site = simt::Site::here()) {
    simt::show_in_tile(Size, &value, site);
    const T result = *static_cast<const T*>(simt::operand_in_tile(Size, unsigned(rank) % Size));
    sync(site);
    return result;
  }
  /// Every thread gets the reduction, combined in the order of ranks.
  template <class T, class F>
  SIMT_UNCHECKED static T reduce(T value, F&& f, simt::Site site) {
    simt::show_in_tile(Size, &value, site);
    T total = *static_cast<const T*>(simt::operand_in_tile(Size, 0));
    for (unsigned rank = 1; rank < Size; ++rank)
      total = f(total, *static_cast<const T*>(simt::operand_in_tile(Size, rank)));
    sync(site);
    return total;
  }
  /// Over the values of those before, the thread's own included if `inclusive`.
  template <class T, class F>
  SIMT_UNCHECKED static T scan(T value, F&& f, bool inclusive, simt::Site site) {
    simt::show_in_tile(Size, &value, site);
    const unsigned end = thread_rank() + inclusive;
    T total = end ? *static_cast<const T*>(simt::operand_in_tile(Size, 0)) : T{};
    for (unsigned rank = 1; rank < end; ++rank)
      total = f(total, *static_cast<const T*>(simt::operand_in_tile(Size, rank)));
    sync(site);
    return total;
  }

 private:
  unsigned parent_;
};
/// The memory that tiles of several warps talk through on a GPU.
template <unsigned MaxBlockSize = 1024>
struct block_tile_memory {
  unsigned long long words[2 * MaxBlockSize / 32];
};

inline thread_block this_thread_block() { return {}; }
template <unsigned MaxBlockSize>
thread_block this_thread_block(block_tile_memory<MaxBlockSize>&) {
  return {};
}
inline grid_group this_grid() { return {}; }
inline thread_block_tile<1, void> this_thread() { return thread_block_tile<1, void>(1); }
inline coalesced_group coalesced_threads(simt::Site site = simt::Site::here()) {
  return coalesced_group(simt::active_lanes(site));
}

/// Of a block, or of a tile.
template <unsigned Size, class Parent>
requires(std::is_same_v<Parent, thread_block> || requires {
  std::integral_constant<unsigned, Parent::size()>{};
}) thread_block_tile<Size, Parent> tiled_partition(const Parent& parent) {
  return thread_block_tile<Size, Parent>(unsigned(parent.size()));
}
inline thread_group tiled_partition(const thread_group& parent, unsigned size) {
  if (size >= 32 && parent.whole_block_) return thread_group(0xffffffffu);
  unsigned rank = unsigned(parent.thread_rank()) / size * size, mask = 0;
  unsigned rest = parent.whole_block_ ? 0xffffffffu : parent.mask_;
  if (parent.whole_block_) rank %= 32;
  for (; rank > 0; --rank) rest &= rest - 1;
  for (unsigned i = 0; i < size && rest; ++i, rest &= rest - 1) mask |= rest & (0u - rest);
  return thread_group(mask);
}
inline coalesced_group tiled_partition(const coalesced_group& parent, unsigned size) {
  const unsigned rank = parent.thread_rank() / size;
  unsigned rest = unsigned(parent.mask()), mask = 0;
  for (unsigned i = 0; rest; ++i, rest &= rest - 1)
    if (i / size == rank) mask |= rest & (0u - rest);
  return coalesced_group(mask, rank, (parent.size() + size - 1) / size);
}
template <class Group>
requires std::is_base_of_v<warp_group, Group> coalesced_group
binary_partition(const Group& group, bool predicate, simt::Site site = simt::Site::here()) {
  const unsigned all = unsigned(group.mask()), yes = __ballot_sync(all, predicate, site);
  if (yes == all || yes == 0) return coalesced_group(all);
  return coalesced_group(predicate ? yes : all & ~yes, predicate, 2);
}
/// The groups are numbered by their first lanes.
template <class Group, class Label>
requires std::is_base_of_v<warp_group, Group> coalesced_group
labeled_partition(const Group& group, Label label, simt::Site site = simt::Site::here()) {
  if constexpr (std::is_same_v<Label, bool>) return binary_partition(group, label, site);
  const unsigned all = unsigned(group.mask()), same = __match_any_sync(all, label, site);
  const unsigned first = same & (0u - same);
  const unsigned firsts = __ballot_sync(all, first == 1u << simt::current->lane(), site);
  return coalesced_group(same, unsigned(__popc(int(firsts & (first - 1)))), unsigned(__popc(int(firsts))));
}

/// Clusters are not modelled: a kernel that uses them is told so when it is compiled.
class cluster_group {
 public:
  static void sync() {}
  static void barrier_arrive() {}
  static void barrier_wait() {}
  static unsigned block_rank() { return 0; }
  static unsigned num_blocks() { return 1; }
  static unsigned thread_rank() { return 0; }
  static unsigned num_threads() { return 0; }
  static unsigned size() { return 0; }
  static dim3 block_index() { return {}; }
  static dim3 dim_blocks() { return {}; }
  template <class T>
  static T* map_shared_rank(T* p, int) {
    return p;
  }
};
template <class = void>
__attribute__((error("simt does not execute thread block clusters"))) cluster_group this_cluster();

template <class Group>
void sync(const Group& group, simt::Site site = simt::Site::here()) {
  group.sync(site);
}
template <class Group>
auto thread_rank(const Group& group) {
  return group.thread_rank();
}
template <class Group>
auto group_size(const Group& group) {
  return group.size();
}
template <class Group, class F, class... A>
void invoke_one(const Group& group, F&& f, A&&... arguments) {
  if (group.thread_rank() == 0) std::forward<F>(f)(std::forward<A>(arguments)...);
}
/// One thread's result for all of the group.
template <class Group, class F, class... A>
auto invoke_one_broadcast(const Group& group, F&& f, A&&... arguments) {
  std::remove_cvref_t<std::invoke_result_t<F, A...>> result{};
  if (group.thread_rank() == 0) result = std::forward<F>(f)(std::forward<A>(arguments)...);
  return group.shfl(result, 0);
}

}  // namespace cooperative_groups

#include "cooperative_groups/memcpy_async.h"
#include "cooperative_groups/reduce.h"
#include "cooperative_groups/scan.h"
#include "simt/show_letters.hpp"
