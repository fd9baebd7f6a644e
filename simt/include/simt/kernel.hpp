#pragma once
#pragma GCC system_header  // its inline assembly is the host's, which the rewriter leaves alone
// What is known of a kernel before it runs: which function a launch names, and what that function's body says
// of its static shared memory and of its block's size.
#include <cstddef>
#include <typeinfo>

#include "simt/thread.hpp"

namespace simt {

/// A function whose symbol the compiler wrote down for kernel_symbol().
struct NamedKernel {
  const void* address;
  const char* symbol;
};

/// The kernel that a launch names; also writes its symbol into the section simt_kernels, for a body knows its
/// function by that alone. The types are there to make what names the kernel depend on a launch's arguments,
/// so that a name that is ambiguous without them is no error.
template <auto* kernel, class...>
decltype(kernel) named_kernel() {
#if !defined __PIC__ || defined __PIE__  // a shared library's symbols are not constants
  asm volatile(
      ".pushsection .rodata.simt_symbols,\"a?\"\n"
      "1: .asciz \"%c0\"\n"
      ".popsection\n"
      ".pushsection simt_kernels,\"aw?\"\n"
      ".balign 8\n"
      ".quad %c0, 1b\n"
      ".popsection" ::"i"(kernel));
#endif
  return kernel;
}
/// The same for a variable that points to a kernel.
template <class..., class F>
F* kernel_at(F* kernel) {
  return kernel;
}

namespace detail {
bool note_static_shared(const char* place, std::size_t size, std::size_t align);
bool note_launch_bounds(const char* place, int threads);

// The compiler's name of a type that is local to a function holds the function's.
template <class Place>
const char* name_of() {
  return typeid(Place*).name();
}
// Static members are initialised before main, those of templates where a function that is compiled uses them.
template <class Place, std::size_t size, std::size_t align>
struct StaticSharedNote {
  inline static const bool noted = note_static_shared(name_of<Place>(), size, align);
};
template <class Place, int threads>
struct LaunchBoundsNote {
  inline static const bool noted = note_launch_bounds(name_of<Place>(), threads);
};
}  // namespace detail

/// `__launch_bounds__(threads)`, in the kernel's body.
template <class Place, int threads>
SIMT_UNCHECKED inline void launch_bounds() {
  static_cast<void>(&detail::LaunchBoundsNote<Place, threads>::noted);
}

}  // namespace simt
