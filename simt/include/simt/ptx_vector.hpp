// Atomics on vectors: one request to memory, atomic for each element by itself.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include "simt/atomics.hpp"
#include "simt/ptx_convert.hpp"
#include "simt/ptx_memory.hpp"
#include "simt/ptx_operands.hpp"

namespace simt::ptx {

namespace detail {
constexpr bool is_vector(std::size_t elements) { return elements == 2 || elements == 4 || elements == 8; }

template <class R, std::size_t n, class Op>
[[gnu::always_inline]] inline void update_vector(R* to, const R (&by)[n], R (&old)[n], Op op) {
  static_assert(n * sizeof(R) <= 16, "PTX has no atomics on more than 16 bytes");
  simt::detail::tell_checker(to, n * sizeof(R));
  for (std::size_t i = 0; i < n; ++i)
    old[i] = simt::detail::atomic_update(to + i, [&](R before) {
      R after;
      op(after, before, by[i]);
      return after;
    });
}
/// {d…}, [a], {b…}
template <class R, class Op, class Operands, std::size_t... i>
[[gnu::always_inline]] inline void atom_vector(Op op, Operands operands, std::index_sequence<i...>) {
  constexpr std::size_t n = sizeof...(i);
  R old[n];
  update_vector(generic<R>(std::get<n>(operands)), {static_cast<R>(std::get<n + 1 + i>(operands))...}, old,
                op);
  ((std::get<i>(operands) = old[i]), ...);
}
}  // namespace detail

#define SIMT_PTX_VECTOR(op, type, R)                                                            \
  template <class... V>                                                                         \
  requires(detail::is_vector(sizeof...(V)))                                                     \
      [[gnu::always_inline]] inline void red_##op##_##type(b64 a, V... by) {                    \
    R old[sizeof...(V)];                                                                        \
    detail::update_vector(detail::generic<R>(a), {static_cast<R>(by)...}, old,                  \
                          [](R& d, R x, R y) { op##_##type(d, x, y); });                        \
  }                                                                                             \
  template <class... O>                                                                         \
  requires(detail::is_vector(sizeof...(O) / 2))                                                 \
      [[gnu::always_inline]] inline void atom_##op##_##type(O&&... operands) {                  \
    detail::atom_vector<R>([](R& d, R x, R y) { op##_##type(d, x, y); }, std::tie(operands...), \
                           std::make_index_sequence<sizeof...(O) / 2>());                       \
  }
SIMT_PTX_VECTOR(add, f32, f32)
#define SIMT_PTX_HALF_VECTOR(type, R) \
  SIMT_PTX_VECTOR(add, type, R)       \
  SIMT_PTX_VECTOR(min, type, R)       \
  SIMT_PTX_VECTOR(max, type, R)
SIMT_PTX_HALF_VECTOR(f16, b16)
SIMT_PTX_HALF_VECTOR(bf16, b16)
SIMT_PTX_HALF_VECTOR(f16x2, b32)
SIMT_PTX_HALF_VECTOR(bf16x2, b32)
#undef SIMT_PTX_HALF_VECTOR
#undef SIMT_PTX_VECTOR

}  // namespace simt::ptx
