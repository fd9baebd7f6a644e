#include "source.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace simt::checking {
namespace {

bool of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The file's lines with comments, directives and what stands in quotes left out.
std::vector<std::string> code_of(const std::string& file) {
  std::vector<std::string> lines{""};
  std::ifstream in(file);
  bool comment = false, directive = false;
  for (std::string text; std::getline(in, text);) {
    std::string code;
    const std::size_t word = text.find_first_not_of(" \t");
    const bool skipped = directive || (!comment && word != text.npos && text[word] == '#');
    directive = skipped && text.ends_with('\\');
    for (std::size_t i = 0; !skipped && i < text.size(); ++i) {
      if (comment) {
        if (text.compare(i, 2, "*/") == 0) comment = false, ++i;
      } else if (text.compare(i, 2, "//") == 0) {
        break;
      } else if (text.compare(i, 2, "/*") == 0) {
        comment = true, ++i;
      } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || !of_name(text[i - 1])))) {
        const char quote = text[i];
        for (++i; i < text.size() && text[i] != quote; ++i) i += text[i] == '\\';
      } else {
        code += text[i];
      }
    }
    lines.push_back(code);
  }
  return lines;
}

bool has_word(const std::string& text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words)
    for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1))
      if ((at == 0 || !of_name(text[at - 1])) &&
          (at + word.size() == text.size() || !of_name(text[at + word.size()])))
        return true;
  return false;
}

}  // namespace

const Source& Source::of(const std::string& file) {
  static std::mutex& mutex = *new std::mutex;
  static auto& known = *new std::map<std::string, std::unique_ptr<Source>>;
  std::lock_guard lock(mutex);
  auto& source = known[file];
  if (!source) source.reset(new Source(file));
  return *source;
}

Source::Source(const std::string& file) : code_(code_of(file)) { find_blocks(); }

// Statements end at ; { and } outside of parentheses. A loop without braces is one statement.
void Source::find_blocks() {
  struct Block {
    int first, loop;  // lines; 0: it is no loop
    bool body, outermost;
    int parentheses;  // around it
  };
  std::vector<Block> open;
  std::string statement;
  int begun = 0, loop = 0, parentheses = 0;  // the lines where the statement and the loop in it begin
  const auto next = [&] { statement.clear(), begun = loop = 0; };
  for (int number = 1; number < int(code_.size()); ++number) {
    for (const char c : code_[std::size_t(number)] + "\n") {
      if (begun == 0 && !std::isspace(static_cast<unsigned char>(c))) begun = number;
      parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
      const bool ends = c == '{' || c == '}' || (c == ';' && parentheses == 0);
      if ((ends || c == '\n') && loop == 0 && has_word(statement, {"for", "while", "do"})) loop = number;
      if (!ends) {
        statement += c;
        continue;
      }
      if (c == '{') {
        const bool scope = has_word(statement, {"namespace", "struct", "class", "union", "enum", "extern"}) &&
                           statement.find('(') == statement.npos;
        const bool inside = std::any_of(open.begin(), open.end(), [](const Block& b) { return b.body; });
        open.push_back({begun, loop, !scope, !scope && !inside, std::exchange(parentheses, 0)});
      } else if (c == '}') {
        if (open.empty()) return functions_.clear(), loops_.clear();
        const Block& block = open.back();
        if (block.loop) loops_.push_back({block.loop, number});
        if (block.outermost) functions_.push_back({block.first, number});
        parentheses = block.parentheses;
        open.pop_back();
      } else if (loop) {
        loops_.push_back({loop, number});
      }
      next();
    }
  }
  if (!open.empty()) functions_.clear(), loops_.clear();
}

const std::string& Source::line(int number) const {
  static const std::string& none = *new std::string;
  return number > 0 && number < int(code_.size()) ? code_[std::size_t(number)] : none;
}

Lines Source::function_around(int line) const {
  for (const Lines& lines : functions_)
    if (lines.has(line)) return lines;
  return {};
}

Lines Source::loop_around(int first, int last) const {
  Lines innermost;
  for (const Lines& loop : loops_)
    if (loop.has(first) && loop.has(last) && (!innermost.first || innermost.has(loop.first)))
      innermost = loop;
  return innermost;
}

bool Source::has_wait(Lines lines) const {
  for (int number = lines.first; number <= lines.last; ++number) {
    const std::string& code = line(number);
    for (const char* word : {"barrier", "arrive", "wait"})
      if (code.find(word) != code.npos) return true;
  }
  return false;
}

}  // namespace simt::checking
