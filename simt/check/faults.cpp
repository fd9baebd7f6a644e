#include "faults.hpp"

#include <utility>

#include "findings.hpp"

namespace simt::checking {

namespace {

Code code_at(const void* instruction) {
  return to_code(static_cast<const char*>(instruction) + 1);  // as if it were a return address
}

}  // namespace

void fault(const char* message, const void* instruction) {
  found("fault", code_at(instruction), 0, 0, [&](Finding& f) {
    f.message = message;
    f.cause =
        "a null or wild pointer, an array on the stack that is far too large, or a recursion without end";
  });
}

void divided_by_zero(const void* instruction) {
  found("division", code_at(instruction), 0, 0, [](Finding& f) {
    f.message = "divides an integer by zero; what a GPU gives then is unspecified";
    f.cause = "a size, stride or count that is zero for some thread";
  });
}

void host_faulted(const char* message, const char* cause, const void* instruction) {
  if (message) {
    Finding f;
    f.kind = "fault";
    f.message = message;
    f.cause = cause;
    const Code code = code_at(instruction);
    f.place = place_of(in_users_code(code) ? code : calling_code());
    found(std::move(f));
  }
  conclude();
}

}  // namespace simt::checking
