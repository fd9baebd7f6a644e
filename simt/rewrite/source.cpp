#include "source.hpp"

#include <algorithm>
#include <charconv>

namespace simt::rewriting {
namespace {

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80);
}
bool digit(char c) { return c >= '0' && c <= '9'; }
bool continues_name(char c) { return starts_name(c) || digit(c); }

std::size_t end_of_line(std::string_view s, std::size_t i) {
  while (i < s.size() && s[i] != '\n') i += (s[i] == '\\' && i + 1 < s.size()) ? 2 : 1;
  return std::min(i, s.size());
}

// From the opening quote to behind the closing one; a line break ends a broken literal.
std::size_t end_of_quoted(std::string_view s, std::size_t i) {
  const char quote = s[i++];
  while (i < s.size() && s[i] != quote && s[i] != '\n') i += (s[i] == '\\' && i + 1 < s.size()) ? 2 : 1;
  return std::min(i + (i < s.size() && s[i] == quote), s.size());
}

// R"delimiter( … )delimiter", from the quote.
std::size_t end_of_raw(std::string_view s, std::size_t i) {
  const std::size_t open = s.find('(', i);
  if (open == std::string_view::npos || open - i > 17) return end_of_quoted(s, i);
  const std::string close = ")" + std::string(s.substr(i + 1, open - i - 1)) + "\"";
  const std::size_t end = s.find(close, open);
  return end == std::string_view::npos ? s.size() : end + close.size();
}

// A number as the preprocessor sees it: 1'000, 0x1p-3, 1e+5f.
std::size_t end_of_number(std::string_view s, std::size_t i) {
  for (++i; i < s.size(); ++i) {
    const char c = s[i], before = s[i - 1];
    const bool sign =
        (c == '+' || c == '-') && (before == 'e' || before == 'E' || before == 'p' || before == 'P');
    const bool separator = c == '\'' && i + 1 < s.size() && continues_name(s[i + 1]);
    if (!continues_name(c) && c != '.' && !sign && !separator) break;
  }
  return i;
}

std::size_t end_of_punctuation(std::string_view s, std::size_t i) {
  for (std::string_view p : {"<=>", "...", "->", "::", "<=", ">="})
    if (s.substr(i, p.size()) == p) return i + p.size();
  return i + 1;
}

}  // namespace

Source::Source(std::string_view text) : text_(text) {
  lex();
  pair_brackets();
}

void Source::lex() {
  const std::string_view s = text_;
  bool line_start = true;
  for (std::size_t i = 0; i < s.size();) {
    const char c = s[i];
    if (c == '\n') line_start = true;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v' || c == '\\') {
      ++i;
      continue;
    }
    if (s.substr(i, 2) == "//") {
      i = end_of_line(s, i);
      continue;
    }
    if (s.substr(i, 2) == "/*") {
      const std::size_t end = s.find("*/", i + 2);
      i = end == std::string_view::npos ? s.size() : end + 2;
      continue;
    }
    std::size_t end = i + 1;
    Kind kind = Kind::Punctuation;
    if (c == '#' && line_start) {
      end = end_of_line(s, i);
      note_directive(i, end);
      i = end;
      continue;
    }
    if (starts_name(c)) {
      kind = Kind::Identifier;
      while (end < s.size() && continues_name(s[end])) ++end;
      const std::string_view name = s.substr(i, end - i);
      const bool quote = end < s.size() && (s[end] == '"' || s[end] == '\'');
      if (quote && (name == "L" || name == "u" || name == "U" || name == "u8")) {
        kind = s[end] == '"' ? Kind::String : Kind::Character;
        end = end_of_quoted(s, end);
      } else if (quote && s[end] == '"' &&
                 (name == "R" || name == "LR" || name == "uR" || name == "UR" || name == "u8R")) {
        kind = Kind::String;
        end = end_of_raw(s, end);
      }
    } else if (digit(c) || (c == '.' && i + 1 < s.size() && digit(s[i + 1]))) {
      kind = Kind::Number;
      end = end_of_number(s, i);
    } else if (c == '"' || c == '\'') {
      kind = c == '"' ? Kind::String : Kind::Character;
      end = end_of_quoted(s, i);
    } else {
      end = end_of_punctuation(s, i);
    }
    tokens_.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(end), kind});
    line_start = false;
    i = end;
  }
}

// `# 12 "file.cu" 2 3` or `#line 12 "file.cu"`: the next line is line 12; flag 3 says "system header".
void Source::note_directive(std::size_t begin, std::size_t end) {
  std::string_view s = text_.substr(begin + 1, end - begin - 1);
  auto skip_blanks = [&] { s.remove_prefix(std::min(s.find_first_not_of(" \t"), s.size())); };
  skip_blanks();
  if (s.substr(0, 4) == "line") s.remove_prefix(4);
  skip_blanks();
  int line = 0;
  const auto [rest, error] = std::from_chars(s.data(), s.data() + s.size(), line);
  if (error != std::errc() || end >= text_.size()) return;
  s.remove_prefix(static_cast<std::size_t>(rest - s.data()));
  skip_blanks();
  Marker m{end + 1, line, markers_.empty() ? std::string_view() : markers_.back().file, false};
  const std::size_t quote = s.size() > 1 && s[0] == '"' ? s.find('"', 1) : std::string_view::npos;
  if (quote != std::string_view::npos) {
    m.file = s.substr(1, quote - 1);
    m.system = s.find('3', quote) != std::string_view::npos;
  }
  markers_.push_back(m);
}

void Source::pair_brackets() {
  partners_.assign(tokens_.size(), none);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != Kind::Punctuation || tokens_[i].end - tokens_[i].begin != 1) continue;
    const char c = text_[tokens_[i].begin];
    if (c == '(' || c == '[' || c == '{') open.push_back(i);
    if (c != ')' && c != ']' && c != '}') continue;
    const char wanted = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (open.empty() || text_[tokens_[open.back()].begin] != wanted) continue;
    partners_[i] = open.back();
    partners_[open.back()] = i;
    open.pop_back();
  }
}

std::string_view Source::text(std::size_t i) const {
  return i < tokens_.size() ? text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin)
                            : std::string_view();
}

bool Source::adjacent(std::size_t i) const {
  return i + 1 < tokens_.size() && tokens_[i].end == tokens_[i + 1].begin;
}

std::string Source::flat(std::size_t begin, std::size_t end) const {
  std::string out;
  bool space = false;
  for (std::size_t i = begin; i < end && i < tokens_.size(); ++i) {
    if (space && !out.empty()) out += ' ';
    out += text(i);
    space = !adjacent(i);
  }
  return out;
}

const Source::Marker* Source::marker(std::size_t offset) const {
  const auto after = std::upper_bound(markers_.begin(), markers_.end(), offset,
                                      [](std::size_t o, const Marker& m) { return o < m.offset; });
  return after == markers_.begin() ? nullptr : &*(after - 1);
}

Location Source::locate(std::size_t offset) const {
  const Marker* m = marker(offset);
  const std::size_t from = m ? m->offset : 0;
  const auto breaks = std::count(text_.begin() + static_cast<std::ptrdiff_t>(from),
                                 text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  return {m ? std::string(m->file) : "", (m ? m->line : 1) + static_cast<int>(breaks), m && m->system};
}

bool Source::in_system_header(std::size_t offset) const {
  const Marker* m = marker(offset);
  return m && m->system;
}

}  // namespace simt::rewriting
