// Kernels' names and launch bounds, and casts of them to void*, which must keep hold of the kernel's type.
#include "rewriter.hpp"

namespace simt::rewriting {

namespace {

// Which parameters between the parentheses are references: kernel(T& x, int n) -> {0}.
std::set<std::size_t> references(const Source& source, std::size_t open, std::size_t close) {
  std::set<std::size_t> found;
  std::size_t parameter = 0, angles = 0;
  for (std::size_t i = open + 1; i < close; ++i) {
    const std::string_view t = source.text(i);
    if ((t == "(" || t == "[" || t == "{") && source.partner(i) != none)
      i = source.partner(i);
    else if (t == "<")
      ++angles;
    else if (t == ">" && angles > 0)
      --angles;
    else if (t == "," && angles == 0)
      ++parameter;
    else if (t == "&" && angles == 0)
      found.insert(parameter);
  }
  return found;
}

}  // namespace

// `__global__ … name(`: the word goes, the name is remembered.
std::size_t Rewriter::global_function(std::size_t at) {
  replace(at, at, "");
  for (std::size_t i = at + 1; i < source_.size() && !source_.is(i, ";") && !source_.is(i, "{"); ++i) {
    if (source_.is(i, "<") && close_angle(i) != none) i = close_angle(i);  // enable_if<f(n), void>
    if (!source_.is(i, "(")) continue;
    const bool attribute = source_.is(i - 1, "__attribute__") || source_.is(i - 1, "__launch_bounds__") ||
                           source_.is(i - 1, "alignas") || source_.is(i - 1, "(");
    if (!attribute && source_.is(i - 1, Kind::Identifier)) {
      auto& of = kernels_[std::string(source_.text(i - 1))];
      if (source_.partner(i) != none) of = references(source_, i, source_.partner(i));
      break;
    }
    if (source_.partner(i) == none) break;
    i = source_.partner(i);
  }
  return at + 1;
}

// `__launch_bounds__(threads, …)` goes, and stands in the kernel's body, where that follows.
std::size_t Rewriter::launch_bounds(std::size_t at) {
  const std::size_t close = source_.is(at + 1, "(") ? source_.partner(at + 1) : none;
  if (close == none) return at + 1;
  replace(at, close, "");
  std::size_t threads = at + 2;  // behind the first argument
  for (; threads < close && !source_.is(threads, ","); ++threads)
    if (source_.partner(threads) != none && source_.partner(threads) > threads)
      threads = source_.partner(threads);
  std::size_t body = close + 1;
  while (body < source_.size() && !source_.is(body, "{") && !source_.is(body, ";"))
    body = source_.is(body, "(") && source_.partner(body) != none ? source_.partner(body) + 1 : body + 1;
  if (source_.is(body, "{"))
    insert(source_[body].end,
           " ::simt::launch_bounds<struct simt_place, int(" + source_.flat(at + 2, threads) + ")>();");
  return close + 1;
}

// `(void*)kernel` and `reinterpret_cast<void*>(kernel)`, const or not, & or not.
std::size_t Rewriter::pointer_cast(std::size_t at) {
  const bool named = source_.is(at, "reinterpret_cast");
  std::size_t i = named ? at + 1 : at;
  if (!source_.is(i, named ? "<" : "(")) return at + 1;
  ++i;
  if (source_.is(i, "const")) ++i;
  if (!source_.is(i, "void")) return at + 1;
  if (source_.is(++i, "const")) ++i;
  if (!source_.is(i, "*") || !source_.is(i + 1, named ? ">" : ")")) return at + 1;
  const std::size_t close = i + 1;
  i = close + 1;
  if (named && !source_.is(i++, "(")) return at + 1;
  if (source_.is(i, "&")) ++i;
  std::size_t name = none;
  for (; source_.is(i, Kind::Identifier) || source_.is(i, "::"); ++i)
    if (source_.is(i, Kind::Identifier)) name = i;
  if (name == none || !kernels_.count(std::string(source_.text(name)))) return at + 1;
  replace(at, close, named ? "::simt::KernelPointer" : "(::simt::KernelPointer)");
  return close + 1;
}

}  // namespace simt::rewriting
