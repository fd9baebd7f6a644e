#include "simt/variable.hpp"

#include <string>

#include "simt/observer.hpp"
#include "state.hpp"

namespace simt {

std::vector<const DeviceVariable*>& device_variables() {
  static auto& all = *new std::vector<const DeviceVariable*>;  // filled before main
  return all;
}

DeviceVariable::DeviceVariable(const volatile void* address, std::size_t bytes, const char* space,
                               Definition definition)
    : address(const_cast<const void*>(address)), bytes(bytes), space(space), definition(definition) {
  device_variables().push_back(this);
}

void note_dropped(cudaError_t error, Site site) {
  // cudaErrorNotReady is an answer; and after a kernel's fault every call fails.
  if (!observer || error == cudaErrorNotReady || error == failure()) return;
  note_unread({error, "a call", site});
}

}  // namespace simt
