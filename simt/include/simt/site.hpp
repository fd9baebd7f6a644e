#pragma once
namespace simt {

/// A place in a user's source. As a default argument, Site::here() names the caller's line.
/// (Not std::source_location, which clang 14 lacks.)
struct Site {
  const char* file = "";
  int line = 0;
  static constexpr Site here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

}  // namespace simt
