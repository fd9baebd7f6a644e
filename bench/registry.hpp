// Every rung and baseline of the program, collected from the files that define them. There is no other list.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/rung.hpp"

namespace bench {

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
  std::function<int(const Problem&)> ways;  // empty, as choose is, where there is one
  std::function<void(const Problem&, int)> choose;
  std::function<std::string(const Problem&)> detail;

  bool baseline() const { return chapter.empty(); }
  std::string id() const { return (baseline() ? "baselines" : chapter) + "/" + name; }
};

class Registry {
 public:
  static Registry& instance();
  void add(Entry entry, std::string_view file, std::string_view suffix);  // fills chapter, name and file
  // All entries by id, chapters first, then baselines. Throws std::logic_error for an id that stands twice.
  const std::vector<Entry>& entries();

 private:
  std::vector<Entry> entries_;
  bool sorted_ = false;
};

// A chapter's problem.cpp instantiates it: template struct bench::Rung<Saxpy>;
template <class P>
Rung<P>::Rung(const Spec<P>& s, const char* file) {
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
  if (s.ways) e.ways = [=](const Problem& p) { return s.ways(args(p, {})); };
  if (s.choose) e.choose = [=](const Problem& p, int way) { s.choose(args(p, {}), way); };
  e.detail = [=](const Problem& p) { return s.detail ? s.detail(args(p, {})) : std::string(); };
  Registry::instance().add(std::move(e), file, s.name);
}

}  // namespace bench
