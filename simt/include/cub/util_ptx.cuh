#pragma once
// With the functions that CUB had of its own before CUDA 13.
#include_next <cub/util_ptx.cuh>

#include "simt/cuda.hpp"

#if CUDART_VERSION >= 13000
CUB_NAMESPACE_BEGIN
inline unsigned LaneId() { return simt::current->lane(); }
inline void CTA_SYNC(simt::Site site = simt::Site::here()) { __syncthreads(site); }
inline void WARP_SYNC(unsigned mask, simt::Site site = simt::Site::here()) { __syncwarp(mask, site); }
CUB_NAMESPACE_END
#endif
