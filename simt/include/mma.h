#pragma once
// nvcuda::wmma: products of matrices that a warp holds in fragments. Which lane holds which element is left
// open by CUDA. A sum is as exact as a double's and rounded once.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "simt/warp.hpp"

namespace nvcuda::wmma {

class matrix_a;
class matrix_b;
class accumulator;
class row_major;
class col_major;
namespace precision {
class tf32;
}
enum layout_t { mem_row_major, mem_col_major };

namespace detail {
constexpr int lanes = 32;

template <class T>
using Stored = std::conditional_t<std::is_same_v<T, precision::tf32>, float, T>;
template <class T, class... Types>
constexpr bool one_of = (std::is_same_v<T, Types> || ...);

/// Whether CUDA has fragments of m x n x k products with such elements.
template <class Use, class T>
constexpr bool exists(int m, int n, int k) {
  const bool large = k == 16 && ((m == 16 && n == 16) || (m == 32 && n == 8) || (m == 8 && n == 32));
  const bool of_tf32 = m == 16 && n == 16 && k == 8;
  if (std::is_same_v<T, double>) return m == 8 && n == 8 && k == 4;
  if (std::is_same_v<Use, accumulator>)
    return (large && one_of<T, float, __half, int>) || (of_tf32 && std::is_same_v<T, float>);
  return (large && one_of<T, __half, __nv_bfloat16, signed char, unsigned char>) ||
         (of_tf32 && std::is_same_v<T, precision::tf32>);
}

struct Position {
  int row, column;
};
template <class S, int n>
struct alignas(sizeof(S) * n) Piece {
  S value[n];
};
}  // namespace detail

template <class Use, int m, int n, int k, class T, class Layout = void>
class fragment {
  static_assert(detail::exists<Use, T>(m, n, k), "wmma has no fragment of this shape and type");
  static_assert(std::is_same_v<Use, accumulator> == std::is_same_v<Layout, void>,
                "matrix_a and matrix_b have a layout, an accumulator has none");

 public:
  using element_type = T;
  using storage_element_type = detail::Stored<T>;
  static constexpr int rows = std::is_same_v<Use, matrix_b> ? k : m,
                       columns = std::is_same_v<Use, matrix_a> ? k : n;
  static constexpr int num_elements = rows * columns / detail::lanes, num_storage_elements = num_elements;
  storage_element_type x[num_elements];

  /// Of a factor, a lane holds neighbours in memory; of sums, two of a row in each tile of 8 x 8, as of those
  /// of mma.sync.
  static constexpr detail::Position position(unsigned lane, int i) {
    if constexpr (std::is_same_v<Use, accumulator>) {
      const int tile = i / 2, down = rows / 8;
      return {tile % down * 8 + int(lane / 4), tile / down * 8 + int(lane % 4 * 2) + i % 2};
    } else {
      constexpr int line = std::is_same_v<Layout, row_major> ? columns : rows;
      const int e = int(lane) * num_elements + i;
      if constexpr (std::is_same_v<Layout, row_major>) return {e / line, e % line};
      return {e % line, e / line};
    }
  }
};

namespace detail {
/// Elements from the i-th on that lie side by side in memory, and so are one access.
template <class F, bool by_rows>
constexpr int neighbours = std::min<int>(F::num_elements, 16 / sizeof(typename F::storage_element_type));
template <int m, int n, int k, class T, bool by_rows>
constexpr int neighbours<fragment<accumulator, m, n, k, T>, by_rows> = by_rows ? 2 : 1;

template <bool by_rows, class F, class S>
[[gnu::always_inline]] inline auto piece_at(S* matrix, unsigned ldm, int i) {
  const Position p = F::position(simt::current->lane(), i);
  S* first = matrix + (by_rows ? p.row * std::size_t(ldm) + p.column : p.column * std::size_t(ldm) + p.row);
  using Bare = Piece<std::remove_const_t<S>, neighbours<F, by_rows>>;
  return reinterpret_cast<std::conditional_t<std::is_const_v<S>, const Bare, Bare>*>(first);
}
template <bool by_rows, class F>
[[gnu::always_inline]] inline void load(F& f, const typename F::storage_element_type* from, unsigned ldm) {
  constexpr int step = neighbours<F, by_rows>;
  for (int i = 0; i < F::num_elements; i += step) {
    const auto piece = *piece_at<by_rows, F>(from, ldm, i);
    std::copy_n(piece.value, step, f.x + i);
  }
}
template <bool by_rows, class F>
[[gnu::always_inline]] inline void store(typename F::storage_element_type* to, const F& f, unsigned ldm) {
  constexpr int step = neighbours<F, by_rows>;
  for (int i = 0; i < F::num_elements; i += step) {
    Piece<typename F::storage_element_type, step> piece;
    std::copy_n(f.x + i, step, piece.value);
    *piece_at<by_rows, F>(to, ldm, i) = piece;
  }
}

/// All lanes are here.
struct Meet {
  SIMT_UNCHECKED static void execute(unsigned, Meet**) {}
};
inline void meet(const char* operation, simt::Site site) {
  Meet op;
  simt::detail::run_on_warp(~0u, op, operation, site);
}

template <class T>
double value(Stored<T> x) {
  if constexpr (std::is_same_v<T, precision::tf32>)
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & ~0x1fffu);
  else if constexpr (one_of<T, __half, __nv_bfloat16>)
    return static_cast<float>(x);
  else
    return x;
}
template <class T>
T rounded(double sum, bool saturate) {
  if constexpr (std::is_same_v<T, __half>)
    return __double2half(sum);
  else if constexpr (!std::is_same_v<T, int>)
    return static_cast<T>(sum);
  else if (saturate)
    return static_cast<int>(std::clamp<double>(sum, INT32_MIN, INT32_MAX));
  else
    return static_cast<int>(static_cast<std::int64_t>(sum));
}

template <class D, class A, class B, class C>
struct Multiply {
  D* d;
  const A* a;
  const B* b;
  const C* c;
  bool saturate;

