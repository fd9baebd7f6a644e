// What a CUDA program, C++17, may write and C++20 forbids.
#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <utility>

#include "rewriter.hpp"

namespace simt::rewriting {
namespace {

// What C++20 put into std that a program may well call something of its own.
constexpr std::string_view newer[] = {"assume_aligned",
                                      "atomic_ref",
                                      "barrier",
                                      "bidirectional_iterator",
                                      "binary_semaphore",
                                      "bind_front",
                                      "bit_cast",
                                      "bit_ceil",
                                      "bit_floor",
                                      "bit_width",
                                      "common_iterator",
                                      "common_reference",
                                      "construct_at",
                                      "contiguous_iterator",
                                      "convertible_to",
                                      "copyable",
                                      "counted_iterator",
                                      "counting_semaphore",
                                      "countl_one",
                                      "countl_zero",
                                      "countr_one",
                                      "countr_zero",
                                      "derived_from",
                                      "destructible",
                                      "endian",
                                      "erase_if",
                                      "floating_point",
                                      "forward_iterator",
                                      "has_single_bit",
                                      "identity",
                                      "incrementable",
                                      "input_iterator",
                                      "integral",
                                      "invocable",
                                      "jthread",
                                      "latch",
                                      "mergeable",
                                      "midpoint",
                                      "movable",
                                      "numbers",
                                      "output_iterator",
                                      "partial_order",
                                      "partial_ordering",
                                      "permutable",
                                      "popcount",
                                      "predicate",
                                      "projected",
                                      "random_access_iterator",
                                      "ranges",
                                      "regular",
                                      "relation",
                                      "remove_cvref",
                                      "rotl",
                                      "rotr",
                                      "same_as",
                                      "semiregular",
                                      "sentinel_for",
                                      "shift_left",
                                      "shift_right",
                                      "signed_integral",
                                      "sortable",
                                      "source_location",
                                      "span",
                                      "ssize",
                                      "stop_source",
                                      "stop_token",
                                      "strong_order",
                                      "strong_ordering",
                                      "swappable",
                                      "to_address",
                                      "totally_ordered",
                                      "type_identity",
                                      "weak_order",
                                      "weak_ordering"};
static_assert(std::is_sorted(std::begin(newer), std::end(newer)));

bool is_newer(std::string_view name) { return std::binary_search(std::begin(newer), std::end(newer), name); }

}  // namespace

// In the class Name, `Name<T>(…)` and `~Name<T>()` lose their arguments, and where all constructors are
// `= default` these go, for the class to be an aggregate still. Token `at` is `class` or `struct`.
std::size_t Rewriter::class_definition(std::size_t at) {
  std::size_t i = at + 1;
  while (source_.is(i, "__attribute__") || source_.is(i, "alignas"))
    i = source_.partner(i + 1) == none ? source_.size() : source_.partner(i + 1) + 1;
  if (source_.is(i, "allocator")) std_allocator(i);
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

// `Name<T>::~Name<T>()` outside the class loses its arguments too.
void Rewriter::destructor_name(std::size_t at) {
  if (!source_.is(at - 1, "::") || !source_.is(at + 1, Kind::Identifier) || !source_.is(at + 2, "<")) return;
  const std::size_t angle = close_angle(at + 2);
  if (angle != none && source_.is(angle + 1, "(")) replace(at + 2, angle, "");
}

// std::allocator, from which programs derive theirs, gets back what C++20 took. Token `at` is its name.
void Rewriter::std_allocator(std::size_t at) {
  const bool of_void = source_.is(at + 1, "<") && source_.is(at + 2, "void") && source_.is(at + 3, ">");
  std::size_t brace = of_void ? at + 4 : at + 1;
  if (!source_.is(brace, of_void ? "{" : ":") ||
      source_.locate(source_[at].begin).file.find("/c++/") == std::string::npos)
    return;
  while (brace < source_.size() && !source_.is(brace, "{")) ++brace;
  std::string members =
      "public: typedef _Tp *pointer; typedef const _Tp *const_pointer; "
      "template <class _Up> struct rebind { typedef allocator<_Up> other; }; ";
  if (!of_void)
    members +=
        "typedef _Tp &reference; typedef const _Tp &const_reference; "
        "_Tp *address(_Tp &__x) const { return __builtin_addressof(__x); } "
        "const _Tp *address(const _Tp &__x) const { return __builtin_addressof(__x); } "
        "size_t max_size() const { return size_t(-1) / 2 / sizeof(_Tp); } "
        "_Tp *allocate(size_t __n, const void *) { return allocate(__n); } "
        "template <class _Up, class... _Args> void construct(_Up *__p, _Args &&...__args) "
        "{ ::new ((void *)__p) _Up(static_cast<_Args &&>(__args)...); } "
        "template <class _Up> void destroy(_Up *__p) { __p->~_Up(); } ";
  if (of_void) members.insert(8, "typedef void _Tp; ");
  if (brace < source_.size()) insert(source_[brace].end, members);
}

// A word that C++20 took for itself and the program has as a name, as far as the tokens beside it tell.
std::size_t Rewriter::newer_word(std::size_t at) {
  if (source_.in_system_header(source_[at].begin)) return at + 1;
  const std::string_view word = source_.text(at), before = source_.text(at - 1), after = source_.text(at + 1);
  bool is_name = source_.is(at + 1, Kind::Punctuation);
  if (word == "concept") is_name = before != ">" || !source_.is(at + 2, "=");
  const bool lambda = after == "[" && (source_.is(at + 2, "]") || source_.is(at + 2, "&"));
  if (word == "requires")
    is_name = is_name && !lambda && after != "(" && after != "{" && after != "!" && after != "::";
  if (word == "consteval" || word == "constinit")
    is_name = is_name && after != "::" && after != "~" && after != "{";
  for (std::string_view word_before : {".", "->", "struct", "class", "enum", "union", "namespace"})
    is_name = is_name || before == word_before;
  if (is_name) replace(at, at, "simt_name_" + std::string(word));
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
