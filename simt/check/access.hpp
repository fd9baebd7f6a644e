// Checks one access against the shadow, and logs it.
#pragma once

#include <cstdint>

#include "counts.hpp"
#include "places.hpp"
#include "simt/observer.hpp"

namespace simt::checking {

// By the running thread or, where there is none, by host code. `strong`: atomic or volatile, which do not
// race with one another. Host memory is nobody's business and returns at once.
template <unsigned bytes, Action action>
void access(const void* address, const void* return_address, bool strong = false);

// Before an atomic access whose scope is the running block: another block's to the same address may come
// between.
void check_block_scope(const void* address, unsigned bytes, const void* return_address);

// The running thread is about to use an mbarrier, which some thread has initialised.
void mbarrier_used(std::uintptr_t address, Code code);

// A plain copy of a struct or array: as its 4-byte pieces.
void access_range(const void* address, std::size_t bytes, Action action, const void* return_address);

// An asynchronous copy that the running thread issued, at `code`; if it is no bulk copy, it is logged as the
// thread's. `whole`: bytes that nobody wrote are told of.
void access_by_copy(std::uintptr_t address, std::size_t bytes, Action action, Code code, bool bulk,
                    bool whole = true);

// A bulk copy that the running thread issued reads global memory. It leaves no trace as a reader, for it
// reads until its mbarrier tells.
void read_by_bulk_copy(std::uintptr_t address, std::size_t bytes, Code code);

// Whether a store of the value that is there already races with whoever stored it.
extern bool equal_stores_race;

// The host's heap and the stack of its main thread.
extern Region host_heap, host_stack;

// The running thread published what it did (a memory fence): to all, or to its block.
void fence();
void fence_block();

}  // namespace simt::checking
