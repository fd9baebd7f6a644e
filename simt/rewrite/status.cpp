// Statements that drop the status of a call to CUDA's runtime.
#include <cctype>

#include "rewriter.hpp"

namespace simt::rewriting {

namespace {

// Whether the colon ends `case x:`, `default:` or a label, and not a condition's first branch.
bool ends_label(const Source& source, std::size_t colon) {
  std::size_t first = colon;
  while (first > 0 && !source.is(first - 1, ";") && !source.is(first - 1, "{") &&
         !source.is(first - 1, "}") && !source.is(first - 1, ":"))
    --first;
  return first == colon - 1 || source.is(first, "case");
}

}  // namespace

// `cudaMalloc(…);` as a whole statement: in a checked program `, ::simt::dropped("cudaMalloc")` takes note of
// an error.
std::size_t Rewriter::dropped_status(std::size_t at) {
  const std::string_view name = source_.text(at);
  const bool call = name.size() > 4 && std::isupper(static_cast<unsigned char>(name[4])) &&
                    source_.is(at + 1, "(") && source_.partner(at + 1) != none &&
                    source_.is(source_.partner(at + 1) + 1, ";");
  if (!call || name == "cudaGetLastError" || name == "cudaPeekAtLastError") return at + 1;
  if (at_namespace_scope() || source_.in_system_header(source_[at].begin)) return at + 1;
  const std::string_view before = source_.text(at - 1);
  bool begins = before == ";" || before == "{" || before == "}" || before == "else" || before == "do" ||
                (before == ":" && ends_label(source_, at - 1));
  if (before == ")" && source_.partner(at - 1) != none && source_.partner(at - 1) > 0) {
    const std::string_view head = source_.text(source_.partner(at - 1) - 1);
    begins = head == "if" || head == "for" || head == "while" || head == "constexpr";
  }
  const std::size_t close = source_.partner(at + 1);
  if (begins) replace(close, close, "), ::simt::dropped(\"" + std::string(name) + "\")");
  return at + 1;
}

}  // namespace simt::rewriting
