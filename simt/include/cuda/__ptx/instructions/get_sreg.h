#pragma once
// Found before libcu++'s file of this name, whose functions are inline assembly: CUB's warp primitives call
// these.
#include <cuda/std/detail/__config>

#include "simt/ptx.hpp"

#ifdef _CCCL_BEGIN_NAMESPACE_CUDA_PTX
_CCCL_BEGIN_NAMESPACE_CUDA_PTX
#else
_LIBCUDACXX_BEGIN_NAMESPACE_CUDA_PTX
#endif

#define SIMT_SREG(name) \
  inline auto get_sreg_##name() { return ::simt::ptx::sreg_##name(); }
SIMT_SREG(tid_x)
SIMT_SREG(tid_y) SIMT_SREG(tid_z) SIMT_SREG(ntid_x) SIMT_SREG(ntid_y) SIMT_SREG(ntid_z) SIMT_SREG(ctaid_x)
    SIMT_SREG(ctaid_y) SIMT_SREG(ctaid_z) SIMT_SREG(nctaid_x) SIMT_SREG(nctaid_y) SIMT_SREG(nctaid_z)
        SIMT_SREG(laneid) SIMT_SREG(warpid) SIMT_SREG(nwarpid) SIMT_SREG(smid) SIMT_SREG(nsmid)
            SIMT_SREG(lanemask_eq) SIMT_SREG(lanemask_le) SIMT_SREG(lanemask_lt) SIMT_SREG(lanemask_ge)
                SIMT_SREG(lanemask_gt) SIMT_SREG(clock) SIMT_SREG(clock64) SIMT_SREG(globaltimer)
#undef SIMT_SREG

#ifdef _CCCL_END_NAMESPACE_CUDA_PTX
                    _CCCL_END_NAMESPACE_CUDA_PTX
#else
                    _LIBCUDACXX_END_NAMESPACE_CUDA_PTX
#endif
