// Every rung and baseline of the program, collected from the files that define them. There is no other list.
#pragma once

#include <cuda_runtime.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
  std::string title;  // as the table and the lesson name it
  std::string idea;   // the one thing it does that the rung before did not, and what that should gain
  void (*run)(const typename P::Args&, const Context&);  // enqueues on ctx.stream; must not synchronise
  Where where = Where::gpu;
  // Unmet preconditions as "needs …", or "" when this call is fine. The harness then reports `refused: needs
  // …`.
  std::string (*needs)(const typename P::Args&) = nullptr;
  std::size_t (*workspace)(const typename P::Args&) = nullptr;  // bytes
  void (*prepare)(const typename P::Args&,
                  const Context&) = nullptr;                 // untimed, once a shape: autotuning, handles
  std::string (*detail)(const typename P::Args&) = nullptr;  // what was dispatched, for the record
  Numerics numerics = {};
  bool deterministic = true;  // bitwise the same from run to run; tested
  int min_sm = 0;             // least compute capability, 90 for Hopper's instructions
  // How many times fewer multiplications than the definition it needs, at the most (Winograd F(2 x 2, 3 x 3):
  // 36 / 16). Its time may be so much shorter before it counts as impossible.
  double reduction = 1;
  std::string name = {};  // only where one file registers several: appended to the file's stem
};

// A registered rung or baseline with its problem's type erased; pointers arrive as one array, in operand
// order.
struct Entry {
  std::string chapter;  // "03-gemm", or "" for a baseline
  std::string name;     // the file's stem: "05_tile", "cublas_sgemm"
  std::string file;     // path below the repository's root
  std::string problem, title, idea;
  Where where = Where::gpu;
  Numerics numerics;
  bool deterministic = true;
  int min_sm = 0;
  double reduction = 1;

  std::function<std::vector<Dim>()> dims;
  std::function<std::vector<Shape>(ShapeSet)> shapes;
  std::function<std::unique_ptr<Problem>(const Shape&)> make;
  std::function<std::string(const Problem&)> needs;
  std::function<std::size_t(const Problem&)> workspace;
  std::function<void(const Problem&, std::span<void*const>, const Context&)> run, prepare;
  std::function<std::string(const Problem&)> detail;

  bool baseline() const { return chapter.empty(); }
  std::string id() const { return (baseline() ? "baselines" : chapter) + "/" + name; }
};

class Registry {
 public:
  static Registry& instance();
  void add(Entry entry, std::string_view file, const std::string& suffix);  // fills chapter, name and file
  // All entries by id, chapters first, then baselines. Throws std::logic_error for an id that stands twice.
  const std::vector<Entry>& entries();

 private:
  std::vector<Entry> entries_;
  bool sorted_ = false;
};

// Defined once, at namespace scope, in each rung's or baseline's file; the file's own name is the rung's
// name:
//   static const bench::Rung<Saxpy> rung({.title = "…", .idea = "…", .run = launch});
template <class P>
struct Rung {
  explicit Rung(Spec<P> s, const char* file = __builtin_FILE()) {
    // Preconditions see sizes and factors only, so they can be asked before anything is allocated.
    auto args = [](const Problem& p, std::span<void* const> data) {
      if (!data.empty()) return static_cast<const P&>(p).bind(data);
      std::vector<void*> none(p.operands().size(), nullptr);
      return static_cast<const P&>(p).bind(none);
    };
    Entry e;
    e.problem = P::kName;
    e.title = s.title;
    e.idea = s.idea;
    e.where = s.where;
    e.numerics = s.numerics;
    e.deterministic = s.deterministic;
    e.min_sm = s.min_sm;
    e.reduction = s.reduction;
    e.dims = P::dims;
    e.shapes = [](ShapeSet set) {
      auto shapes = P::shapes(set);
      for (auto& shape : shapes) shape = shape.complete(P::dims());
      return shapes;
    };
    e.make = [](const Shape& shape) { return std::make_unique<P>(shape.complete(P::dims())); };
    e.needs = [=](const Problem& p) { return s.needs ? s.needs(args(p, {})) : std::string(); };
    e.workspace = [=](const Problem& p) { return s.workspace ? s.workspace(args(p, {})) : std::size_t(0); };
    e.run = [=](const Problem& p, std::span<void* const> data, const Context& c) { s.run(args(p, data), c); };
    e.prepare = [=](const Problem& p, std::span<void* const> data, const Context& c) {
      if (s.prepare) s.prepare(args(p, data), c);
    };
    e.detail = [=](const Problem& p) { return s.detail ? s.detail(args(p, {})) : std::string(); };
    Registry::instance().add(std::move(e), file, s.name);
  }
};

}  // namespace bench
