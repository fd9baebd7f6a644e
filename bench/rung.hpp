// What a rung's or baseline's file says of itself.
#pragma once

#include <cuda_runtime.h>

#include <string>
#include <string_view>

#include "bench/problem.hpp"

namespace bench {

// What a launcher is given beside its arguments.
struct Context {
  cudaStream_t stream = nullptr;
  void* workspace = nullptr;  // at least workspace(args) bytes, 256-byte aligned, full of garbage
};

enum class Where { gpu, cpu };  // the memory its pointers are in, and what executes it

// The arithmetic a rung is held to: componentwise |got - C| <= g*S + u_out*(|C| + g*S), with
// g = min(gamma_n, 6*sqrt(n)*u_acc), gamma_n = n*u_acc / (1 - n*u_acc) (Higham, Accuracy and Stability, 3.1;
// the square root is Higham and Mary 2019, SISC 41(5), with lambda = 6) plus 2*u_in for inputs rounded once
// more. `growth` multiplies g, for algorithms whose transforms enlarge it (Winograd).
struct Numerics {
  double u_acc = 0x1p-24;
  double u_out = 0x1p-24;
  double u_in = 0;
  double growth = 1;
  // Held to Truth::norm instead of S: for algorithms that mix an output's own terms with larger ones before
  // they cancel (Winograd, Strassen), which are stable in a norm, but not in each component (Higham, 23.2.2).
  bool normwise = false;
  bool exact_integers =
      true;  // Fill::integers must match to the last bit; false where constants are not dyadic
};

// What a rung's or baseline's file says of itself. P is its problem.
template <class P>
struct Spec {
  std::string_view title;  // as the table and the lesson name it
  std::string_view idea;   // the one thing it does that the rung before did not, and what that should gain
  void (*run)(const typename P::Args&, const Context&);  // enqueues on ctx.stream; must not synchronise
  Where where = Where::gpu;
  // Unmet preconditions as "needs …", or "" when this call is fine. The harness then reports `refused: needs
  // …`.
  std::string (*needs)(const typename P::Args&) = nullptr;
  std::size_t (*workspace)(const typename P::Args&) = nullptr;         // bytes
  void (*prepare)(const typename P::Args&, const Context&) = nullptr;  // untimed, once a shape: handles
  // A library's choice of algorithms for a shape: how many, and which one `run` is to take from now on; until
  // then the first. Where rungs are timed, the harness times every one as it times rungs, and takes the
  // fastest.
  int (*ways)(const typename P::Args&) = nullptr;
  void (*choose)(const typename P::Args&, int way) = nullptr;
  std::string (*detail)(const typename P::Args&) = nullptr;  // what was dispatched, for the record
  Numerics numerics = {};
  bool deterministic = true;  // bitwise the same from run to run; tested
  int min_sm = 0;             // least compute capability, 90 for Hopper's instructions
  // How many times fewer multiplications than the definition it needs, at the most (Winograd F(2 x 2, 3 x 3):
  // 36 / 16). Its time may be so much shorter before it counts as impossible.
  double reduction = 1;
  std::string_view name = {};  // only where one file registers several: appended to the file's stem
};

// Defined once, at namespace scope, in each rung's or baseline's file; the file's own name is the rung's
// name:
//   static const bench::Rung<Saxpy> rung({.title = "…", .idea = "…", .run = launch});
template <class P>
struct Rung {
  // Compiled once for each problem, with the problem (bench/registry.hpp has the definition).
  explicit Rung(const Spec<P>& spec, const char* file = __builtin_FILE());
};

}  // namespace bench
