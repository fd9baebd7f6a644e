// What the words of PTX stand for: types, and instructions by their names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace simt::rewriting {

inline bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}
std::string_view trimmed(std::string_view s);
// The non-empty parts between separators.
std::vector<std::string_view> split(std::string_view s, std::string_view separators);

// A register's C++ type, by PTX type or by constraint letter. Throws std::invalid_argument on others.
std::string type_of(std::string_view ptx);

bool has_word(std::string_view mnemonic, std::string_view word);

// The function in ::simt::ptx that executes an instruction. Those of types and roundings in any combination
// (conversions, products of matrices, the video instructions) are templates of the words. Otherwise dots and
// colons become underscores. Words that do not change what an instruction does here are left out:
// cache hints, scopes, the cta's window among clusters' windows; subnormal numbers are kept with .ftz too.
// ld.global.nc.L1::no_allocate.v4.f32 is ld_global_f32,
// mbarrier.try_wait.parity.acquire.cta.shared::cta.b64 is mbarrier_try_wait_parity_shared_b64. Loads and
// stores that are more than weak (volatile, relaxed, acquire, release) become ld_strong and st_strong.
std::string function_of(std::string_view mnemonic);

// An access that releases is a strong one behind a fence: its function, or null. One that acquires needs none
// here: nothing is moved in front of it.
const char* fence_before(std::string_view mnemonic);

// The type of an instruction all of whose registers are reals, though they may be declared as .b32 or .b64;
// null for others.
const char* real_arithmetic(std::string_view mnemonic);

}  // namespace simt::rewriting
