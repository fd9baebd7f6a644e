// What a source file says around a line: read from the disk, as far as braces tell.
#pragma once

#include <string>
#include <vector>

namespace simt::checking {

struct Lines {
  int first = 0, last = 0;  // 0: there are none
  bool has(int line) const { return first <= line && line <= last; }
};

class Source {
 public:
  // Empty where the file cannot be read, or its braces do not match. Read once.
  static const Source& of(const std::string& file);

  const std::string& line(int number) const;     // without comments and text in quotes
  Lines function_around(int line) const;         // the outermost body
  Lines loop_around(int first, int last) const;  // the innermost loop that holds both lines
  bool has_wait(Lines lines) const;              // by its words: at an mbarrier, a pipeline, …

 private:
  explicit Source(const std::string& file);
  void find_blocks();

  std::vector<std::string> code_;  // by line, from 1
  std::vector<Lines> functions_, loops_;
};

}  // namespace simt::checking
