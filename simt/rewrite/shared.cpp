// __shared__ declarations, static and extern.
#include <algorithm>
#include <array>

#include "rewriter.hpp"

namespace simt::rewriting {
namespace {

template <std::size_t N>
bool one_of(std::string_view s, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), s) != words.end();
}

bool is_qualifier(std::string_view s) {
  return one_of<5>(s, {"const", "volatile", "__volatile__", "__restrict__", "mutable"});
}
bool is_storage(std::string_view s) {
  return one_of<7>(s,
                   {"__shared__", "static", "extern", "inline", "thread_local", "__device__", "__inline__"});
}
bool is_alignment(std::string_view s) { return one_of<3>(s, {"alignas", "__attribute__", "__align__"}); }
bool is_class_key(std::string_view s) { return one_of<4>(s, {"struct", "class", "union", "enum"}); }
bool is_fundamental(std::string_view s) {
  return one_of<13>(s, {"unsigned", "signed", "int", "long", "short", "char", "bool", "float", "double",
                        "void", "wchar_t", "__int128", "char8_t"});
}
bool ends_statement(std::string_view s) {
  return one_of<10>(
      s, {"else", "do", "return", "case", "default", "public", "private", "protected", "namespace", "goto"});
}

// alignas(16) and __align__(16), which only a program without CUDA's headers still shows, as attributes of a
// class.
std::string as_attribute(const Source& source, std::size_t first, std::size_t close) {
  if (source.is(first, "__align__")) return "alignas" + source.flat(first + 1, close + 1) + " ";
  return source.flat(first, close + 1) + " ";
}

}  // namespace

// The `>` that closes the template arguments opened at token `open`; none where it is a less-than sign.
std::size_t Rewriter::close_angle(std::size_t open) const {
  int depth = 0;
  for (std::size_t i = open; i < source_.size(); ++i) {
    const std::string_view t = source_.text(i);
    if (!source_.is(i, Kind::Punctuation)) continue;
    if (t == "(" || t == "[" || t == "{") {
      if (source_.partner(i) == none) return none;
      i = source_.partner(i);
    } else if (t == ")" || t == "]" || t == "}" || t == ";") {
      return none;
    } else if (t == "<") {
      if (source_.is(i + 1, "<") && source_.adjacent(i))
        ++i;
      else
        ++depth;
    } else if (t == ">" && --depth == 0) {
      return i;
    }
  }
  return none;
}

// From the first token of A<B>::template C<D> or decltype(e) to behind it.
std::size_t Rewriter::skip_qualified_name(std::size_t i) const {
  for (;;) {
    if (source_.is(i, "::")) ++i;
    if (source_.is(i, "template")) ++i;
    if (!source_.is(i, Kind::Identifier)) return i;
    ++i;
    if (source_.is(i - 1, "decltype") && source_.is(i, "(") && source_.partner(i) != none)
      i = source_.partner(i) + 1;
    if (source_.is(i, "<")) {
      const std::size_t close = close_angle(i);
      if (close == none) return i;
      i = close + 1;
    }
    if (!source_.is(i, "::")) return i;
  }
}

// `x[4][5]`, `*x`, `(*x)[4]`: from token i, which moves to behind it.
bool Rewriter::parse_declarator(std::size_t& i, Declarator& d, std::string& alignment) {
  for (; i < source_.size() && !source_.is(i, ",") && !source_.is(i, ";") && !source_.is(i, "="); ++i) {
    const std::string_view t = source_.text(i);
    std::string& part = d.name.empty() ? d.before : d.after;
    if (is_alignment(t) && source_.is(i + 1, "(") && source_.partner(i + 1) != none) {
      alignment += as_attribute(source_, i, source_.partner(i + 1));
      i = source_.partner(i + 1);
    } else if (source_.is(i, Kind::Identifier) && !is_qualifier(t) && d.name.empty()) {
      d.name = t;
      d.token = i;
      d.array = source_.is(i + 1, "[");
    } else if (t == "[" && source_.partner(i) != none) {
      const std::string bound = source_.flat(i + 1, source_.partner(i));
      const bool compares =
          bound.find('>') != std::string::npos;  // as a template's argument, it would close the list
      part += compares ? "[(" + bound + ")]" : "[" + bound + "]";
      i = source_.partner(i);
    } else if (t == "{" || t == "}") {
      return false;
    } else {
      part += std::string(t) + (is_qualifier(t) ? " " : "");
    }
  }
  return !d.name.empty() && !source_.is(i, "=");
}

