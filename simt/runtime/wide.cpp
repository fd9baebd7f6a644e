// Compare-and-swap of 16 bytes, which the host's compiler makes where it is allowed to.
#include "simt/atomics.hpp"

namespace simt {

#ifdef __x86_64__
[[gnu::target("cx16")]]
#endif
b128 compare_and_swap(b128* address, b128 expected, b128 desired) {
  return __sync_val_compare_and_swap(address, expected, desired);
}

}  // namespace simt
