#include "bench/types.hpp"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace bench {

double load_half(DType t, const void* data, std::int64_t i) {
  if (t == DType::f16) return __half2float(static_cast<const __half*>(data)[i]);
  return __bfloat162float(static_cast<const __nv_bfloat16*>(data)[i]);
}

void store_half(DType t, void* data, std::int64_t i, double v) {
  if (t == DType::f16)
    static_cast<__half*>(data)[i] = __double2half(v);
  else
    static_cast<__nv_bfloat16*>(data)[i] = __double2bfloat16(v);
}

}  // namespace bench
