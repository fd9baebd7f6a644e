#pragma once
// cp.async, mbarrier, bulk and tensor copies, fences, barriers.
#include "simt/async.hpp"
#include "simt/memory.hpp"
#include "simt/ptx_operands.hpp"
#include "simt/shared.hpp"
#include "simt/sync.hpp"
#include "simt/warp.hpp"

namespace simt::ptx {

inline const void* global(b64 address) { return reinterpret_cast<const void*>(address); }

// cp.async: [to], [from], size{, bytes to read}.
#define SIMT_CP_ASYNC(name)                                                                \
  inline void name(b32 to, b64 from, unsigned size, Site site = Site::here()) {            \
    copy_async(to, global(from), size, size, site);                                        \
  }                                                                                        \
  inline void name(b32 to, b64 from, unsigned size, b32 bytes, Site site = Site::here()) { \
    copy_async(to, global(from), size, bytes, site);                                       \
  }
SIMT_CP_ASYNC(cp_async_ca_shared_global)
SIMT_CP_ASYNC(cp_async_cg_shared_global)
#undef SIMT_CP_ASYNC
inline void cp_async_commit_group() { commit_copies(); }
inline void cp_async_wait_group(unsigned newest) { wait_for_copies(newest); }
inline void cp_async_wait_all() { wait_for_all_copies(); }

// mbarrier
inline void mbarrier_init_shared_b64(b32 bar, b32 count, Site site = Site::here()) {
  mbarrier_init(bar, count, site);
}
inline void mbarrier_inval_shared_b64(b32 bar, Site site = Site::here()) { mbarrier_invalidate(bar, site); }
inline void mbarrier_arrive_shared_b64(b64& state, b32 bar, b32 count, Site site = Site::here()) {
  state = mbarrier_arrive(bar, count, site);
}
inline void mbarrier_arrive_shared_b64(b64& state, b32 bar, Site site = Site::here()) {
  state = mbarrier_arrive(bar, 1, site);
}
inline void mbarrier_arrive_drop_shared_b64(b64& state, b32 bar, b32 count, Site site = Site::here()) {
  state = mbarrier_arrive(bar, count, site, true);
}
inline void mbarrier_arrive_drop_shared_b64(b64& state, b32 bar, Site site = Site::here()) {
  state = mbarrier_arrive(bar, 1, site, true);
}
inline void mbarrier_arrive_noComplete_shared_b64(b64& state, b32 bar, b32 count, Site site = Site::here()) {
  mbarrier_keep_open(bar, count, site);
  state = mbarrier_arrive(bar, count, site);
}
inline void mbarrier_arrive_drop_noComplete_shared_b64(b64& state, b32 bar, b32 count,
                                                       Site site = Site::here()) {
  mbarrier_keep_open(bar, count, site);
  state = mbarrier_arrive(bar, count, site, true);
}
inline void mbarrier_expect_tx_shared_b64(b32 bar, b32 bytes, Site site = Site::here()) {
  mbarrier_expect_bytes(bar, bytes, site);
}
inline void mbarrier_complete_tx_shared_b64(b32 bar, b32 bytes, Site site = Site::here()) {
  mbarrier_complete_bytes(bar, bytes, site);
}
inline void mbarrier_arrive_expect_tx_shared_b64(b64& state, b32 bar, b32 bytes, Site site = Site::here()) {
  mbarrier_expect_bytes(bar, bytes, site);
  state = mbarrier_arrive(bar, 1, site);
}
inline void mbarrier_pending_count_b64(b32& count, b64 state) { count = mbarrier_pending(state); }
// The suspend-time hint of try_wait changes nothing.
inline void mbarrier_test_wait_shared_b64(bool& done, b32 bar, b64 state, Site site = Site::here()) {
  done = mbarrier_wait(bar, mbarrier_parity(state), false, site);
}
inline void mbarrier_test_wait_parity_shared_b64(bool& done, b32 bar, b32 parity, Site site = Site::here()) {
  done = mbarrier_wait(bar, parity, false, site);
}
inline void mbarrier_try_wait_shared_b64(bool& done, b32 bar, b64 state, Site site = Site::here()) {
  done = mbarrier_wait(bar, mbarrier_parity(state), true, site);
}
inline void mbarrier_try_wait_shared_b64(bool& done, b32 bar, b64 state, b32, Site site = Site::here()) {
  done = mbarrier_wait(bar, mbarrier_parity(state), true, site);
}
inline void mbarrier_try_wait_parity_shared_b64(bool& done, b32 bar, b32 parity, Site site = Site::here()) {
  done = mbarrier_wait(bar, parity, true, site);
}
inline void mbarrier_try_wait_parity_shared_b64(bool& done, b32 bar, b32 parity, b32,
                                                Site site = Site::here()) {
  done = mbarrier_wait(bar, parity, true, site);
}
inline void cp_async_mbarrier_arrive_shared_b64(b32 bar, Site site = Site::here()) {
  arrive_after_copies(bar, false, site);
}
inline void cp_async_mbarrier_arrive_noinc_shared_b64(b32 bar, Site site = Site::here()) {
  arrive_after_copies(bar, true, site);
}

// Fences. One OS thread runs a block, so what is left to order is memory that other blocks see.
inline void membar_cta() { __threadfence_block(); }
inline void membar_gl() { __threadfence(); }
inline void membar_sys() { __threadfence(); }
#define SIMT_FENCE(semantics)                                \
  inline void fence_##semantics##_cta() { membar_cta(); }    \
  inline void fence_##semantics##_cluster() { membar_gl(); } \
  inline void fence_##semantics##_gpu() { membar_gl(); }     \
  inline void fence_##semantics##_sys() { membar_sys(); }
SIMT_FENCE(acq_rel)
SIMT_FENCE(acquire)
SIMT_FENCE(release)
SIMT_FENCE(sc)
#undef SIMT_FENCE
inline void fence_proxy_alias() { membar_gl(); }
// A tensor map that a kernel has written, for copies of other threads.
#define SIMT_FENCE(scope, fence)                                         \
  inline void fence_proxy_tensormap_generic_release_##scope() { fence; } \
  inline void fence_proxy_tensormap_generic_acquire_##scope(b64, unsigned) {}
SIMT_FENCE(cta, membar_cta())
SIMT_FENCE(cluster, membar_gl())
SIMT_FENCE(gpu, membar_gl())
SIMT_FENCE(sys, membar_sys())
#undef SIMT_FENCE
inline void fence_mbarrier_init_release_cluster() { fence_mbarriers(); }
inline void fence_proxy_async() { fence_proxy(); }
inline void fence_proxy_async_global() { fence_proxy(); }
inline void fence_proxy_async_shared() { fence_proxy(); }

// Bulk copies
inline void cp_async_bulk_shared_global_mbarrier_complete_tx_bytes(b32 to, b64 from, b32 size, b32 bar,
                                                                   Site site = Site::here()) {
  bulk_load(to, global(from), size, bar, site);
}
inline void cp_async_bulk_global_shared_bulk_group(b64 to, b32 from, b32 size, Site site = Site::here()) {
  bulk_store(reinterpret_cast<void*>(to), from, size, site);
}
inline void cp_async_bulk_commit_group() { commit_stores(); }
inline void cp_async_bulk_wait_group(unsigned newest) { wait_for_stores(newest); }
inline void cp_async_bulk_wait_group_read(unsigned newest) { wait_for_sources(newest); }
inline void cp_async_bulk_prefetch_L2_global(b64, b32) {}

// Tensor copies: a coordinate per dimension, innermost first.
#define SIMT_TENSOR(D, parameters, ...)                                                           \
  inline void cp_async_bulk_tensor_##D##d_shared_global_mbarrier_complete_tx_bytes(               \
      b32 to, b64 map, parameters, b32 bar, Site site = Site::here()) {                           \
    const int at[] = {__VA_ARGS__};                                                               \
    tensor_load(to, global(map), at, D, bar, site);                                               \
  }                                                                                               \
  inline void cp_async_bulk_tensor_##D##d_global_shared_bulk_group(b64 map, parameters, b32 from, \
                                                                   Site site = Site::here()) {    \
    const int at[] = {__VA_ARGS__};                                                               \
    tensor_store(global(map), at, D, from, site);                                                 \
  }                                                                                               \
  inline void cp_async_bulk_prefetch_tensor_##D##d_L2_global(b64, auto...) {}
