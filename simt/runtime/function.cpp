#include <algorithm>
#include <map>
#include <mutex>

#include "state.hpp"

namespace simt {
namespace {
std::mutex mutex;
std::map<const void*, FunctionAttributes> attributes;
}  // namespace

FunctionAttributes function_attributes(const void* function) {
  std::lock_guard lock(mutex);
  FunctionAttributes found;
  for (const auto& [address, value] : attributes) {
    if (address == function) return value;
    if (!function) found.max_dynamic_shared = std::max(found.max_dynamic_shared, value.max_dynamic_shared);
  }
  return found;
}
}  // namespace simt

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  if (!function) return simt::set_error(cudaErrorInvalidDeviceFunction);
  std::lock_guard lock(simt::mutex);
  simt::FunctionAttributes& a = simt::attributes[function];
  switch (attribute) {
    case cudaFuncAttributeMaxDynamicSharedMemorySize:
      if (value < 0 || std::size_t(value) > simt::gpu().shared_per_block_optin)
        return simt::set_error(cudaErrorInvalidValue);
      a.max_dynamic_shared = value;
      return cudaSuccess;
    case cudaFuncAttributePreferredSharedMemoryCarveout:
      a.carveout = value;
      return cudaSuccess;
    case cudaFuncAttributeNonPortableClusterSizeAllowed:
      a.non_portable_cluster = value != 0;
      return cudaSuccess;
    default:
      return simt::set_error(cudaErrorInvalidValue);
  }
}
