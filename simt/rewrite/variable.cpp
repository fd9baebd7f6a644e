// __device__, __constant__ and __managed__ variables: a checker learns where they are.
#include "rewriter.hpp"

namespace simt::rewriting {
namespace {
bool is_space(std::string_view s) { return s == "device" || s == "constant" || s == "managed"; }
}  // namespace

// `__attribute__((device)) … x[4] = {…};` at namespace scope is followed by an object that names x.
// Functions, templates and declarations without a definition are left alone.
std::size_t Rewriter::device_variable(std::size_t at) {
  const std::size_t next = at + 1;
  const auto space_at = [&](std::size_t i) {
    return source_.is(i, "__attribute__") && source_.is(i + 1, "(") && source_.is(i + 2, "(") &&
           is_space(source_.text(i + 3)) && source_.is(i + 4, ")");
  };
  if (!space_at(at) || !at_namespace_scope() || source_.in_system_header(source_[at].begin)) return next;
  std::string space(source_.text(at + 3));
  for (std::size_t i = at; i-- > 0;) {
    const std::string_view t = source_.text(i);
    if (t == ";" || t == "{" || t == "}") break;
    if (t == "template" || t == "extern" || t == "using" || t == "typedef" || space_at(i)) return next;
  }
  std::string registered;
  bool has_class_key = false;
  std::size_t name = none, i = at + 6;
  for (; i < source_.size(); ++i) {
    const std::string_view t = source_.text(i);
    if (t == "template" || t == "extern" || t == "operator") return next;
    if (t == "struct" || t == "class" || t == "union" || t == "enum") has_class_key = true;
    if (t == "{" && has_class_key) return next;  // a class, defined on the way
    if (space_at(i) && !source_.is(i + 3, "device")) space = source_.text(i + 3);  // __device__ __managed__
    if (t == "__attribute__" || t == "alignas" || t == "decltype" || t == "__align__") {
      if (source_.partner(i + 1) == none) return next;
      i = source_.partner(i + 1);
    } else if (t == "<") {
      i = close_angle(i);
      if (i == none) return next;
    } else if (t == "(" && !source_.is(i + 1, Kind::Number)) {
      return next;  // a function, or a pointer to one; else an initialiser
    } else if (t == "(" || t == "=" || t == "{" || t == "[" || t == "," || t == ";") {
      if (name == none) return next;
      const std::string id(source_.text(name));
      registered += " static const ::simt::DeviceVariable simt_" + id + "_" +
                    std::to_string(source_[name].begin) + "(&" + id + ", sizeof " + id + ", \"" + space +
                    "\", " + site(name, id) + ");";
      name = none;
      while (i < source_.size() && !source_.is(i, ",") && !source_.is(i, ";")) {  // the initialiser
        if (source_.is(i, "}") || source_.is(i, ")")) return next;
        const bool opens = source_.is(i, "(") || source_.is(i, "[") || source_.is(i, "{");
        if (opens && source_.partner(i) == none) return next;
        i = opens ? source_.partner(i) + 1 : i + 1;
      }
      if (source_.is(i, ";")) break;
    } else if (t == "}" || t == ")" || t == "]") {
      return next;
    } else if (source_.is(i, Kind::Identifier)) {
      name = source_.is(i + 1, "::") || source_.is(i - 1, "::") ? none : i;
    }
  }
  if (registered.empty() || !source_.is(i, ";")) return next;
  replace(i, i, ";" + registered);
  return next;
}

}  // namespace simt::rewriting