#define SIMT_COMMA ,
SIMT_TENSOR(1, b32 a, int(a))
SIMT_TENSOR(2, b32 a SIMT_COMMA b32 b, int(a), int(b))
SIMT_TENSOR(3, b32 a SIMT_COMMA b32 b SIMT_COMMA b32 c, int(a), int(b), int(c))
SIMT_TENSOR(4, b32 a SIMT_COMMA b32 b SIMT_COMMA b32 c SIMT_COMMA b32 d, int(a), int(b), int(c), int(d))
SIMT_TENSOR(5, b32 a SIMT_COMMA b32 b SIMT_COMMA b32 c SIMT_COMMA b32 d SIMT_COMMA b32 e, int(a), int(b),
            int(c), int(d), int(e))
#undef SIMT_COMMA
#undef SIMT_TENSOR
// Advice to caches, whatever words it comes with.
inline void prefetch(auto...) {}
inline void prefetchu(auto...) {}
inline void applypriority(auto...) {}
inline void discard(auto...) {}  // what it leaves behind is undefined: here, what was there
inline void createpolicy(b64& policy, auto...) { policy = 0; }
inline void pmevent(b32) {}

// Barriers of the block, by number
#define SIMT_BARRIER(name, operation)                                      \
  inline void name##_sync(b32 id, Site site = Site::here()) {              \
    block_barrier(id, 0, false, operation ".sync", site);                  \
  }                                                                        \
  inline void name##_sync(b32 id, b32 count, Site site = Site::here()) {   \
    block_barrier(id, count, false, operation ".sync", site);              \
  }                                                                        \
  inline void name##_arrive(b32 id, b32 count, Site site = Site::here()) { \
    block_barrier_arrive(id, count, operation ".arrive", site);            \
  }