std::size_t Rewriter::shared_declaration(std::size_t at) {
  // Back to the declaration's first token.
  std::size_t begin = at;
  while (begin > 0) {
    const std::string_view t = source_.text(begin - 1);
    if (t == ")" || t == "]") {
      const std::size_t open = source_.partner(begin - 1);
      if (open == none || open == 0) break;
      if (t == ")" && !(is_alignment(source_.text(open - 1)) || source_.is(open - 1, "decltype"))) break;
      if (t == "]" && !source_.is(open + 1, "[")) break;
      begin = t == ")" ? open - 1 : open;
    } else if (t == ">") {
      const std::size_t open = open_angle(begin - 1);
      if (open == none) break;
      begin = open;
    } else if (t == "::" || (source_.is(begin - 1, Kind::Identifier) && !ends_statement(t))) {
      --begin;
    } else {
      break;
    }
  }

  // Its specifiers: the type, without storage and alignment.
  std::string type, alignment, definition;
  bool is_extern = false, have_type = false;
  std::size_t i = begin;
  for (; i < source_.size(); ++i) {
    const std::string_view t = source_.text(i);
    if (is_storage(t)) {
      is_extern = is_extern || t == "extern";
    } else if (is_alignment(t) && source_.is(i + 1, "(") && source_.partner(i + 1) != none) {
      alignment += as_attribute(source_, i, source_.partner(i + 1));
      i = source_.partner(i + 1);
    } else if (t == "[" && source_.is(i + 1, "[") && source_.partner(i) != none) {
      i = source_.partner(i);
    } else if (is_qualifier(t) || is_fundamental(t) || t == "typename") {
      type += std::string(t) + " ";
      have_type = have_type || is_fundamental(t);
    } else if (is_class_key(t) && !have_type) {
      std::size_t end = i + 1;
      while (is_alignment(source_.text(end)) && source_.is(end + 1, "(") && source_.partner(end + 1) != none)
        end = source_.partner(end + 1) + 1;
      const std::size_t name = end;
      end = skip_qualified_name(end);
      std::size_t body = end;
      while (body < source_.size() && source_.is(end, ":") && !source_.is(body, "{") &&
             !source_.is(body, ";"))
        ++body;
      if (source_.is(body, "{") && source_.partner(body) != none) {
        const std::string made = name == end ? "simt_type_" + std::to_string(at) : source_.flat(name, end);
        definition =
            source_.flat(i, name) + " " + made + " " + source_.flat(end, source_.partner(body) + 1) + "; ";
        type += made + " ";
        i = source_.partner(body);
      } else {
        type += source_.flat(i, end) + " ";
        i = end - 1;
      }
      have_type = true;
    } else if ((source_.is(i, Kind::Identifier) || t == "::") && !have_type) {
      const std::size_t end = skip_qualified_name(i);
      type += source_.flat(i, end) + " ";
      i = end - 1;
      have_type = true;
    } else {
      break;
    }
  }

  std::string out = definition;
  const bool namespace_scope = at_namespace_scope();
  for (;; ++i) {
    Declarator d;
    const bool read =
        have_type && parse_declarator(i, d, alignment) && (source_.is(i, ",") || source_.is(i, ";"));
    if (!read || (i < at && source_.is(i, ";"))) {  // a statement that ends before it gets here is none
      fail(at, source_.is(i, "=") || source_.is(i, "{") ? "a __shared__ variable cannot have an initialiser"
                                                        : "cannot read this __shared__ declaration");
      return at + 1;
    }
    if (is_extern) {
      std::string element = type + d.before, rest = d.after;
      if (d.array) rest = rest.substr(rest.find(']') + 1);  // the first, unknown bound
      element += rest;
      if (namespace_scope) {
        std::string key;
        for (const Scope& s : scopes_) key += s.name + "::";
        if (dynamic_names_.insert(key + d.name).second)
          out +=
              "[[maybe_unused]] static constexpr ::simt::DynamicShared<" + element + "> " + d.name + "{}; ";
      } else {
        // An array, of which a cast to a reference or an address is one of its bytes.
        const std::string object = d.array ? type + d.before + "[]" + rest : element;
        out += "[[maybe_unused]] auto& " + d.name + " = *::simt::dynamic_shared<" + object + ">(); ";
        shared_names_.push_back(d.name);
      }
    } else {
      const std::string object = type + d.before + d.after, place = "simt_place_" + d.name;
      out += "struct " + alignment + place + " { char c; }; static ::simt::SharedSite simt_site_" + d.name +
             site(d.token, d.name) + "; ";
      if (namespace_scope) {
        out += "[[maybe_unused]] static constexpr ::simt::StaticShared<" + object + ", simt_site_" + d.name +
               ", " + place + "> " + d.name + "{}; ";
        if (!d.array) shared_objects_.insert(d.name);
      } else {
        out += "[[maybe_unused]] auto& " + d.name + " = ::simt::shared<" + object + ", " + place +
               ">(simt_site_" + d.name + "); ";
        shared_names_.push_back(d.name);
      }
    }
    if (source_.is(i, ";")) break;
  }
  replace(begin, i, out);
  return i + 1;
}

// Outside functions a class's object is reached through one that stands for it, and has none of its members:
// they are asked of what its address points to, which is right for anything else of that name too.
std::size_t Rewriter::member_of_shared(std::size_t at) {
  if (!(source_.is(at + 1, ".") || source_.is(at + 1, "->")) || source_.is(at - 1, ".") ||
      source_.is(at - 1, "->"))
    return at + 1;
  std::size_t begin = at;
  while (source_.is(begin - 1, "::")) {
    --begin;
    if (source_.is(begin - 1, Kind::Identifier) && !ends_statement(source_.text(begin - 1))) --begin;
  }
  insert(source_[begin].begin, "(*&");
  insert(source_[at].end, ")");
  return at + 1;
}

// In CUDA a shared variable is static and a lambda names it; here it is a local reference that [=] would
// copy.
void Rewriter::capture_shared_by_reference(std::size_t bracket) {
  const std::size_t close = source_.partner(bracket);
  if (close == none || !(source_.is(bracket + 2, "]") || source_.is(bracket + 2, ","))) return;
  std::size_t body = close;
  while (body < source_.size() && !source_.is(body, "{") && !source_.is(body, ";")) ++body;
  if (source_.partner(body) == none) return;
  std::set<std::string_view> used, captured;
  for (std::size_t i = body; i < source_.partner(body); ++i)
    if (source_.is(i, Kind::Identifier)) used.insert(source_.text(i));
  for (std::size_t i = bracket; i < close; ++i) captured.insert(source_.text(i));
  std::string extra;
  for (const std::string& name : std::set<std::string>(shared_names_.begin(), shared_names_.end()))
    if (used.count(name) && !captured.count(name)) extra += ", &" + name;
  if (!extra.empty()) replace(bracket + 1, bracket + 1, "=" + extra);
}

}  // namespace simt::rewriting
