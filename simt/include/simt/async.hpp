#pragma once
// Asynchronous copies and mbarriers, as PTX has them. Every copy lands as late as the program allows, and its
// destination in shared memory is poisoned until then: cp.async and bulk stores land when their group is
// waited for, bulk loads when no thread of the block can run any more. Shared addresses are offsets in the
// block's window.
#include <cstddef>
#include <cstdint>

#include "simt/thread.hpp"

namespace simt {

// cp.async: per thread, in groups.

/// Copies `source_size` bytes and writes zeros up to `size` (4, 8 or 16; both addresses aligned to it).
void copy_async(unsigned to, const void* from, unsigned size, unsigned source_size, Site site);
void commit_copies();
/// Waits for all groups but the `newest` ones.
void wait_for_copies(unsigned newest);
/// wait_all: also for copies that no group holds yet.
void wait_for_all_copies();
/// Arrives at the mbarrier once all the thread's copies so far have landed; `counted`: the arrival is among
/// those the mbarrier expects (.noinc).
void arrive_after_copies(unsigned mbarrier, bool counted, Site site);

// mbarrier objects: 8 bytes, aligned to 8.

void mbarrier_init(unsigned mbarrier, unsigned count, Site site);
void mbarrier_invalidate(unsigned mbarrier, Site site);
void mbarrier_expect_bytes(unsigned mbarrier, unsigned bytes, Site site);
void mbarrier_complete_bytes(unsigned mbarrier, unsigned bytes, Site site);
/// Returns the state before the arrival: its phase is what a test_wait on it waits for. `drop`: the later
/// phases expect one arrival less.
std::uint64_t mbarrier_arrive(unsigned mbarrier, unsigned count, Site site, bool drop = false);
/// .noComplete: so many arrivals must not complete the phase.
void mbarrier_keep_open(unsigned mbarrier, unsigned count, Site site);
/// Whether the phase of that parity has completed. With `patient` (try_wait) it suspends the thread; it may
/// return false early even so.
bool mbarrier_wait(unsigned mbarrier, unsigned parity, bool patient, Site site);
inline unsigned mbarrier_parity(std::uint64_t state) { return unsigned(state >> 62 & 1); }
inline unsigned mbarrier_pending(std::uint64_t state) { return unsigned(state & 0xFFFFF); }

/// fence.proxy.async: only a checker cares, for here a block's bulk copies read what its threads wrote
/// anyway.
void fence_proxy();
/// fence.mbarrier_init: the same for mbarriers, which fence.proxy.async shows to the copy engine too.
void fence_mbarriers();

// Bulk copies: multiples of 16 bytes, addresses aligned to 16.

enum class Reduction { add, min, max, inc, dec, bit_and, bit_or, bit_xor };
enum class Element { u32, s32, u64, s64, f16, bf16, f32, f64 };
/// Whether PTX has that bulk reduction of such elements.
constexpr bool reduces(Reduction op, Element type) {
  switch (op) {
    case Reduction::add: return true;
    case Reduction::min:
    case Reduction::max: return type != Element::f32 && type != Element::f64;
    case Reduction::inc:
    case Reduction::dec: return type == Element::u32;
    default: return type <= Element::s64;
  }
}

void bulk_load(unsigned to, const void* from, unsigned size, unsigned mbarrier, Site site);
void bulk_store(void* to, unsigned from, unsigned size, Site site);
/// cp.reduce.async.bulk: a store that combines with what is there, each element atomically by itself.
void bulk_reduce(void* to, unsigned from, unsigned size, Reduction op, Element type, Site site);
/// One box of a tensor whose CUtensorMap is at `map`; `at` has a coordinate per dimension, innermost first.
void tensor_load(unsigned to, const void* map, const int* at, unsigned dimensions, unsigned mbarrier,
                 Site site);
void tensor_store(const void* map, const int* at, unsigned dimensions, unsigned from, Site site);
void tensor_reduce(const void* map, const int* at, unsigned dimensions, unsigned from, Reduction op,
                   Site site);
void commit_stores();
/// Waits for all groups of stores but the `newest` ones; or only until they have read their sources.
void wait_for_stores(unsigned newest);
void wait_for_sources(unsigned newest);

}  // namespace simt
