// What bulk reductions do to their elements.
#include "reduce.hpp"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstring>
#include <type_traits>

#include "simt/atomics.hpp"

namespace simt {
namespace {

/// In the type that T computes in: wider for halves, and without overflow for integers.
template <Reduction op, class T>
T combined(T old, T value) {
  if constexpr (op == Reduction::add) {
    if constexpr (std::is_integral_v<T>)
      return T(std::make_unsigned_t<T>(old) + std::make_unsigned_t<T>(value));
    else if constexpr (sizeof(T) == 2)
      return T(float(old) + float(value));
    else
      return old + value;
  } else if constexpr (op == Reduction::min || op == Reduction::max) {
    using C = std::conditional_t<sizeof(T) == 2, float, T>;
    const bool less = C(value) < C(old), nan = C(old) != C(old);  // a number rather than NaN
    return less == (op == Reduction::min) || nan ? value : old;
  } else if constexpr (op == Reduction::inc) {
    return old >= value ? 0 : old + 1;
  } else if constexpr (op == Reduction::dec) {
    return old == 0 || old > value ? value : old - 1;
  } else {
    return op == Reduction::bit_and ? old & value : op == Reduction::bit_or ? old | value : old ^ value;
  }
}

template <Reduction op, class T>
void combine(void* to, const void* from, unsigned size) {
  for (unsigned i = 0; i < size / sizeof(T); ++i) {
    T value;
    std::memcpy(static_cast<void*>(&value), static_cast<const T*>(from) + i, sizeof value);
    detail::atomic_update(static_cast<T*>(to) + i, [value](T old) { return combined<op>(old, value); });
  }
}

template <Reduction op>
Combine of_type(Element type) {
#define SIMT_ELEMENT(name, T)                                         \
  case Element::name:                                                 \
    if constexpr (reduces(op, Element::name)) return &combine<op, T>; \
    return nullptr;
  switch (type) {
    SIMT_ELEMENT(u32, std::uint32_t)
    SIMT_ELEMENT(s32, std::int32_t)
    SIMT_ELEMENT(u64, std::uint64_t)
    SIMT_ELEMENT(s64, std::int64_t)
    SIMT_ELEMENT(f16, __half)
    SIMT_ELEMENT(bf16, __nv_bfloat16)
    SIMT_ELEMENT(f32, float)
    SIMT_ELEMENT(f64, double)
  }
#undef SIMT_ELEMENT
  return nullptr;
}

}  // namespace

Combine combine_of(Reduction op, Element type) {
  switch (op) {
    case Reduction::add: return of_type<Reduction::add>(type);
    case Reduction::min: return of_type<Reduction::min>(type);
    case Reduction::max: return of_type<Reduction::max>(type);
    case Reduction::inc: return of_type<Reduction::inc>(type);
    case Reduction::dec: return of_type<Reduction::dec>(type);
    case Reduction::bit_and: return of_type<Reduction::bit_and>(type);
    case Reduction::bit_or: return of_type<Reduction::bit_or>(type);
    case Reduction::bit_xor: return of_type<Reduction::bit_xor>(type);
  }
  return nullptr;
}

}  // namespace simt
