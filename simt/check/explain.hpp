// Puts what the checker noticed into words. Off the fast path.
#pragma once

#include "block_state.hpp"

namespace simt::checking {

void explain_out_of_bounds(const Cell&, Action, std::uintptr_t address, unsigned bytes, Code);
/// Of a copy by the host.
void explain_past_pinned(Action, std::uintptr_t address, std::size_t bytes, Code);
void explain_misaligned(Action, std::uintptr_t address, unsigned bytes, Code);
void explain_uninitialised(std::uintptr_t address, unsigned bytes, Code);
void explain_in_flight(const Cell&, Action, std::uintptr_t address, unsigned bytes, Code);
void explain_race(const Access& earlier, Code earlier_code, Action earlier_action, Action, const BlockState&,
                  std::uintptr_t address, unsigned bytes, Code);
// An atomic whose scope is its block updates what `earlier`, of another block, updated.
void explain_block_scope(const Access& earlier, Code earlier_code, std::uintptr_t address, unsigned bytes,
                         Code);
// An mbarrier is used that `init` initialised with no barrier between.
void explain_mbarrier(const Access& init, Code init_code, std::uintptr_t address, Code);
// A bulk copy reads, or writes, what `writer` stored with no proxy fence between.
void explain_proxy(Code writer, bool writes, std::uintptr_t address, std::size_t bytes, Code);
// Between operations of two streams; `segment`: of the earlier access.
void explain_unordered(std::uint32_t segment, Code earlier_code, Action earlier_action, Action,
                       std::uintptr_t address, std::size_t bytes, Code);
void explain_managed(std::uint32_t segment, Action earlier_action, Action, std::uintptr_t address,
                     unsigned bytes, Code, Code earlier_code);
// `freed`: what a kernel's malloc gave was given back; otherwise it never gave it.
void explain_kernel_heap(bool freed, Action, std::size_t bytes, Code);
void explain_host_pointer(Action, std::uintptr_t address, unsigned bytes, Code);
void explain_host_access(Action, std::uintptr_t address, std::size_t bytes, const void* return_address);

}  // namespace simt::checking
