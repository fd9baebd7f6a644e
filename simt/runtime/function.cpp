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

// By threads, blocks and dynamic shared memory: registers and static shared memory are the compiler's,
// unknown here.
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* function,
                                                                   int threads, std::size_t dynamic_shared,
                                                                   unsigned) {
  if (!blocks || !function || threads < 1 || threads > 1024) return simt::set_error(cudaErrorInvalidValue);
  const simt::Gpu& g = simt::gpu();
  *blocks = std::min(g.blocks_per_multiprocessor, g.threads_per_multiprocessor / ((threads + 31) / 32 * 32));
  if (dynamic_shared > 0) *blocks = std::min(*blocks, int(g.shared_per_multiprocessor / dynamic_shared));
  return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function, int threads,
                                                          std::size_t dynamic_shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, threads, dynamic_shared, 0);
}
