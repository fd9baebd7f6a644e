// From code addresses to source lines, by the program's own debug information.
#pragma once

#include <cstdint>
#include <span>

#include "simt/check.hpp"
#include "simt/observer.hpp"
#include "simt/site.hpp"

namespace simt::checking {

// A place in the program in few bits, so that it fits beside other things: a code address as an offset into
// the executable (0 where it lies elsewhere), or a Site that the executor gave, above all of those.
using Code = std::uint32_t;
constexpr Code code_bits = 28;
constexpr Code first_site = Code{1} << 27;

void find_executable();  // once, before the next function is used
extern std::uintptr_t executable_begin;
extern Region executable_data;  // what of it can be written
inline Code to_code(const void* return_address) {
  const std::uintptr_t offset = reinterpret_cast<std::uintptr_t>(return_address) - executable_begin;
  return offset < first_site ? static_cast<Code>(offset) : 0;
}

Code to_code(const Site& site);

// The line of the instruction before a return address. Of inlined calls the innermost whose file is the
// user's (neither simt's nor CUDA's nor the system's).
Place place_of(Code code);
// The innermost caller of this function that is in a user's file; 0 where none is known.
Code calling_code();

// Whether the symbol table has an object there.
bool in_object(std::uintptr_t address);

// A function's name as the program writes it, without what stands around it; "(by address)" where no symbol
// tells. It stays.
const char* function_name(const void* function);

// Whether the instruction itself, not only a call that contains it, was written in a user's file.
bool in_users_code(Code code);
// Whether a Thrust algorithm is among the callers of this access by the host.
bool called_by_library(const void* return_address);
// Of a call stack, innermost first, the first call in the user's files.
struct CallSite {
  Place place;
  const void* address = nullptr;  // the return address
};
CallSite call_site(std::span<void* const> return_addresses);
// Whether CUB's caching allocator is among the calls.
bool in_pool(std::span<void* const> return_addresses);

}  // namespace simt::checking
