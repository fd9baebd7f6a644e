// A preprocessed C++ file as tokens, each with the place it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simt::rewriting {

enum class Kind : std::uint8_t { Identifier, Number, String, Character, Punctuation };

// Comments and directives are no tokens. Punctuation is one character each, except -> :: ... <= >= <=>; so <<
// is two adjacent tokens, as in A<B<int>>.
struct Token {
  std::uint32_t begin, end;  // offsets into the text
  Kind kind;
};

struct Location {
  std::string file;
  int line = 0;
  bool system = false;  // a system header, by the preprocessor's line marker
};

constexpr std::size_t none = static_cast<std::size_t>(-1);

class Source {
 public:
  // `text` must outlive the object and be smaller than 4 GiB. Never fails: unterminated literals end with the
  // text.
  explicit Source(std::string_view text);

  std::size_t size() const { return tokens_.size(); }
  const Token& operator[](std::size_t i) const { return tokens_[i]; }
  std::string_view text() const { return text_; }
  std::string_view text(std::size_t i) const;  // token i's spelling; empty past either end
  bool is(std::size_t i, std::string_view spelling) const { return text(i) == spelling; }
  bool is(std::size_t i, Kind kind) const { return i < tokens_.size() && tokens_[i].kind == kind; }
  bool adjacent(std::size_t i) const;  // nothing between tokens i and i + 1

  // The partner of a bracket ( [ { or ) ] }; none where there is none.
  std::size_t partner(std::size_t i) const { return i < partners_.size() ? partners_[i] : none; }

  // Tokens [begin, end) on one line: line breaks, comments and directives between them become one space.
  std::string flat(std::size_t begin, std::size_t end) const;

  Location locate(std::size_t offset) const;
  bool in_system_header(std::size_t offset) const;

 private:
  struct Marker {
    std::size_t offset;  // of the first character of the line that it describes
    int line;
    std::string_view file;
    bool system;
  };
  void lex();
  void pair_brackets();
  void note_directive(std::size_t begin, std::size_t end);
  const Marker* marker(std::size_t offset) const;

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<std::size_t> partners_;
  std::vector<Marker> markers_;
};

}  // namespace simt::rewriting
