// Bulk copies that combine with what is there: cp.reduce.async.bulk and its tensors.
#pragma once
#include "simt/async.hpp"
#include "simt/ptx_operands.hpp"

namespace simt::ptx {

#define SIMT_PTX_REDUCE(op, reduction, type, element)                                                   \
  inline void cp_reduce_async_bulk_global_shared_bulk_group_##op##_##type(b64 to, b32 from, b32 size,   \
                                                                          Site site = Site::here()) {   \
    static_assert(reduces(Reduction::reduction, Element::element));                                     \
    bulk_reduce(reinterpret_cast<void*>(to), from, size, Reduction::reduction, Element::element, site); \
  }
#define SIMT_PTX_REDUCES(type)          \
  SIMT_PTX_REDUCE(add, add, type, type) \
  SIMT_PTX_REDUCE(min, min, type, type) \
  SIMT_PTX_REDUCE(max, max, type, type)
SIMT_PTX_REDUCES(u32)
SIMT_PTX_REDUCES(s32)
SIMT_PTX_REDUCES(u64)
SIMT_PTX_REDUCES(f16)
SIMT_PTX_REDUCES(bf16)
SIMT_PTX_REDUCE(min, min, s64, s64)
SIMT_PTX_REDUCE(max, max, s64, s64)
SIMT_PTX_REDUCE(add, add, f32, f32)
SIMT_PTX_REDUCE(add, add, f64, f64)
SIMT_PTX_REDUCE(inc, inc, u32, u32)
SIMT_PTX_REDUCE(dec, dec, u32, u32)
#define SIMT_PTX_REDUCE_BITS(type, element)    \
  SIMT_PTX_REDUCE(and, bit_and, type, element) \
  SIMT_PTX_REDUCE(or, bit_or, type, element)   \
  SIMT_PTX_REDUCE(xor, bit_xor, type, element)
SIMT_PTX_REDUCE_BITS(b32, u32)
SIMT_PTX_REDUCE_BITS(b64, u64)
#undef SIMT_PTX_REDUCE_BITS
#undef SIMT_PTX_REDUCES
#undef SIMT_PTX_REDUCE

// Of a tensor the elements' type is the map's. Objects, not functions: a coordinate per dimension, and still
// the caller's line.
#define SIMT_PTX_REDUCE_TENSOR(D, parameters, ...)                                   \
  template <Reduction op>                                                            \
  struct ReduceTensor##D {                                                           \
    void operator()(b64 map, parameters, b32 from, Site site = Site::here()) const { \
      const int at[] = {__VA_ARGS__};                                                \
      tensor_reduce(reinterpret_cast<const void*>(map), at, D, from, op, site);      \
    }                                                                                \
  };                                                                                 \
  SIMT_PTX_REDUCE_NAME(D, add, add)                                                  \
  SIMT_PTX_REDUCE_NAME(D, min, min)                                                  \
  SIMT_PTX_REDUCE_NAME(D, max, max)                                                  \
  SIMT_PTX_REDUCE_NAME(D, inc, inc)                                                  \
  SIMT_PTX_REDUCE_NAME(D, dec, dec)                                                  \
  SIMT_PTX_REDUCE_NAME(D, and, bit_and)                                              \
  SIMT_PTX_REDUCE_NAME(D, or, bit_or)                                                \
  SIMT_PTX_REDUCE_NAME(D, xor, bit_xor)
#define SIMT_PTX_REDUCE_NAME(D, op, reduction)           \
  inline constexpr ReduceTensor##D<Reduction::reduction> \
      cp_reduce_async_bulk_tensor_##D##d_global_shared_##op##_bulk_group{};
#define SIMT_COMMA ,
SIMT_PTX_REDUCE_TENSOR(1, b32 a, int(a))
SIMT_PTX_REDUCE_TENSOR(2, b32 a SIMT_COMMA b32 b, int(a), int(b))
SIMT_PTX_REDUCE_TENSOR(3, b32 a SIMT_COMMA b32 b SIMT_COMMA b32 c, int(a), int(b), int(c))
SIMT_PTX_REDUCE_TENSOR(4, b32 a SIMT_COMMA b32 b SIMT_COMMA b32 c SIMT_COMMA b32 d, int(a), int(b), int(c),
                       int(d))
SIMT_PTX_REDUCE_TENSOR(5, b32 a SIMT_COMMA b32 b SIMT_COMMA b32 c SIMT_COMMA b32 d SIMT_COMMA b32 e, int(a),
                       int(b), int(c), int(d), int(e))
#undef SIMT_COMMA
#undef SIMT_PTX_REDUCE_NAME
#undef SIMT_PTX_REDUCE_TENSOR

}  // namespace simt::ptx
