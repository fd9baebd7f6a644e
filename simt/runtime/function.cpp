// Kernels by their address: attributes, occupancy, launches through void*.
#include <algorithm>
#include <map>
#include <mutex>

#include "simt/observer.hpp"
#include "simt/runtime.hpp"
#include "state.hpp"

namespace simt {
namespace {
std::mutex mutex;
std::map<const void*, std::size_t>& dynamic_shared_limits() {  // that the program has set
  static auto& map = *new std::map<const void*, std::size_t>;
  return map;
}
std::map<const void*, BindArguments>& binders() {
  static auto& map = *new std::map<const void*, BindArguments>;
  return map;
}
}  // namespace

std::size_t dynamic_shared_limit(const void* function) {
  std::lock_guard lock(mutex);
  std::size_t limit =
      default_shared_limit - std::min(kernel_facts(function).static_shared, default_shared_limit);
  for (const auto& [address, value] : dynamic_shared_limits()) {
    if (address == function) return value;
    if (!function) limit = std::max(limit, value);
  }
  return limit;
}

void register_kernel(const void* function, BindArguments bind) {
  std::lock_guard lock(mutex);
  binders()[function] = bind;
}

std::shared_ptr<const Kernel> bind(const void* function, void** arguments) {
  std::lock_guard lock(mutex);
  auto found = binders().find(function);
  return found == binders().end() ? nullptr : found->second(function, arguments);
}

LaunchSite site_of(const void* function) {
  return {observer ? observer->kernel_name(function) : "(by address)", "", 0, function};
}

cudaError_t launch_registered(const void* function, const Config& config, void** arguments) {
  auto kernel = bind(function, arguments);
  if (!kernel) return set_error(cudaErrorInvalidDeviceFunction);
  return submit(site_of(function), config, std::move(kernel));
}

cudaError_t launch_registered(const void* function, const cudaLaunchConfig_t& config, void** arguments) {
  Config c(config.gridDim, config.blockDim, config.dynamicSmemBytes, config.stream);
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const cudaLaunchAttribute& a = config.attrs[i];
    if (a.id == cudaLaunchAttributeCooperative) c.cooperative = a.val.cooperative != 0;
    if (a.id == cudaLaunchAttributeClusterDimension)
      c.cluster = dim3(a.val.clusterDim.x, a.val.clusterDim.y, a.val.clusterDim.z);
  }
  if (c.cluster.x * c.cluster.y * c.cluster.z > 1) return set_error(cudaErrorNotSupported);
  return launch_registered(function, c, arguments);
}
}  // namespace simt

using simt::set_error;

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments, size_t shared,
                             cudaStream_t stream) {
  return simt::launch_registered(function, simt::Config(grid, block, shared, stream), arguments);
}
cudaError_t cudaLaunchCooperativeKernel(const void* function, dim3 grid, dim3 block, void** arguments,
                                        size_t shared, cudaStream_t stream) {
  simt::Config config(grid, block, shared, stream);
  config.cooperative = true;
  return simt::launch_registered(function, config, arguments);
}
cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* function, void** arguments) {
  if (!config) return set_error(cudaErrorInvalidValue);
  return simt::launch_registered(function, *config, arguments);
}

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  if (!function) return set_error(cudaErrorInvalidDeviceFunction);
  std::lock_guard lock(simt::mutex);
  switch (attribute) {
    case cudaFuncAttributeMaxDynamicSharedMemorySize:
      if (value < 0 ||
          value + simt::kernel_facts(function).static_shared > simt::gpu().shared_per_block_optin)
        return set_error(cudaErrorInvalidValue);
      simt::dynamic_shared_limits()[function] = std::size_t(value);
      return cudaSuccess;
    case cudaFuncAttributePreferredSharedMemoryCarveout:
    case cudaFuncAttributeNonPortableClusterSizeAllowed: return cudaSuccess;  // nothing here depends on them
    default: return set_error(cudaErrorInvalidValue);
  }
}
cudaError_t cudaFuncSetCacheConfig(const void* function, cudaFuncCache) {
  return function ? cudaSuccess : set_error(cudaErrorInvalidDeviceFunction);
}
cudaError_t cudaFuncSetSharedMemConfig(const void* function, cudaSharedMemConfig) {
  return function ? cudaSuccess : set_error(cudaErrorInvalidDeviceFunction);
}
/// Registers are what a GPU's compiler would decide: unknown here, given as 32.
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
  if (!attributes) return set_error(cudaErrorInvalidValue);
  if (!function) return set_error(cudaErrorInvalidDeviceFunction);
  *attributes = cudaFuncAttributes{};
  attributes->maxThreadsPerBlock = simt::kernel_facts(function).launch_bounds;
  attributes->sharedSizeBytes = simt::kernel_facts(function).static_shared;
  attributes->numRegs = 32;
  attributes->ptxVersion = attributes->binaryVersion = simt::gpu().major * 10 + simt::gpu().minor;
  attributes->maxDynamicSharedSizeBytes = int(simt::dynamic_shared_limit(function));
  attributes->preferredShmemCarveout = -1;
  return cudaSuccess;
}

/// Limited by threads, blocks and shared memory; registers are not known.
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* function,
                                                                   int threads, size_t shared, unsigned) {
  const simt::Gpu& g = simt::gpu();
  if (!blocks || threads <= 0) return set_error(cudaErrorInvalidValue);
  *blocks = 0;
  const simt::KernelFacts facts = simt::kernel_facts(function);
  if (threads > facts.launch_bounds || shared > simt::dynamic_shared_limit(function)) return cudaSuccess;
  shared += facts.static_shared;
  int warps = (threads + 31) / 32;
  *blocks = std::min(g.blocks_per_multiprocessor, g.threads_per_multiprocessor / (warps * 32));
  std::size_t reserved = g.major >= 8 ? 1024 : 0;
  if (shared) *blocks = std::min<int>(*blocks, int(g.shared_per_multiprocessor / (shared + reserved)));
  return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function, int threads,
                                                          size_t shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, threads, shared, 0);
}
cudaError_t cudaOccupancyAvailableDynamicSMemPerBlock(size_t* size, const void*, int blocks, int threads) {
  if (!size || blocks <= 0 || threads <= 0) return set_error(cudaErrorInvalidValue);
  const simt::Gpu& g = simt::gpu();
  *size = std::min(g.shared_per_block_optin,
                   g.shared_per_multiprocessor / unsigned(blocks) - (g.major >= 8 ? 1024 : 0));
  return cudaSuccess;
}
