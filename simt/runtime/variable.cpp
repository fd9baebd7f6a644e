#include "simt/variable.hpp"

#include <map>
#include <mutex>
#include <string_view>

#include "memory.hpp"
#include "simt/lasting.hpp"
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

namespace {
std::mutex mutex;
[[gnu::init_priority(before_program)]] Lasting<std::map<const char*, std::size_t>> symbols;
auto& asked_for = symbols.object;  // by the first byte: the size
}  // namespace

void note_symbol(const void* symbol, std::size_t size) {
  std::lock_guard lock(mutex);
  asked_for[static_cast<const char*>(symbol)] = size;
}

std::optional<Memory> variable_at(const void* pointer) {
  const auto* p = static_cast<const char*>(pointer);
  const auto holds = [p](const void* begin, std::size_t size) {
    return p >= begin && p < static_cast<const char*>(begin) + size;
  };
  for (const DeviceVariable* variable : device_variables())
    if (holds(variable->address, variable->bytes))
      return std::string_view(variable->space) == "managed" ? Memory::managed : Memory::device;
  std::lock_guard lock(mutex);
  const auto next = asked_for.upper_bound(p);
  if (next != asked_for.begin() && holds(std::prev(next)->first, std::prev(next)->second))
    return Memory::device;
  return {};
}

void note_dropped(cudaError_t error, const Dropped& dropped) {
  // cudaErrorNotReady is an answer; and after a kernel's fault every call fails.
  if (!observer || error == cudaErrorNotReady || error == failure()) return;
  const char* why = reason_of(error);
  note_unread({error, std::string(dropped.call) + (why ? " (" + std::string(why) + ")" : ""), dropped.site});
}

}  // namespace simt
