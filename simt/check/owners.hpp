// Whose memory is where, and who made what: for reports, and for leaks at the end.
#pragma once

#include <cstdint>
#include <string>

#include "simt/observer.hpp"
#include "simt/variable.hpp"

namespace simt::checking {

// Whose memory this is, or is nearest to: "4 bytes past the end of the 4096 bytes cudaMalloc'd at x.cu:41".
struct Owner {
  std::string text;
  const void* object = nullptr;
  bool shared = false;
};
Owner owner_of(std::uintptr_t address);

// Whether the address lies in an allocation that is in use, or within the gap beside one.
bool beside_live(std::uintptr_t address);

// The program's allocations, by the stack that asked for them.
void note_allocation(std::uintptr_t begin, std::size_t bytes, Memory kind);
void note_release(std::uintptr_t begin);
/// A call fails that was to release it: that is told, and it counts as no leak.
void note_refused_release(std::uintptr_t begin);
void note_made(const void* object, const char* what, const char* given_back_by);
void note_given_back(const void* object);
void note_variable(const DeviceVariable&);
const DeviceVariable* variable_around(std::uintptr_t address);  // null: there is none
void note_shared(std::uintptr_t begin, std::size_t bytes, const SharedSite* site);
void forget_shared(std::uintptr_t begin);
void report_leaks();

}  // namespace simt::checking
