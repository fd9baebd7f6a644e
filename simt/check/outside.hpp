// Accesses that no thread of a kernel makes: host code's, and the runtime's own (cudaMemcpy, bulk copies).
#pragma once

#include "access.hpp"
#include "shadow.hpp"

namespace simt::checking {

// Host code accesses a range that lies in `shadow`, or (null) in the host's own memory.
void host_accesses(std::uintptr_t address, std::size_t bytes, Action, const Shadow*,
                   const void* return_address);

// The runtime accesses a range: for an operation of a stream or, `in_launch`, for a kernel's bulk copy, whose
// order is its mbarrier's business. A site without a line: where the operation was asked for.
void runtime_accesses(std::uintptr_t address, std::size_t bytes, Action, Site, bool in_launch);

// An operation of a stream gives memory back.
void freed_in_stream(std::uintptr_t address, std::size_t bytes);

}  // namespace simt::checking
