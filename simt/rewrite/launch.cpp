// k<<<grid, block, shared, stream>>>(arguments)
#include <algorithm>
#include <array>

#include "rewriter.hpp"

namespace simt::rewriting {
namespace {

bool is_statement_keyword(std::string_view s) {
  static constexpr std::array words = {"return",   "else",  "do",     "case",     "goto",      "throw",
                                       "if",       "while", "for",    "switch",   "co_return", "co_await",
                                       "co_yield", "new",   "delete", "operator", "template"};
  return std::find(words.begin(), words.end(), s) != words.end();
}

}  // namespace

// Token i is `<`. A launch is `<<` directly followed by `<`, which nothing else in C++ is but operator<<<T>.
std::size_t Rewriter::launch(std::size_t i) {
  if (!(source_.is(i + 1, "<") && source_.is(i + 2, "<") && source_.adjacent(i))) return i + 1;
  if (i > 0 && source_.is(i - 1, "operator")) return i + 3;
  bool is_value = false;
  const std::size_t begin = kernel_begin(i, is_value);
  const std::size_t close = config_end(i + 3);
  if (begin == none || close == none) return i + 3;

  const std::size_t open = close + 3;
  const std::string kernel = source_.flat(begin, i);
  std::size_t name = begin;  // the last one before template arguments
  while (source_.is(name + 1, "::")) name += 2;
  const auto known = kernels_.find(std::string(source_.text(name)));
  static const std::set<std::size_t> no_references;
  const bool named = !is_value && !in_expansion(source_.partner(open));
  const bool pointer = is_value || (begin + 1 == i && known == kernels_.end());  // a variable, maybe a member
  replace(begin, i + 2,
          std::string(named ? " ::simt::launch_named" : " ::simt::launch") + "(::simt::LaunchSite" +
              site(i, kernel) + ", ::simt::Config(");
  bool arguments_left = false;
  std::string call = call_through(kernel, pointer, open,
                                  known == kernels_.end() ? no_references : known->second, arguments_left);
  replace(close, open, "), " + (named ? address(kernel) + ", " : "") + call + (arguments_left ? ", " : ""));
  return i + 3;  // the configuration and the arguments may hold lambdas with launches of their own
}

// Where the postfix expression that ends before token `launch` begins. `is_value`: more than a name, so that
// it is evaluated once on the host (a pointer in a struct, an element of a table, the result of a call).
std::size_t Rewriter::kernel_begin(std::size_t launch, bool& is_value) const {
  std::size_t i = launch;
  while (i > 0) {
    const std::size_t last = i - 1;
    if (source_.is(last, ")") || source_.is(last, "]")) {
      i = source_.partner(last);
      if (i == none) return none;
      is_value = true;
      const bool more =
          i > 0 && (source_.is(i - 1, "]") || source_.is(i - 1, ">") ||
                    (source_.is(i - 1, Kind::Identifier) && !is_statement_keyword(source_.text(i - 1))));
      if (more) continue;
      return source_.is(last, ")") ? i : none;
    }
    if (source_.is(last, ">")) {
      i = open_angle(last);
      if (i == none) return none;
      continue;
    }
    if (!source_.is(last, Kind::Identifier) || is_statement_keyword(source_.text(last))) return none;
    i = last;
    if (i > 0 && source_.is(i - 1, "template")) --i;
    if (i > 0 && source_.is(i - 1, "::")) {
      --i;
      const bool qualified =
          i > 0 && (source_.is(i - 1, ">") ||
                    (source_.is(i - 1, Kind::Identifier) && !is_statement_keyword(source_.text(i - 1))));
      if (qualified) continue;
    } else if (i > 0 && (source_.is(i - 1, ".") || source_.is(i - 1, "->"))) {
      is_value = true;
      --i;
      continue;
    }
    return i;
  }
  return none;
}

// The `<` of the template arguments that end with token `close`. k<N < 3>: the outermost `<` of the
// statement.
std::size_t Rewriter::open_angle(std::size_t close) const {
  std::size_t found = none;
  int depth = 0;
  for (std::size_t i = close + 1; i-- > 0;) {
    const std::string_view t = source_.text(i);
    if (source_.is(i, Kind::String) || source_.is(i, Kind::Character)) continue;
    if (t == ")" || t == "]" || t == "}") {
      const std::size_t partner = source_.partner(i);
      if (partner == none || (t == "}" && found != none)) break;
      i = partner;
    } else if (t == "(" || t == "[" || t == "{" || t == ";" || (t == "?" && found != none)) {
      break;
    } else if (t == ">") {
      ++depth;
    } else if (t == "<") {
      if (i > 0 && source_.is(i - 1, "<") && source_.adjacent(i - 1)) {
        --i;  // a shift
      } else if (depth > 0) {
        --depth;
      }
      if (depth == 0 && source_.is(i, "<") && i > 0 && source_.is(i - 1, Kind::Identifier)) found = i;
    }
  }
  return found;
}

// The first of the three `>` that end the configuration: `>>>(` outside brackets with as many template
// arguments closed as opened. Where a less-than sign spoils the count, the first `>>>(`.
std::size_t Rewriter::config_end(std::size_t begin) const {
  std::size_t fallback = none, open = 0;
  for (std::size_t i = begin; i < source_.size();) {
    const std::string_view t = source_.text(i);
    if (source_.is(i, Kind::Punctuation) && (t == "(" || t == "[" || t == "{")) {
      if (source_.partner(i) == none) break;
      i = source_.partner(i) + 1;
    } else if (t == ")" || t == "]" || t == "}" || t == ";") {
      break;
    } else if (t == "<") {
      const bool shift = source_.is(i + 1, "<") && source_.adjacent(i);
      if (!shift && source_.is(i - 1, Kind::Identifier)) ++open;
      i += shift ? 2 : 1;
    } else if (t == ">") {
      std::size_t end = i;
      while (source_.is(end, ">")) ++end;
      const std::size_t run = end - i;
      if (run >= 3 && source_.is(end, "(") && source_.partner(end) != none && end - 3 > begin) {
        if (open <= run - 3) return end - 3;
        if (fallback == none) fallback = end - 3;
      }
      open -= std::min(open, run);
      i = end;
    } else {
      ++i;
    }
  }
  return fallback;
}

// Whether what ends with token `last` stands where a pack is expanded, as in a fold. The kernel's name may
// hold the pack, and GCC does not find it within requires.
bool Rewriter::in_expansion(std::size_t last) const {
  bool same_statement = true;
  for (std::size_t i = last + 1; i < source_.size(); ++i) {
    const std::string_view t = source_.text(i);
    const std::size_t partner = source_.partner(i);
    if (t == "...") {
      if (same_statement) return true;
    } else if (t == ";") {
      same_statement = false;
    } else if (t == "}" && !source_.is(i + 1, "(") && !source_.is(i + 1, ")") && !source_.is(i + 1, ",") &&
               !source_.is(i + 1, "...")) {
      return false;  // no lambda's end
    } else if (partner != none && partner > i) {
      i = partner;
    } else if (partner != none) {
      if (source_.is(partner + 1, "...")) return true;
      same_statement = true;
    }
  }
  return false;
}

// The lambda that gives the kernel for arguments of the types simt_A: a name that says it all, one
// that takes these types (overloads, templates without their arguments) or a variable. None where a
// conversion decides.
std::string Rewriter::address(const std::string& kernel) {
  const std::string ways[] = {"::simt::named_kernel<" + kernel + ", simt_A...>()",
                              "::simt::named_kernel<static_cast<void (*)(simt_A...)>(" + kernel + ")>()",
                              "::simt::kernel_at<simt_A...>(" + kernel + ")"};
  std::string body;
  for (const std::string& way : ways)
    body += "if constexpr (requires { " + way + "; }) return " + way + "; else ";
  return "[&]<class... simt_A>() { " + body + "return nullptr; }";
}

// The lambda that calls the kernel. Arguments reach it evaluated; literals that convert only as literals (a
// null pointer written 0, {1, 2}) move into it, out of the argument list that begins at token `open`. What
// the kernel takes by reference is not copied: a program that runs has it in managed memory. `pointer`: the
// kernel is what an expression gives at the launch.
std::string Rewriter::call_through(std::string_view kernel, bool pointer, std::size_t open,
                                   const std::set<std::size_t>& references, bool& arguments_left) {
  const std::size_t close = source_.partner(open);
  struct Argument {
    std::size_t begin, end;  // tokens
    bool literal;
  };
  std::vector<Argument> arguments;
  bool pack = false;
  for (std::size_t i = open + 1, begin = i; i <= close; ++i) {
    if (source_.is(i, "(") || source_.is(i, "[") || source_.is(i, "{")) {
      const std::size_t partner = source_.partner(i);
      if (partner != none && partner < close) i = partner;
    } else if (source_.is(i, "<") && source_.is(i - 1, Kind::Identifier)) {
      const std::size_t end = close_angle(i);  // f<a, b>(c) is one argument, a < b, c > d two
      if (end != none && end < close &&
          (source_.is(end + 1, "(") || source_.is(end + 1, "{") || source_.is(end + 1, "::")))
        i = end;
    } else if (i == close || source_.is(i, ",")) {
      if (i > begin) {
        const std::string_view first = source_.text(begin);
        const bool null =
            i == begin + 1 && (first == "0" || first == "NULL" || first == "__null" || first == "nullptr");
        const bool braced = first == "{" && source_.partner(begin) == i - 1;
        arguments.push_back({begin, i, null || braced});
        pack = pack || source_.is(i - 1, "...");
      }
      begin = i + 1;
    }
  }
  const bool inlined =
      !pack && std::any_of(arguments.begin(), arguments.end(), [](const Argument& a) { return a.literal; });
  for (const std::size_t n : references) {
    if (n >= arguments.size() || arguments[n].literal) continue;
    insert(source_[arguments[n].begin].begin, "::simt::by_reference(");
    insert(source_[arguments[n].end - 1].end, ")");
  }
  const std::string parameter = references.empty() ? "simt_a" : "::simt::parameter(simt_a)";
  std::string parameters, values;
  if (!inlined) {
    arguments_left = !arguments.empty();
    if (arguments_left) parameters = "auto&... simt_a", values = parameter + "...";
  } else {
    for (std::size_t n = 0; n < arguments.size(); ++n) {
      const Argument& a = arguments[n];
      const std::string name = "simt_a" + std::to_string(n);
      if (!values.empty()) values += ", ";
      if (a.literal)
        values += source_.flat(a.begin, a.end);
      else
        values += references.count(n) ? "::simt::parameter(" + name + ")" : name;
      if (!a.literal) parameters += (parameters.empty() ? "auto& " : ", auto& ") + name;
    }
    // What is left of the list: each literal goes with the comma before it, or at the front with the one
    // behind.
    bool kept = false;
    for (const Argument& a : arguments) {
      if (!a.literal) {
        kept = true;
        continue;
      }
      const std::size_t last = a.end - 1;
      if (kept)
        replace(a.begin - 1, last, "");
      else
        replace(a.begin, a.end < close ? a.end : last, "");
    }
    arguments_left = kept;
  }
  const std::string callee = pointer ? "simt_k" : std::string(kernel);
  return "[=" + (pointer ? ", simt_k = " + std::string(kernel) : "") + "](" + parameters + ") { " + callee +
         "(" + values + "); }";
}

}  // namespace simt::rewriting
