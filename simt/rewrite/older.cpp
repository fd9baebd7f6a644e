// What a CUDA program, C++17, may write and C++20 forbids.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "rewriter.hpp"

namespace simt::rewriting {
namespace {

// What C++20 put into std that a program may well call something of its own.
constexpr std::array newer = {
    "atomic_ref",   "barrier",        "convertible_to", "copyable",        "derived_from", "destructible",
    "endian",       "floating_point", "identity",       "incrementable",   "integral",     "invocable",
    "jthread",      "latch",          "mergeable",      "movable",         "numbers",      "partial_order",
    "permutable",   "predicate",      "projected",      "ranges",          "regular",      "relation",
    "remove_cvref", "same_as",        "semiregular",    "signed_integral", "sortable",     "span",
    "stop_token",   "strong_order",   "swappable",      "type_identity",   "weak_order"};

bool is_newer(std::string_view name) { return std::find(newer.begin(), newer.end(), name) != newer.end(); }

}  // namespace

// In the class Name, `Name<T>(…)` and `~Name<T>()` lose their arguments, and where all constructors are
// `= default` these go, for the class to be an aggregate still. Token `at` is `class` or `struct`.
std::size_t Rewriter::class_definition(std::size_t at) {
  std::size_t i = at + 1;
  while (source_.is(i, "__attribute__") || source_.is(i, "alignas"))
    i = source_.partner(i + 1) == none ? source_.size() : source_.partner(i + 1) + 1;
  if (!source_.is(i, Kind::Identifier) || source_.in_system_header(source_[i].begin)) return at + 1;
  const std::string_view name = source_.text(i++);
  if (source_.is(i, ":") || source_.is(i, "final") || source_.is(i, "<"))
    while (i < source_.size() && !source_.is(i, "{") && !source_.is(i, ";") && !source_.is(i, "(")) ++i;
  if (!source_.is(i, "{") || source_.partner(i) == none) return at + 1;
  const auto among = [this](std::size_t token, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), source_.text(token)) != words.end();
  };
  std::vector<std::pair<std::size_t, std::size_t>> defaulted;  // tokens
  bool all_defaulted = true, copies = false;
  bool assigns = false;  // or has a destructor: copies then do not come by themselves
  for (const std::size_t close = source_.partner(i++); i < close; ++i) {
    if (source_.partner(i) != none) {
      i = std::max(i, source_.partner(i));
      continue;
    }
    assigns = assigns || source_.is(i, "~") || (source_.is(i, "operator") && source_.is(i + 1, "="));
    if (!source_.is(i, name) ||
        !among(i - 1, {";", "{", "}", ":", "~", ">", ")", "explicit", "inline", "__inline__", "constexpr"}))
      continue;
    const std::size_t angle = source_.is(i + 1, "<") ? close_angle(i + 1) : i, open = angle + 1;
    if (angle == none || !source_.is(open, "(") || among(open + 1, {"*", "&"})) continue;
    const std::size_t end = source_.partner(open);
    if (end == none) break;
    if (source_.is(end + 1, "=") && source_.is(end + 2, "default") && !among(i - 1, {"~", "explicit"})) {
      std::size_t begin = i;
      while (!among(begin - 1, {";", "{", "}", ":"})) {
        --begin;
        if (source_.is(begin, ")") && source_.partner(begin) != none) begin = source_.partner(begin);
      }
      defaulted.emplace_back(begin, end + 3);
      copies = copies || end != open + 1;
    } else if (!source_.is(i - 1, "~")) {
      all_defaulted = false;
    }
    if (angle != i) replace(i + 1, angle, "");
    i = end;
  }
  if (all_defaulted && !(copies && assigns))
    for (const auto& [begin, end] : defaulted) replace(begin, end, "");
  return at + 1;
}

// Where the program takes in all of std and uses such a name for something of its own, std's is put aside.
void Rewriter::hide_newer_names() {
  bool all_of_std = false;
  std::set<std::string_view> used;
  for (std::size_t i = 0; i < source_.size(); ++i) {
    if (!source_.is(i, Kind::Identifier)) continue;
    const bool directive =
        source_.is(i, "std") && source_.is(i - 1, "namespace") && source_.is(i - 2, "using");
    if (!directive && (!is_newer(source_.text(i)) || source_.is(i - 1, "::") || source_.is(i - 1, ".") ||
                       source_.is(i - 1, "->")))
      continue;
    if (source_.in_system_header(source_[i].begin)) continue;
    if (directive)
      all_of_std = true;
    else
      used.insert(source_.text(i));
  }
  if (!all_of_std || used.empty()) return;
  for (std::size_t i = 0; i < source_.size(); ++i) {
    if (!source_.is(i, Kind::Identifier) || !used.count(source_.text(i))) continue;
    const bool of_std = source_.is(i - 1, "::") && source_.is(i - 2, "std") && !source_.is(i - 4, "cuda");
    if (of_std || source_.locate(source_[i].begin).file.find("/c++/") != std::string::npos)
      replace(i, i, "simt_std_" + std::string(source_.text(i)));
  }
}

}  // namespace simt::rewriting