  SIMT_UNCHECKED static void execute(unsigned present, Multiply** lanes) {
    double a[A::rows][A::columns], b[B::rows][B::columns];
    simt::detail::for_each_lane(present, [&](unsigned lane) {
      spread(*lanes[lane]->a, lane, a);
      spread(*lanes[lane]->b, lane, b);
    });
    simt::detail::for_each_lane(present, [&](unsigned lane) {
      for (int i = 0; i < C::num_elements; ++i) {
        const Position p = C::position(lane, i);
        double sum = value<typename C::element_type>(lanes[lane]->c->x[i]);
        for (int k = 0; k < A::columns; ++k) sum += a[p.row][k] * b[k][p.column];
        lanes[lane]->d->x[i] = rounded<typename D::element_type>(sum, lanes[lane]->saturate);
      }
    });
  }
  template <class F>
  SIMT_UNCHECKED static void spread(const F& f, unsigned lane, double (&to)[F::rows][F::columns]) {
    for (int i = 0; i < F::num_elements; ++i) {
      const Position p = F::position(lane, i);
      to[p.row][p.column] = value<typename F::element_type>(f.x[i]);
    }
  }
};
template <class A, class B, class C>
constexpr bool match = std::is_same_v<A, B> && (std::is_same_v<A, double>   ? std::is_same_v<C, double>
                                                : sizeof(Stored<A>) == 1    ? std::is_same_v<C, int>
                                                : std::is_same_v<A, __half> ? one_of<C, float, __half>
                                                                            : std::is_same_v<C, float>);
}  // namespace detail

/// Of row or column r, the first element is at r * ldm.
template <class Use, int m, int n, int k, class T, class Layout>
[[gnu::always_inline]] inline void load_matrix_sync(fragment<Use, m, n, k, T, Layout>& f,
                                                    const detail::Stored<T>* from, unsigned ldm,
                                                    simt::Site site = simt::Site::here()) {
  detail::load<std::is_same_v<Layout, row_major>>(f, from, ldm);
  detail::meet("load_matrix_sync", site);
}
template <int m, int n, int k, class T>
[[gnu::always_inline]] inline void load_matrix_sync(fragment<accumulator, m, n, k, T>& f, const T* from,
                                                    unsigned ldm, layout_t layout,
                                                    simt::Site site = simt::Site::here()) {
  layout == mem_row_major ? detail::load<true>(f, from, ldm) : detail::load<false>(f, from, ldm);
  detail::meet("load_matrix_sync", site);
}
template <int m, int n, int k, class T>
[[gnu::always_inline]] inline void store_matrix_sync(T* to, const fragment<accumulator, m, n, k, T>& f,
                                                     unsigned ldm, layout_t layout,
                                                     simt::Site site = simt::Site::here()) {
  detail::meet("store_matrix_sync", site);
  layout == mem_row_major ? detail::store<true>(to, f, ldm) : detail::store<false>(to, f, ldm);
}
template <class Use, int m, int n, int k, class T, class Layout>
inline void fill_fragment(fragment<Use, m, n, k, T, Layout>& f,
                          const std::type_identity_t<detail::Stored<T>>& value) {
  std::fill_n(f.x, f.num_elements, value);
}

/// d = a * b + c; any of them may be d.
template <int m, int n, int k, class A, class LayoutA, class B, class LayoutB, class C, class D>
requires(detail::match<A, B, C>&& detail::match<A, B, D>) inline void mma_sync(
    fragment<accumulator, m, n, k, D>& d, const fragment<matrix_a, m, n, k, A, LayoutA>& a,
    const fragment<matrix_b, m, n, k, B, LayoutB>& b, const fragment<accumulator, m, n, k, C>& c,
    bool satf = false, simt::Site site = simt::Site::here()) {
  detail::Multiply<fragment<accumulator, m, n, k, D>, fragment<matrix_a, m, n, k, A, LayoutA>,
                   fragment<matrix_b, m, n, k, B, LayoutB>, fragment<accumulator, m, n, k, C>>
      op{&d, &a, &b, &c, satf};
  simt::detail::run_on_warp(~0u, op, "mma_sync", site);
}

/// To the nearest number with 10 bits behind the point, ties away from zero.
inline float __float_to_tf32(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  if ((bits & 0x7f800000u) == 0x7f800000u) return x;
  return std::bit_cast<float>((bits + 0x1000u) & ~0x1fffu);
}

}  // namespace nvcuda::wmma