SIMT_BARRIER(bar, "bar")
SIMT_BARRIER(barrier, "barrier")
#undef SIMT_BARRIER
inline void bar_warp_sync(b32 mask, Site site = Site::here()) { __syncwarp(mask, site); }
#define SIMT_BARRIER_REDUCTION(op, D, expression, before)                               \
  inline void bar_red_##op(D& d, b32 id, b32 count, bool p, Site site = Site::here()) { \
    const unsigned n = unsigned(block_barrier(id, count, before p, "bar.red", site));   \
    d = expression;                                                                     \
  }                                                                                     \
  inline void bar_red_##op(D& d, b32 id, bool p, Site site = Site::here()) {            \
    bar_red_##op(d, id, 0u, p, site);                                                   \
  }
SIMT_BARRIER_REDUCTION(popc_u32, b32, n, )
SIMT_BARRIER_REDUCTION(and_pred, bool, n == 0, !)
SIMT_BARRIER_REDUCTION(or_pred, bool, n != 0, )
#undef SIMT_BARRIER_REDUCTION

/// Elects the lowest lane of the mask.
inline void elect_sync(b32& lane, bool& elected, b32 mask, Site site = Site::here()) {
  unsigned present = __ballot_sync(mask, 1, site);
  lane = unsigned(std::countr_zero(present));
  elected = lane == current->lane();
}

// Warp instructions. c of shfl: the clamp in bits 0-4, the mask of a segment in bits 8-12.
#define SIMT_SHFL(mode, source, comparison)                                                             \
  inline void shfl_sync_##mode##_b32(b32& d, bool& in_range, b32 a, b32 b, b32 c, b32 mask,             \
                                     Site site = Site::here()) {                                        \
    [[maybe_unused]] int lane = int(current->lane()), by = int(b & 31), segments = int(c >> 8 & 31);    \
    int last = (lane & segments) | (int(c & 31) & ~segments), j = source;                               \
    in_range = j comparison last;                                                                       \
    d = simt::detail::shuffle(mask, a, in_range ? j : lane, "shfl.sync", site);                         \
  }                                                                                                     \
  inline void shfl_sync_##mode##_b32(f32& d, bool& in_range, f32 a, b32 b, b32 c, b32 mask,             \
                                     Site site = Site::here()) {                                        \
    b32 bits;                                                                                           \
    shfl_sync_##mode##_b32(bits, in_range, std::bit_cast<b32>(a), b, c, mask, site);                    \
    d = std::bit_cast<f32>(bits);                                                                       \
  }                                                                                                     \
  inline void shfl_sync_##mode##_b32(f32& d, f32 a, b32 b, b32 c, b32 mask, Site site = Site::here()) { \
    bool in_range;                                                                                      \
    shfl_sync_##mode##_b32(d, in_range, a, b, c, mask, site);                                           \
  }                                                                                                     \
  inline void shfl_sync_##mode##_b32(b32& d, b32 a, b32 b, b32 c, b32 mask, Site site = Site::here()) { \
    bool in_range;                                                                                      \
    shfl_sync_##mode##_b32(d, in_range, a, b, c, mask, site);                                           \
  }
