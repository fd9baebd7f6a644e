#include "sides.hpp"

#include <map>
#include <tuple>

#include "source.hpp"

namespace simt::rewriting {
namespace {

struct Body {
  std::size_t open, close;  // its braces
  bool for_device_only;
};
// By file, line of the opening brace, and which one on that line.
using Bodies = std::map<std::tuple<std::string, int, int>, Body>;

enum class Head { function, scope, other };

// What the brace after the tokens [begin, end) opens; `device_only`: whether they say so.
Head classify(const Source& s, std::size_t begin, std::size_t end, bool& device_only) {
  bool parenthesis = false, assigned = false, host = false, device = false, scope = false;
  for (std::size_t i = begin; i < end; ++i) {
    const std::string_view t = s.text(i);
    if (t == "template" && s.is(i + 1, "<")) {
      int angles = 0;
      do {
        ++i;
        if (s.is(i, "(") && s.partner(i) != none) i = s.partner(i);
        angles += s.is(i, "<") - s.is(i, ">");
      } while (angles > 0 && i < end);
    } else if (t == "(" || t == "[") {
      const bool attribute = s.is(i - 1, "__attribute__") || s.is(i - 1, "alignas");
      const std::size_t close = s.partner(i) == none ? i : s.partner(i);
      for (std::size_t j = i; attribute && j < close; ++j) {
        host = host || s.is(j, "host");
        device = device || s.is(j, "device");
      }
      parenthesis = parenthesis || (t == "(" && !attribute);
      i = close;
    } else if (t == "__global__") {
      device = true;
    } else if (t == "=" && !s.is(i - 1, "operator") && !(i > begin + 1 && s.is(i - 2, "operator"))) {
      assigned = true;
    } else if (t == "namespace" || t == "class" || t == "struct" || t == "union" || s.is(i, Kind::String)) {
      scope = true;
    }
  }
  device_only = device && !host;
  if (assigned) return Head::other;
  return parenthesis ? Head::function : scope ? Head::scope : Head::other;
}

// The functions' bodies that stand in the user's files, in namespaces and classes.
Bodies bodies(const Source& s) {
  Bodies found;
  std::map<std::pair<std::string, int>, int> on_line;
  std::size_t head = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const std::string_view t = s.text(i);
    if (t == ";" || t == "}") head = i + 1;
    if ((t == "(" || t == "[") && s.partner(i) != none) i = s.partner(i);
    if (t != "{") continue;
    bool device_only = false;
    const Head what = classify(s, head, i, device_only);
    if (what == Head::scope || s.partner(i) == none) {
      head = i + 1;
      continue;
    }
    const std::size_t open = i, close = s.partner(i);
    i = close;
    if (what == Head::other || s.is(close + 1, ",") || s.is(close + 1, "{")) continue;  // a{1}, b(2) {
    head = close + 1;
    if (s.in_system_header(s[open].begin)) continue;
    const Location at = s.locate(s[open].begin);
    found.emplace(std::tuple(at.file, at.line, on_line[{at.file, at.line}]++),
                  Body{open, close, device_only});
  }
  return found;
}

bool same(const Source& a, const Body& in_a, const Source& b, const Body& in_b) {
  if (in_a.close - in_a.open != in_b.close - in_b.open) return false;
  for (std::size_t i = in_a.open, j = in_b.open; i < in_a.close; ++i, ++j)
    if (a.text(i) != b.text(j)) return false;
  return true;
}

bool has_device_lambda(const Source& s, const Body& body) {
  for (std::size_t i = body.open; i < body.close; ++i)
    if (s.is(i, "__attribute__") && s.is(i + 3, "device")) return true;
  return false;
}

std::string marker(const Source& s, std::size_t offset) {
  const Location at = s.locate(offset);
  return "\n# " + std::to_string(at.line) + " \"" + at.file + "\"\n";
}

}  // namespace

std::string join_sides(std::string_view device, std::string_view host) {
  const Source a(device), b(host);
  const Bodies of_host = bodies(b);
  std::map<std::size_t, std::string> insertions;  // by offset
  for (const auto& [place, mine] : bodies(a)) {
    const auto other = of_host.find(place);
    if (other == of_host.end()) continue;
    const Body& its = other->second;
    if (its.for_device_only || same(a, mine, b, its) || has_device_lambda(b, its)) continue;
    const std::size_t last = a[mine.close].begin, from = b[its.open].end, to = b[its.close].begin;
    insertions[a[mine.open].end] += " if (::simt::on_device()) {";
    insertions[last] +=
        "} else {" + marker(b, from) + std::string(host.substr(from, to - from)) + marker(a, last) + "}";
  }
  std::string joined;
  std::size_t done = 0;
  for (const auto& [offset, text] : insertions) {
    joined += device.substr(done, offset - done);
    joined += text;
    done = offset;
  }
  joined += device.substr(done);
  return joined;
}

}  // namespace simt::rewriting
