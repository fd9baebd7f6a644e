// What the rewriter makes of a text, for comparisons.
#pragma once

#include <string>

#include "rewrite.hpp"

// Runs of blanks and line markers as one space, so that tests can be laid out for reading.
inline std::string squeezed(const std::string& s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '#' && (i == 0 || s[i - 1] == '\n'))
      while (i + 1 < s.size() && s[i + 1] != '\n') ++i;
    else if (s[i] != ' ' && s[i] != '\n')
      out += s[i];
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

inline std::string rewritten(const std::string& s) {
  const auto r = simt::rewriting::rewrite("# 1 \"x.cu\"\n" + s + "\n");
  for (const auto& e : r.errors) return "error: line " + std::to_string(e.line) + ": " + e.message;
  return squeezed(r.text);
}
