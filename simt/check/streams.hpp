// Which operations of streams (launches, copies, fills) nothing orders: between those, accesses race too.
#pragma once

#include <atomic>
#include <string>

#include "../runtime/operation.hpp"
#include "places.hpp"
#include "shadow.hpp"

namespace simt::checking {

// Every operation takes a range of segments (shadow.hpp). Of those before the running one, from this segment
// on some may be unordered; 0xffffffff: none.
extern std::uint32_t oldest_unordered;
// Whether the operation that this segment belongs to is one that nothing orders before the running one.
bool unordered(std::uint32_t segment);

// The same of an access. Such a read stays in the shadow when the running operation reads as well: a write is
// to meet it.
inline bool unordered_access(const Access& a) {
  return a.segment >= oldest_unordered && unordered(a.segment);
}

// The one that runs: its own segment, and where the program asked for it.
std::uint32_t operation_segment();
Code operation_code();

void operation_queued(Operation&);
void operation_begins(const Operation&);
void name_operation(const char* kernel);
std::string describe_operation(std::uint32_t segment);  // "kernel fill", "a copy or fill"

// Host code accesses memory: of a copy in flight, or managed and last accessed in `segment`. Reports what the
// host has not waited for.
void host_memory_in_flight(std::uintptr_t begin, std::size_t bytes, bool written);
extern std::atomic<bool> any_in_flight;
void check_host_access(std::uintptr_t address, std::size_t bytes, bool store, Code code);
bool awaited(std::uint32_t segment);
// What host code does to managed memory now has a segment too, for operations that run late; 0: none does.
std::uint32_t host_segment();
bool by_host(std::uint32_t segment);

}  // namespace simt::checking
