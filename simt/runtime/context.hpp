#pragma once
// Switching between fibers. Boost.Context does it on every processor, but returns by a jump from a function
// that was called: on x86-64 that puts the processor's return predictions out of step, and each return after
// a switch then costs more than the switch. There a switch is written in line, without a call (38 -> 12 ns a
// barrier).
#include <cstddef>

#ifndef __x86_64__
#include <boost/context/detail/fcontext.hpp>
#endif

namespace simt {

#ifdef __x86_64__

/// A context that starts `entry`, which never returns, on the stack that ends at `top`.
inline void* fresh_context(void* top, std::size_t, void (*entry)()) {
  auto* words = reinterpret_cast<void**>(reinterpret_cast<std::size_t>(top) / 16 * 16 - 16);
  words[0] = reinterpret_cast<void*>(entry);
  words[1] = nullptr;  // in place of a return address
  return words;
}

/// Saves the running fiber in *save and goes on with `to`. What includes this is compiled with -mno-red-zone.
[[gnu::always_inline]] inline void switch_context(void** save, void* to) {
  asm volatile(
      "push %%rbp\n\t"
      "lea 1f(%%rip), %%rax\n\t"
      "push %%rax\n\t"
      "mov %%rsp, (%[save])\n\t"
      "mov %[to], %%rsp\n\t"
      "pop %%rax\n\t"
      "jmp *%%rax\n"
      "1:\n\t"
      "pop %%rbp"
      : [save] "+D"(save), [to] "+S"(to)
      :
      : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
        "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
        "xmm14", "xmm15", "memory", "cc");
}

#else

namespace detail {
inline thread_local void (*next_entry)() = nullptr;
inline void start(boost::context::detail::transfer_t from) {
  *static_cast<void**>(from.data) = from.fctx;
  next_entry();
}
}  // namespace detail

inline void* fresh_context(void* top, std::size_t size, void (*entry)()) {
  detail::next_entry = entry;  // all fibers start the same
  return boost::context::detail::make_fcontext(top, size, detail::start);
}

inline void switch_context(void** save, void* to) {
  auto from = boost::context::detail::jump_fcontext(to, save);
  *static_cast<void**>(from.data) = from.fctx;
}

#endif

}  // namespace simt
