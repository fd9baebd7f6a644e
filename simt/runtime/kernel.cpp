// Kernels before they run: their symbols, and what was noted of the functions that have these.
#include "simt/kernel.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "state.hpp"

// The section's bounds, which the linker makes; none where no launch names a kernel.
extern "C" {
[[gnu::weak]] extern const simt::NamedKernel __start_simt_kernels[];
[[gnu::weak]] extern const simt::NamedKernel __stop_simt_kernels[];
}

namespace simt {
namespace {

struct Notes {
  struct Object {
    std::size_t size = 0, align = 1;
  };
  std::map<std::string, Object> shared;  // by place
  std::map<std::string, int> threads;
};
// Static objects fill it before main.
Notes& notes() {
  static Notes& instance = *new Notes;
  return instance;
}

// The function in which a local type lies, from the type's pointer's name: PZ <function> E <type>, with a
// further Z for each function in between. Of a kernel's symbol: _Z <function>, or its name where it has C
// linkage.
bool is_within(std::string_view place, const std::string& function) {
  place.remove_prefix(std::min(place.size(), place.find_first_not_of("PZ")));
  return place.starts_with(function) && place.substr(function.size()).starts_with("E");
}
std::string function_of(std::string_view symbol) {
  return symbol.starts_with("_Z") ? std::string(symbol.substr(2))
                                  : std::to_string(symbol.size()) + std::string(symbol);
}

KernelFacts look_up(const void* function) {
  KernelFacts facts;
  const char* symbol = kernel_symbol(function);
  if (!symbol) return facts;
  const std::string name = function_of(symbol);
  for (const auto& [place, object] : notes().shared)
    if (is_within(place, name))
      facts.static_shared =
          (facts.static_shared + object.align - 1) / object.align * object.align + object.size;
  for (const auto& [place, threads] : notes().threads)
    if (is_within(place, name)) facts.launch_bounds = std::min(facts.launch_bounds, threads);
  return facts;
}

}  // namespace

const char* kernel_symbol(const void* function) {
  const NamedKernel* const end = __stop_simt_kernels;
  const NamedKernel* const kernel =
      std::find_if(__start_simt_kernels, end, [&](const NamedKernel& k) { return k.address == function; });
  return kernel == end ? symbol_in_file(function) : kernel->symbol;
}

bool detail::note_static_shared(const char* place, std::size_t size, std::size_t align) {
  Notes::Object& object = notes().shared[place];  // functions of several files may share a name: the largest
  object = {std::max(object.size, size), std::max(object.align, align)};
  return true;
}
bool detail::note_launch_bounds(const char* place, int threads) {
  notes().threads.emplace(place, threads);
  return true;
}

KernelFacts kernel_facts(const void* function) {
  static std::mutex mutex;
  static auto& known = *new std::map<const void*, KernelFacts>;
  std::lock_guard lock(mutex);
  const auto [entry, fresh] = known.try_emplace(function);
  if (fresh) entry->second = look_up(function);
  return entry->second;
}

}  // namespace simt
