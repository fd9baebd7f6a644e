// The state of one rewriting: the source, the edits so far, and what is in scope at the current token.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite.hpp"
#include "source.hpp"

namespace simt::rewriting {

class Rewriter {
 public:
  explicit Rewriter(std::string_view text) : source_(text) {}
  Rewritten run(bool cpp20);

 private:
  struct Edit {
    std::size_t begin, end;  // offsets into the text
    std::string text;
  };
  // A brace: a namespace with its name, or anything else.
  struct Scope {
    bool is_namespace;
    std::string name;
    std::size_t shared_names;  // how many names were in shared_names_ when it opened
  };
  struct Declarator {
    std::string name;
    std::string before, after;  // around the name: `(*` and `)[4]`
    bool array = false;         // `after` begins with [
    std::size_t token = 0;      // the name's
  };

  // Each looks at token i; a match adds edits and returns the token to go on with, otherwise i + 1.
  std::size_t launch(std::size_t i);              // launch.cpp
  std::size_t shared_declaration(std::size_t i);  // shared.cpp
  std::size_t assembly(std::size_t i);            // assembly.cpp
  std::size_t global_function(std::size_t i);     // kernel.cpp
  std::size_t launch_bounds(std::size_t i);       // kernel.cpp
  std::size_t pointer_cast(std::size_t i);        // kernel.cpp
  std::size_t dropped_status(std::size_t i);      // status.cpp
  std::size_t device_variable(std::size_t i);     // variable.cpp
  std::size_t member_of_shared(std::size_t i);    // shared.cpp
  std::size_t class_definition(std::size_t i);    // older.cpp
  std::size_t newer_word(std::size_t i);          // older.cpp

  void hide_newer_names();              // older.cpp
  void destructor_name(std::size_t i);  // older.cpp
  void std_allocator(std::size_t i);    // older.cpp

  // launch.cpp
  std::size_t kernel_begin(std::size_t launch, bool& is_value) const;
  std::size_t open_angle(std::size_t close) const;
  std::size_t config_end(std::size_t begin) const;
  bool in_expansion(std::size_t last) const;
  static std::string address(const std::string& kernel);
  std::string call_through(std::string_view kernel, bool pointer, std::size_t open,
                           const std::set<std::size_t>& references, bool& arguments_left);

  // shared.cpp
  bool parse_declarator(std::size_t& i, Declarator& d, std::string& alignment);
  std::size_t close_angle(std::size_t open) const;
  std::size_t skip_qualified_name(std::size_t i) const;
  void capture_shared_by_reference(std::size_t bracket);

  void enter(std::size_t brace);
  void leave();
  bool at_namespace_scope() const;
  void replace(std::size_t first_token, std::size_t last_token, std::string text);
  void insert(std::size_t offset, std::string text) { edits_.push_back({offset, offset, std::move(text)}); }
  void fail(std::size_t token, std::string message);
  std::string site(std::size_t token, std::string_view name) const;  // {"name", "file", line}
  std::string apply() const;

  Source source_;
  std::vector<Edit> edits_;
  std::vector<Error> errors_;
  bool has_volatile_ = false;
  std::vector<Scope> scopes_;
  std::vector<std::string> shared_names_;  // __shared__ variables in scope, innermost last
  // The __global__ functions so far by name; which of their parameters are references.
  std::map<std::string, std::set<std::size_t>> kernels_;
  std::set<std::string, std::less<>> shared_objects_;  // __shared__ at namespace scope, but for arrays
  std::set<std::string> dynamic_names_;                // extern __shared__ at namespace scope, qualified
};

std::string quoted(std::string_view s);  // as a C string literal

}  // namespace simt::rewriting
