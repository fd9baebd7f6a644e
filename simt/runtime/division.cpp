// An integer division that x86 traps. A GPU does not: by zero all bits of the result are set, and the
// quotient of the least integer and -1 is the least integer.
#include <ucontext.h>

#include <cstdint>

#include "block.hpp"

#ifdef __x86_64__
namespace simt {

namespace {

/// `div` or `idiv` at a code address (Intel's manual, volume 2, chapter 2).
struct Division {
  unsigned bytes = 0;  // of the instruction; 0: it is another one
  unsigned bits = 32;  // of the operands
  bool is_signed = false;

  explicit Division(const std::uint8_t* code) {
    const std::uint8_t* at = code;
    if (*at == 0x66) bits = 16, ++at;
    if ((*at & 0xf0) == 0x40) bits = *at++ & 8 ? 64 : bits;
    if ((*at & 0xfe) != 0xf6) return;
    if (*at++ == 0xf6) bits = 8;
    const unsigned mod = *at >> 6, operation = *at >> 3 & 7, base = *at & 7;
    ++at;
    if (operation < 6) return;
    is_signed = operation == 7;
    const bool scaled = mod != 3 && base == 4;
    const bool absolute = mod == 0 && (scaled ? (*at & 7) == 5 : base == 5);
    at += scaled + (mod == 1 ? 1 : mod == 2 || absolute ? 4 : 0);
    bytes = static_cast<unsigned>(at - code);
  }
};

}  // namespace

Trap divide_as_gpu(void* context) {
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  greg_t &quotient = registers[REG_RAX], &remainder = registers[REG_RDX];
  const Division division(reinterpret_cast<const std::uint8_t*>(registers[REG_RIP]));
  if (!division.bytes) return Trap::other;
  registers[REG_RIP] += division.bytes;
  const greg_t ones = division.bits == 64 ? -1 : (greg_t{1} << division.bits) - 1;
  const greg_t least = greg_t(std::uint64_t{1} << (division.bits - 1));
  // The dividend is in both. That of the least integer and 0 is taken for the other.
  if (division.is_signed && division.bits > 8 && (quotient & ones) == least && (remainder & ones) == ones) {
    remainder = 0;
    return Trap::overflow;
  }
  quotient = division.bits == 8 ? 0xffff : ones;  // of bytes, the remainder is the upper one
  if (division.bits > 8) remainder = ones;
  return Trap::by_zero;
}

}  // namespace simt
#endif
