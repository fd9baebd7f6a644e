// Turns preprocessed CUDA C++ into C++20 that compiles against simt's headers. These are rewritten:
//   k<<<g, b, s, st>>>(args)   ->  ::simt::launch_named(site, ::simt::Config(g, b, s, st), k's address,
//                                  [=](auto&... a) { k(a...); }, args)
//   __shared__ T x[N];         ->  a reference bound to ::simt::shared<T[N], place>(site)
//   __launch_bounds__(n)       ->  ::simt::launch_bounds<place, n>(); in the kernel's body
//   extern __shared__ T x[];   ->  auto& x = *::simt::dynamic_shared<T[]>();
//   asm("ptx" : … : …);        ->  calls of ::simt::ptx::<mnemonic>(operands)
// what C++17 allows and C++20 does not (older.cpp):
//   Name<T>(…), in class Name  ->  Name(…): a constructor
//   Name() = default;          ->  nothing, where that keeps the class an aggregate
//   span, … of the program     ->  std's is simt_std_span, in its headers too, beside `using namespace std`
// and two have something added, for the checker:
//   __device__ T x;            ->  T x; and a ::simt::DeviceVariable that knows where x is
//   cudaFree(p);               ->  cudaFree(p), ::simt::dropped("cudaFree"); which takes note of an error
// Everything else is left as it is, byte for byte; line markers keep diagnostics on the user's own lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace simt::rewriting {

struct Error {
  std::string file;
  int line = 0;
  std::string message;
};

struct Rewritten {
  std::string text;
  std::vector<Error> errors;  // constructs that simt cannot execute; the text is then not worth compiling
  bool has_volatile = false;  // objects outside system headers: threads may wait for one another through them
};

// `preprocessed`: the output of `c++ -E` with line markers, under 4 GiB. Never throws on malformed input.
// `cpp20`: the program is C++20; otherwise what C++17 allows and C++20 does not is put right.
Rewritten rewrite(std::string_view preprocessed, bool cpp20 = false);

}  // namespace simt::rewriting
