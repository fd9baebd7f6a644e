#pragma once
// __pipeline_memcpy_async and its kind. NVIDIA's header of this name needs nvcc; the interface is the one of
// the CUDA C++ Programming Guide.
#include "simt/cuda.hpp"
#include "simt/hide_letters.hpp"

/// Copies `size` bytes (4, 8 or 16) to shared memory; the last `zeros` of them are zeros instead.
inline void __pipeline_memcpy_async(void* to, const void* from, std::size_t size, std::size_t zeros = 0,
                                    simt::Site site = simt::Site::here()) {
  simt::copy_async(unsigned(__cvta_generic_to_shared(to)), from, unsigned(size), unsigned(size - zeros),
                   site);
}
inline void __pipeline_commit() { simt::commit_copies(); }
inline void __pipeline_wait_prior(std::size_t newest) { simt::wait_for_copies(unsigned(newest)); }

using __mbarrier_t = std::uint64_t;
using __mbarrier_token_t = std::uint64_t;
inline void __mbarrier_init(__mbarrier_t* barrier, unsigned count, simt::Site site = simt::Site::here()) {
  simt::mbarrier_init(unsigned(__cvta_generic_to_shared(barrier)), count, site);
}
inline void __mbarrier_inval(__mbarrier_t* barrier, simt::Site site = simt::Site::here()) {
  simt::mbarrier_invalidate(unsigned(__cvta_generic_to_shared(barrier)), site);
}
inline __mbarrier_token_t __mbarrier_arrive(__mbarrier_t* barrier, simt::Site site = simt::Site::here()) {
  return simt::mbarrier_arrive(unsigned(__cvta_generic_to_shared(barrier)), 1, site);
}
inline bool __mbarrier_test_wait(__mbarrier_t* barrier, __mbarrier_token_t token,
                                 simt::Site site = simt::Site::here()) {
  const unsigned parity = simt::mbarrier_parity(token);
  return simt::mbarrier_wait(unsigned(__cvta_generic_to_shared(barrier)), parity, true, site);
}
inline void __pipeline_arrive_on(__mbarrier_t* barrier, simt::Site site = simt::Site::here()) {
  simt::arrive_after_copies(unsigned(__cvta_generic_to_shared(barrier)), false, site);
}

#include "simt/show_letters.hpp"
