// printf and assert in kernels. These definitions stand before the C library's, and hand over to it in host
// code. A block's text is kept until the launch ends and appears in the order of the blocks, whatever order
// they ran in.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "block.hpp"
#include "report.hpp"
#include "simt/observer.hpp"

namespace simt {
namespace {

// What printf returns in a kernel: how many arguments its format has taken.
int arguments_of(const char* format) {
  int count = 0;
  for (const char* c = format; *c; ++c) {
    if (*c != '%') continue;
    for (++c; *c && std::strchr("-+ #0123456789.*", *c); ++c) count += *c == '*';
    if (!*c) break;
    count += *c != '%';
  }
  return count;
}

int print(const char* format, std::va_list arguments) {
  if (!current) return std::vprintf(format, arguments);
  std::va_list again;
  va_copy(again, arguments);
  int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length < 0) return -2;
  std::string& text = resident(*current).output;
  std::size_t before = text.size();
  text.resize(before + std::size_t(length) + 1);
  std::vsnprintf(text.data() + before, std::size_t(length) + 1, format, arguments);
  text.pop_back();
  return arguments_of(format);
}

}  // namespace

std::uint64_t block_number(const Block& block) {
  const dim3& grid = block.launch->config.grid;
  return (std::uint64_t(block.index.z) * grid.y + block.index.y) * grid.x + block.index.x;
}

void collect_output(ResidentBlock& block) {
  if (block.output.empty()) return;
  std::lock_guard lock(block.launch->mutex);
  block.launch->output[block_number(block)] += block.output;
  block.output.clear();
}

void print_output(Launch& launch) {
  for (const auto& [block, text] : launch.output) std::fwrite(text.data(), 1, text.size(), stdout);
  launch.output.clear();
}

}  // namespace simt

extern "C" {

int printf(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  int length = simt::print(format, arguments);
  va_end(arguments);
  return length;
}
int __printf_chk(int, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  int length = simt::print(format, arguments);
  va_end(arguments);
  return length;
}
int puts(const char* text) {
  if (!simt::current) return std::fputs(text, stdout) < 0 ? EOF : std::putc('\n', stdout);
  simt::resident(*simt::current).output.append(text) += '\n';
  return 1;
}
int putchar(int c) {
  if (!simt::current) return std::putc(c, stdout);
  simt::resident(*simt::current).output += char(c);
  return c;
}

void __assert_fail(const char* expression, const char* file, unsigned line, const char* function) noexcept {
  simt::Thread* self = simt::current;
  if (!self) {
    std::fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, expression);
    std::abort();
  }
  simt::ResidentBlock& block = simt::resident(*self);
  std::fprintf(stderr, "%s:%u: %s: block: [%u,%u,%u], thread: [%u,%u,%u] Assertion `%s` failed.\n", file,
               line, function, block.index.x, block.index.y, block.index.z, self->index.x, self->index.y,
               self->index.z, expression);
  if (simt::observer)
    simt::observer->defect("assert", (std::string("the assertion `") + expression + "` failed").c_str(), "",
                           {file, int(line)});
  block.worker->abandon(cudaErrorAssert);
}
}
