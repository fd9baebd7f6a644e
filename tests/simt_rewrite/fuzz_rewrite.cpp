// libFuzzer: whatever the input, the rewriter neither crashes nor hangs, and text inside a raw string, a
// comment or a directive comes out as it went in. Build: clang++ -std=c++20
// -fsanitize=fuzzer,address,undefined.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "rewrite.hpp"
#include "sides.hpp"

namespace {

void expect_unchanged(const std::string& text) {
  if (simt::rewriting::rewrite(text).text != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  simt::rewriting::rewrite("# 1 \"x.cu\"\nvoid f() {\n" + input + "\n}\n");
  simt::rewriting::join_sides("int f() {" + input, "int f() {" + input.substr(input.size() / 2));
  if (input.find(")zq\"") == std::string::npos) expect_unchanged("auto s = R\"zq(" + input + ")zq\";\n");
  if (input.find("*/") == std::string::npos) expect_unchanged("int x; /* " + input + " */\n");
  if (input.find('\n') == std::string::npos) expect_unchanged("int x; // " + input + " \n");
  return 0;
}
