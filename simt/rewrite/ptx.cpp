#include "ptx.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <map>
#include <stdexcept>

#include "ptx_words.hpp"

namespace simt::rewriting {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

std::string without_comments(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    std::size_t end = i;
    if (s.substr(i, 2) == "//")
      end = s.find('\n', i);
    else if (s.substr(i, 2) == "/*")
      end = s.find("*/", i + 2) == std::string_view::npos ? s.size() : s.find("*/", i + 2) + 1;
    if (end != i) {
      out += ' ';
      i = end == std::string_view::npos ? s.size() : end;
    } else {
      out += s[i];
    }
  }
  return out;
}

// %[name] as %N.
std::string numbered(std::string s, const std::vector<PtxOperand>& operands) {
  for (std::size_t n = 0; n < operands.size(); ++n) {
    const std::string named = "%[" + operands[n].name + "]", number = "%" + std::to_string(n);
    for (std::size_t i; !operands[n].name.empty() && (i = s.find(named)) != std::string::npos;)
      s.replace(i, named.size(), number);
  }
  return s;
}

class Translator {
 public:
  Translator(std::string_view text, const std::vector<PtxOperand>& operands, const std::string& unique)
      : text_(numbered(without_comments(text), operands)), operands_(operands), unique_(unique) {}

  std::string run() {
    for (rest_ = trimmed(text_); !rest_.empty(); rest_ = trimmed(rest_)) statement();
    std::string before, after;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      const PtxOperand& o = operands_[i];
      const std::string letter(1, o.constraint.empty() ? ' ' : o.constraint.back());
      const std::string variable = "simt_" + std::to_string(i);
      if (letter == "n") continue;  // a constant: stays an expression
      const bool read = !o.output() || o.constraint[0] == '+';
      before += "[[maybe_unused]] " + type_of(letter) + " " + variable +
                (read ? " = ::simt::ptx::read<" + type_of(letter) + ">(" + o.expression + "); " : "{}; ");
      if (o.output()) after += " ::simt::ptx::write(" + o.expression + ", " + variable + ");";
    }
    for (const auto& [name, type] : registers_)
      before += "[[maybe_unused]] " + type + " " + variable_of(name) + "{}; ";
    if (uses_sink_) before += "::simt::ptx::Sink simt_sink; ";
    return "{ " + before + code_ + after + " }";
  }

 private:
  static std::string variable_of(const std::string& name) { return "simt_v_" + name; }
  std::string label(std::string_view name) const { return "simt_l_" + std::string(name) + "_" + unique_; }

  // Names may carry the % of PTX, or %% as GCC writes it, and GCC's %= (a number unique to the statement).
  std::string take_name() {
    std::size_t i = 0;
    while (i < rest_.size() && rest_[i] == '%') ++i;
    std::string name;
    for (; i < rest_.size(); ++i) {
      if (name_char(rest_[i]))
        name += rest_[i];
      else if (rest_.substr(i, 2) == "%=")
        ++i;
      else
        break;
    }
    rest_.remove_prefix(i);
    return name;
  }

  void statement() {
    if (rest_[0] == '{' || rest_[0] == '}' || rest_[0] == ';') return rest_.remove_prefix(1);
    if (rest_.substr(0, 4) == ".reg") return declaration(take_until_semicolon().substr(4));
    if (rest_.substr(0, 7) == ".pragma") {  // advice to the optimiser
      take_until_semicolon();
      return;
    }
    if (rest_[0] == '.')
      throw std::invalid_argument("PTX directive " + std::string(rest_.substr(0, rest_.find(' '))) +
                                  " is not supported");
    std::string guard;
    if (rest_[0] == '@') {
      rest_.remove_prefix(1);
      const bool negated = !rest_.empty() && rest_[0] == '!';
      if (negated) rest_.remove_prefix(1);
      guard = "if (" + std::string(negated ? "!" : "");
      const std::size_t end = std::min(rest_.find_first_of(" \t\n\r"), rest_.size());
      guard += atom(rest_.substr(0, end)) + ") ";
      rest_ = trimmed(rest_.substr(end));
    } else {
      const std::string_view before = rest_;
      const std::string name = take_name();
      rest_ = trimmed(rest_);
      if (!name.empty() && !rest_.empty() && rest_[0] == ':' && rest_.substr(0, 2) != "::") {
        code_ += "[[maybe_unused]] " + label(name) + ":; ";
        return rest_.remove_prefix(1);
      }
      rest_ = before;
    }
    code_ += guard;
    instruction(trimmed(take_until_semicolon()));
  }

  std::string_view take_until_semicolon() {
    const std::size_t end = std::min(rest_.find(';'), rest_.size());
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return taken;
  }

  // .reg .b32 a, b<4>;
  void declaration(std::string_view s) {
    s = trimmed(s);
    const std::size_t end = std::min(s.find_first_of(" \t\n\r"), s.size());
    if (s.empty() || s[0] != '.')
      throw std::invalid_argument("cannot read the PTX declaration .reg " + std::string(s));
    const std::string type = type_of(s.substr(1, end - 1));
    for (std::string_view name : split(s.substr(end), ",")) {
      std::string plain;
      for (char c : name.substr(0, name.find('<')))
        if (name_char(c)) plain += c;
      if (plain.empty())
        throw std::invalid_argument("cannot read the PTX declaration .reg " + std::string(s));
      const std::size_t bracket = name.find('<');
      if (bracket == std::string_view::npos) {
        registers_[plain] = type;
        continue;
      }
      int count = 0;
      std::from_chars(name.data() + bracket + 1, name.data() + name.size(), count);
      if (count < 1 || count > 4096)
        throw std::invalid_argument("cannot read the PTX declaration .reg " + std::string(s));
      for (int i = 0; i < count; ++i) registers_[plain + std::to_string(i)] = type;
    }
  }

  void instruction(std::string_view s) {
    std::size_t end = 0;
    while (end < s.size() && (name_char(s[end]) || s[end] == '.' || s[end] == ':')) ++end;
    const std::string_view mnemonic = s.substr(0, end);
    if (mnemonic.empty())
      throw std::invalid_argument("cannot read the PTX instruction '" + std::string(s) + "'");
    if (mnemonic == "bra" || mnemonic == "bra.uni") {
      rest_of_branch(trimmed(s.substr(end)));
      return;
    }
    const char* fence = fence_before(mnemonic);
    if (fence) code_ += "{ ::simt::ptx::" + std::string(fence) + "(); ";
    code_ += "::simt::ptx::" + function_of(mnemonic) + "(";
    bool first = true;
    auto operands = split(s.substr(end), ",[]{}|");
    if (has_word(mnemonic, "L2::cache_hint") && !operands.empty()) operands.pop_back();  // the policy
    const char* real = real_arithmetic(mnemonic);
    for (std::string_view operand : operands) {
      if (!first) code_ += ", ";
      const std::string text = sum(operand);
      const auto declared = registers_.find(text.starts_with("simt_v_") ? text.substr(7) : "");
      if (real && declared != registers_.end() && declared->second == type_of(real[1] == '3' ? "b32" : "b64"))
        code_ += (first ? "::simt::ptx::Real<::simt::ptx::" : "std::bit_cast<::simt::ptx::") +
                 std::string(real) + ">(" + text + ")";
      else
        code_ += text;
      first = false;
    }
    code_ += fence ? "); } " : "); ";
  }

  void rest_of_branch(std::string_view target) {
    const std::string_view outer = rest_;
    rest_ = target;
    code_ += "goto " + label(take_name()) + "; ";
    rest_ = outer;
  }

  // An operand, or register + offset within an address.
  std::string sum(std::string_view s) {
    const std::size_t plus = s.find_first_of("+-", 1);
    const bool exponent = plus != std::string_view::npos && (s[plus - 1] == 'e' || s[plus - 1] == 'E') &&
                          digit(s[s[0] == '-' && s.size() > 1]) && s.substr(0, 2) != "0x";
    if (plus == std::string_view::npos || exponent) return atom(s);
    return atom(trimmed(s.substr(0, plus))) + " " + s[plus] + " " + sum(trimmed(s.substr(plus + 1)));
  }

  std::string atom(std::string_view s) {
    if (s.empty()) throw std::invalid_argument("a PTX operand is missing");
    if (s == "_") {
      uses_sink_ = true;
      return "simt_sink";
    }
    if (s[0] == '!') return "!" + atom(trimmed(s.substr(1)));
    if (s[0] == '-') return "-" + atom(trimmed(s.substr(1)));
    if (s.size() > 1 && s[0] == '%' && digit(s[1])) return operand(s);
    if (digit(s[0])) return number(s);
    std::string name;
    for (char c : s.substr(std::min(s.find_first_not_of('%'), s.size()))) {
      if (!name_char(c) && c != '.')
        throw std::invalid_argument("cannot read the PTX operand '" + std::string(s) + "'");
      name += c == '.' ? '_' : c;
    }
    if (registers_.count(name)) return variable_of(name);
    if (s[0] == '%') return "::simt::ptx::sreg_" + name + "()";
    if (s == "WARP_SZ") return "32";
    throw std::invalid_argument("the PTX register '" + std::string(s) + "' is not declared");
  }

  std::string operand(std::string_view s) {
    std::size_t index = operands_.size();
    const auto [end, error] = std::from_chars(s.data() + 1, s.data() + s.size(), index);
    if (error != std::errc() || end != s.data() + s.size()) index = operands_.size();
    if (index >= operands_.size())
      throw std::invalid_argument("the asm statement has no operand " + std::string(s));
    if (operands_[index].constraint == "n") return "(" + operands_[index].expression + ")";
    return "simt_" + std::to_string(index);
  }

  // 0f3F800000 and 0d… are the bits of a float or a double; the rest is as in C++.
  static std::string number(std::string_view s) {
    const bool is_float = s.substr(0, 2) == "0f" || s.substr(0, 2) == "0F",
               is_double = s.substr(0, 2) == "0d" || s.substr(0, 2) == "0D";
    if ((is_float && s.size() == 10) || (is_double && s.size() == 18)) {
      std::uint64_t bits = 0;
      const auto [end, error] = std::from_chars(s.data() + 2, s.data() + s.size(), bits, 16);
      if (error != std::errc() || end != s.data() + s.size())
        throw std::invalid_argument("cannot read the PTX number " + std::string(s));
      return std::string("std::bit_cast<") + (is_float ? "float" : "double") + ">(0x" +
             std::string(s.substr(2)) + (is_float ? "u)" : "ull)");
    }
    for (char c : s)
      if (!name_char(c) && c != '.' && c != '+' && c != '-')
        throw std::invalid_argument("cannot read the PTX number " + std::string(s));
    return std::string(s);
  }

  const std::string text_;
  std::string_view rest_;
  const std::vector<PtxOperand>& operands_;
  const std::string& unique_;
  std::map<std::string, std::string> registers_;  // of .reg, name to C++ type
  std::string code_;
  bool uses_sink_ = false;
};

}  // namespace

PtxTranslation translate_ptx(std::string_view text, const std::vector<PtxOperand>& operands,
                             const std::string& unique) {
  try {
    return {Translator(text, operands, unique).run(), ""};
  } catch (const std::invalid_argument& e) {
    return {"", e.what()};
  }
}

}  // namespace simt::rewriting
