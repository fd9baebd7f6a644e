// asm volatile("ptx" : outputs : inputs : clobbers);
#include <algorithm>

#include "ptx.hpp"
#include "rewriter.hpp"

namespace simt::rewriting {
namespace {

// The contents of a string literal, "…" or R"d(…)d".
std::string contents(std::string_view s) {
  const std::size_t quote = s.find('"');
  if (quote == std::string_view::npos || s.size() < quote + 2) return "";
  if (s.substr(0, quote).find('R') != std::string_view::npos) {
    const std::size_t open = s.find('(', quote), close = s.rfind(')');
    return open < close && close != std::string_view::npos ? std::string(s.substr(open + 1, close - open - 1))
                                                           : "";
  }
  std::string out;
  for (std::size_t i = quote + 1; i + 1 < s.size(); ++i) {
    if (s[i] != '\\' || i + 2 >= s.size()) {
      out += s[i];
      continue;
    }
    const char c = s[++i];
    if (c != '\n') out += c == 'n' ? '\n' : c == 't' || c == 'r' || c == 'v' ? ' ' : c;
  }
  return out;
}

// A host function's, as timers and spin locks have it: an operand in a register of the host's, or an
// instruction of its own.
bool of_the_host(std::string_view text, const std::vector<PtxOperand>& operands) {
  if (std::any_of(operands.begin(), operands.end(), [](const PtxOperand& o) {
        return o.constraint.find_first_not_of("=+&hrlfdnqC0123456789") != std::string::npos;
      }))
    return true;
  const std::size_t begin = text.find_first_not_of(" \t\n\r"), end = text.find_last_not_of(" \t\n\r;");
  const std::string_view one = text.substr(begin, end + 1 - begin);
  return one == "mfence" || one == "lfence" || one == "sfence" || one == "pause" || one == "nop";
}

}  // namespace

std::size_t Rewriter::assembly(std::size_t at) {
  // CUB's is PTX; the asm of the host's own headers is not.
  const Location place = source_.locate(source_[at].begin);
  if ((place.system && place.file.find("/cub/") == std::string::npos) || at_namespace_scope()) return at + 1;
  std::size_t open = at + 1;
  while (source_.is(open, Kind::Identifier)) ++open;  // volatile, inline
  const std::size_t close = source_.partner(open);
  if (!source_.is(open, "(") || close == none || !source_.is(close + 1, ";")) return at + 1;

  std::string text;
  std::vector<PtxOperand> operands;
  int section = 0;
  PtxOperand operand;
  for (std::size_t i = open + 1; i < close; ++i) {
    if (source_.is(i, ":"))
      ++section;
    else if (source_.is(i, "::"))
      section += 2;
    else if (source_.is(i, ","))
      continue;
    else if (section > 2)
      continue;  // clobbers
    else if (source_.is(i, Kind::String))
      (section == 0 ? text : operand.constraint) += contents(source_.text(i));
    else if (section > 0 && source_.is(i, "[") && source_.partner(i) == i + 2) {
      operand.name = source_.text(i + 1);
      i += 2;
    } else if (section > 0 && source_.is(i, "(") && source_.partner(i) != none &&
               source_.partner(i) < close) {
      operand.expression = source_.flat(i + 1, source_.partner(i));
      operands.push_back(operand);
      operand = {};
      i = source_.partner(i);
    } else {
      fail(at, "cannot read this asm statement");
      return close + 1;
    }
  }
  if (text.find_first_not_of(" \t\n\r;") == std::string::npos) return close + 1;  // a barrier to the compiler
  if (of_the_host(text, operands)) return close + 1;
  const PtxTranslation translation = translate_ptx(text, operands, std::to_string(at));
  if (!translation.error.empty())
    fail(at, translation.error);
  else
    replace(at, close + 1, translation.code);
  return close + 2;
}

}  // namespace simt::rewriting