SIMT_SHFL(up, lane - by, >=)
SIMT_SHFL(down, lane + by, <=)
SIMT_SHFL(bfly, lane ^ by, <=)
SIMT_SHFL(idx, (lane & segments) | (by & ~segments), <=)
#undef SIMT_SHFL
inline void vote_sync_ballot_b32(b32& d, bool p, b32 mask, Site site = Site::here()) {
  d = __ballot_sync(mask, p, site);
}
inline void vote_ballot_sync_b32(b32& d, bool p, b32 mask, Site site = Site::here()) {
  d = __ballot_sync(mask, p, site);
}
inline void vote_sync_any_pred(bool& d, bool p, b32 mask, Site site = Site::here()) {
  d = __any_sync(mask, p, site) != 0;
}
inline void vote_sync_all_pred(bool& d, bool p, b32 mask, Site site = Site::here()) {
  d = __all_sync(mask, p, site) != 0;
}
inline void activemask_b32(b32& d, Site site = Site::here()) { d = active_lanes(site); }

// Special registers
inline b32 sreg_laneid() { return current->lane(); }
inline b32 sreg_warpid() { return current->warp(); }
inline b32 sreg_nwarpid() { return (current->block->size + lanes_per_warp - 1) / lanes_per_warp; }
inline b32 sreg_smid() { return 0; }
inline b32 sreg_nsmid() { return 1; }
inline b64 sreg_gridid() { return 0; }
inline b32 sreg_lanemask_eq() { return 1u << current->lane(); }
inline b32 sreg_lanemask_lt() { return (1u << current->lane()) - 1; }
inline b32 sreg_lanemask_le() { return sreg_lanemask_lt() | sreg_lanemask_eq(); }
inline b32 sreg_lanemask_gt() { return ~sreg_lanemask_le(); }
inline b32 sreg_lanemask_ge() { return ~sreg_lanemask_lt(); }
inline b32 sreg_tid_x() { return threadIdx.x; }
inline b32 sreg_tid_y() { return threadIdx.y; }
inline b32 sreg_tid_z() { return threadIdx.z; }
inline b32 sreg_ntid_x() { return blockDim.x; }
inline b32 sreg_ntid_y() { return blockDim.y; }
inline b32 sreg_ntid_z() { return blockDim.z; }
inline b32 sreg_ctaid_x() { return blockIdx.x; }
inline b32 sreg_ctaid_y() { return blockIdx.y; }
inline b32 sreg_ctaid_z() { return blockIdx.z; }
inline b32 sreg_nctaid_x() { return gridDim.x; }
inline b32 sreg_nctaid_y() { return gridDim.y; }
inline b32 sreg_nctaid_z() { return gridDim.z; }
inline b32 sreg_clock() { return b32(clock64()); }
inline b32 sreg_clock_hi() { return b32(b64(clock64()) >> 32); }
inline b64 sreg_clock64() { return b64(clock64()); }
inline b64 sreg_globaltimer() { return __globaltimer(); }
inline b32 sreg_globaltimer_lo() { return b32(__globaltimer()); }
inline b32 sreg_dynamic_smem_size() { return dynamic_shared_size(); }

// Hints to the hardware
inline void griddepcontrol_wait() {}
inline void griddepcontrol_launch_dependents() {}
inline void setmaxnreg_inc_sync_aligned_u32(b32) {}
inline void setmaxnreg_dec_sync_aligned_u32(b32) {}
inline void nanosleep_u32(b32) { yield(); }
inline void exit() { fail(cudaErrorNotSupported, "PTX exit is not supported: return from the kernel", {}); }
inline void brkpt(Site site = Site::here()) { __brkpt(site); }
inline void trap(Site site = Site::here()) { __trap(site); }

}  // namespace simt::ptx
