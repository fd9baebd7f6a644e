#include "block.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"

namespace simt {

void volatile_access(const void* address, bool write) {
  constexpr unsigned patience = 64;  // reads that are still no wait
  static thread_local unsigned reads = 0;
  if (!current) return;
  if (write) resident(*current).worker->poll_rounds = 0;  // somebody makes progress
  if (shared_region.contains(address) || (!write && ++reads % patience == 0)) yield();
}

}  // namespace simt
