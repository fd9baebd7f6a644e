// What a warp does with matrices that are spread over its lanes: ldmatrix, stmatrix, movmatrix and mma.sync.
// A product is summed up exactly, or as exactly as a double can, and rounded once.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "simt/ptx_convert.hpp"
#include "simt/ptx_memory.hpp"
#include "simt/ptx_operands.hpp"
#include "simt/warp.hpp"

namespace simt::ptx {

namespace detail {
using MatrixRow = Vector<b16, 8>;

// Of each 8 x 8 matrix, lane l holds elements 2 * (l % 4) and the next of row l / 4; transposed, of column
// l / 4.
template <unsigned count, bool transposed>
struct LoadMatrix {
  MatrixRow row;  // row l % 8 of matrix l / 8
  b32 part[count];
  SIMT_UNCHECKED static void execute(unsigned present, LoadMatrix** lanes) {
    simt::detail::for_each_lane(present, [&](unsigned lane) {
      for (unsigned i = 0; i < count; ++i) {
        const auto element = [&](unsigned e) -> b32 {
          const unsigned row = transposed ? lane % 4 * 2 + e : lane / 4,
                         column = transposed ? lane / 4 : lane % 4 * 2 + e, source = 8 * i + row;
          return present >> source & 1 ? lanes[source]->row.value[column] : b16{0};
        };
        lanes[lane]->part[i] = element(0) | element(1) << 16;
      }
    });
  }
};
template <unsigned count, bool transposed>
struct StoreMatrix {
  b32 part[count];
  MatrixRow row;
  SIMT_UNCHECKED static void execute(unsigned present, StoreMatrix** lanes) {
    simt::detail::for_each_lane(present, [&](unsigned lane) {
      for (unsigned i = 0; i < count; ++i)
        for (unsigned e = 0; e < 2; ++e) {
          const unsigned row = transposed ? lane % 4 * 2 + e : lane / 4,
                         column = transposed ? lane / 4 : lane % 4 * 2 + e, target = 8 * i + row;
          if (present >> target & 1)
            lanes[target]->row.value[column] = static_cast<b16>(lanes[lane]->part[i] >> 16 * e);
        }
    });
  }
};

struct TransposeMatrix {
  b32 part, result;
  SIMT_UNCHECKED static void execute(unsigned present, TransposeMatrix** lanes) {
    simt::detail::for_each_lane(present, [&](unsigned lane) {
      const auto element = [&](unsigned e) -> b32 {
        const unsigned row = lane % 4 * 2 + e, column = lane / 4, source = row * 4 + column / 2;
        return present >> source & 1 ? lanes[source]->part >> column % 2 * 16 & 0xffff : 0;
      };
      lanes[lane]->result = element(0) | element(1) << 16;
    });
  }
};

// The lanes that give the rows' addresses touch memory, each its own row.
template <unsigned count, bool transposed>
[[gnu::always_inline]] inline std::array<b32, count> load_matrix(b64 address, Site site) {
  LoadMatrix<count, transposed> op{};
  if (current->lane() < 8 * count) op.row = weak_load(shared_window<const MatrixRow>(address));
  simt::detail::run_on_warp(~0u, op, "ldmatrix", site);
  return std::to_array(op.part);
}
template <bool transposed, unsigned count>
[[gnu::always_inline]] inline void store_matrix(b64 address, const b32 (&part)[count], Site site) {
  StoreMatrix<count, transposed> op{};
  std::copy(part, part + count, op.part);
  simt::detail::run_on_warp(~0u, op, "stmatrix", site);
  if (current->lane() < 8 * count) weak_store(shared_window<MatrixRow>(address), op.row);
}
}  // namespace detail

#define SIMT_PTX_MATRIX(words, transposed)                                                                  \
  [[gnu::always_inline]] inline void ldmatrix_sync_aligned_x1##words(b32& d, b64 a,                         \
                                                                     Site site = Site::here()) {            \
    d = detail::load_matrix<1, transposed>(a, site)[0];                                                     \
  }                                                                                                         \
  [[gnu::always_inline]] inline void ldmatrix_sync_aligned_x2##words(b32& d0, b32& d1, b64 a,               \
                                                                     Site site = Site::here()) {            \
    const auto part = detail::load_matrix<2, transposed>(a, site);                                          \
    d0 = part[0], d1 = part[1];                                                                             \
  }                                                                                                         \
  [[gnu::always_inline]] inline void ldmatrix_sync_aligned_x4##words(b32& d0, b32& d1, b32& d2, b32& d3,    \
                                                                     b64 a, Site site = Site::here()) {     \
    const auto part = detail::load_matrix<4, transposed>(a, site);                                          \
    d0 = part[0], d1 = part[1], d2 = part[2], d3 = part[3];                                                 \
  }                                                                                                         \
  [[gnu::always_inline]] inline void stmatrix_sync_aligned_x1##words(b64 a, b32 v,                          \
                                                                     Site site = Site::here()) {            \
    detail::store_matrix<transposed>(a, {v}, site);                                                         \
  }                                                                                                         \
  [[gnu::always_inline]] inline void stmatrix_sync_aligned_x2##words(b64 a, b32 v0, b32 v1,                 \
                                                                     Site site = Site::here()) {            \
    detail::store_matrix<transposed>(a, {v0, v1}, site);                                                    \
  }                                                                                                         \
  [[gnu::always_inline]] inline void stmatrix_sync_aligned_x4##words(b64 a, b32 v0, b32 v1, b32 v2, b32 v3, \
                                                                     Site site = Site::here()) {            \
    detail::store_matrix<transposed>(a, {v0, v1, v2, v3}, site);                                            \
  }
SIMT_PTX_MATRIX(_shared_b16, false)
SIMT_PTX_MATRIX(_trans_shared_b16, true)
#undef SIMT_PTX_MATRIX

inline void movmatrix_sync_aligned_m8n8_trans_b16(b32& d, b32 a, Site site = Site::here()) {
  detail::TransposeMatrix op{a, 0};
  simt::detail::run_on_warp(~0u, op, "movmatrix", site);
  d = op.result;
}

// mma.sync. Its words come as they stand: shape, layouts, types of the result, of both factors and of the
// summand.
struct Mma {
  unsigned m = 0, n = 0, k = 0, types = 0;
  Type type[4];  // d, a, b, c
  bool saturate = false, known = true;

  /// Elements of a factor that a register holds.
  constexpr unsigned packed() const {
    return type[1].bits == 64 || type[1].bits == 19 ? 1 : 32 / type[1].bits;
  }
  constexpr unsigned a_registers() const { return m / 8 * b_registers(); }
  constexpr unsigned b_registers() const { return k / (4 * packed()); }
  constexpr unsigned c_registers() const { return type[0].bits == 16 ? m / 8 : m / 4; }
  constexpr bool complete() const {
    if (!known || types != 4 || (m != 8 && m != 16) || n != 8) return false;
    const auto& [d, a, b, c] = type;
    const bool halves = a.real && a.bits == 16, tf32 = a.bits == 19, bytes = !a.real && a.bits == 8,
               wide = a.bits == 64;
    if (a.real != b.real || a.bits != b.bits || a.lanes * b.lanes != 1 || a.brain != b.brain) return false;
    if (c.real != d.real || c.bits != d.bits || c.brain || d.brain || d.lanes != 1) return false;
    if (halves && !(m == 16 && (d.bits == 32 || (d.bits == 16 && !a.brain)) && d.real)) return false;
    if (tf32 && !(m == 16 && d.bits == 32 && d.real)) return false;
    if (bytes && !(d.bits == 32 && !d.real && d.is_signed)) return false;
    if (wide && !(a.real && d.bits == 64)) return false;
    if (!halves && !tf32 && !bytes && !wide) return false;
    const unsigned step = 4 * packed();
    if (m == 8) return (bytes || wide) && k == step;
    return k == step || k == 2 * step || (wide && k == 16);
  }
};
consteval Mma mma_named(std::string_view words) {
  Mma m;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find('.'));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    if (word[0] == 'm' && m.m == 0) {
      unsigned* size = nullptr;
      for (char c : word)
        if (c == 'm' || c == 'n' || c == 'k')
          size = c == 'm' ? &m.m : c == 'n' ? &m.n : &m.k;
        else
          *size = *size * 10 + unsigned(c - '0');
    } else if (word == "satfinite") {
      m.saturate = true;
    } else if (const Type type = type_named(word); type.bits && m.types < 4) {
      m.type[m.types++] = type;
    } else if (word != (m.types == 0 ? "row" : "") && word != "col") {
      m.known = false;
    }
  }
  return m;
}

namespace detail {
template <Type t, class R>
double element_of(R value, unsigned e) {
  if constexpr (t.bits == 64)
    return value;
  else if constexpr (t.bits == 19)
    return std::bit_cast<f32>(value & ~0x1fffu);
  else if constexpr (t.bits == 16)
    return widened<Half<t>>(static_cast<b16>(value >> 16 * e));
  else if constexpr (t.is_signed)
    return static_cast<std::int8_t>(value >> 8 * e);
  else
    return static_cast<std::uint8_t>(value >> 8 * e);
}

/// Registers of one lane, l: of A, rows l / 4 (and 8 more) and columns from l % 4; of B, rows from l % 4 and
/// column l / 4; of C and D, rows l / 4 and columns 2 * (l % 4) and the next.
template <Mma m>
struct Multiply {
  using Factor = std::conditional_t<m.type[1].bits == 64, f64, b32>;
  Factor a[m.a_registers()], b[m.b_registers()];
  double c[m.m / 4];  // becomes d

  SIMT_UNCHECKED static void execute(unsigned present, Multiply** lanes) {
    constexpr unsigned packed = m.packed(), high = m.m / 8;
    double a[m.m][m.k] = {}, b[m.k][8] = {};
    simt::detail::for_each_lane(present, [&](unsigned lane) {
      const unsigned major = lane / 4, minor = lane % 4 * packed;
      for (unsigned e = 0; e < packed; ++e) {
        for (unsigned r = 0; r < m.a_registers(); ++r)
          a[major + r % high * 8][minor + e + r / high * 4 * packed] =
              element_of<m.type[1]>(lanes[lane]->a[r], e);
        for (unsigned r = 0; r < m.b_registers(); ++r)
          b[minor + e + r * 4 * packed][major] = element_of<m.type[2]>(lanes[lane]->b[r], e);
      }
    });
    simt::detail::for_each_lane(present, [&](unsigned lane) {
      for (unsigned i = 0; i < m.m / 4; ++i) {
        double& sum = lanes[lane]->c[i];
        for (unsigned k = 0; k < m.k; ++k) sum += a[lane / 4 + i / 2 * 8][k] * b[k][lane % 4 * 2 + i % 2];
      }
    });
  }
};
}  // namespace detail

template <Words words, Mma m = mma_named(words.text)>
requires(m.complete()) class mma {
 public:
  mma(Site site = Site::here()) : site_(site) {}

  /// {d…}, {a…}, {b…}, {c…}
  template <class... O>
  requires(sizeof...(O) == 2 * m.c_registers() + m.a_registers() + m.b_registers()) void operator()(
      O&&... o) {
    multiply(std::tie(o...), std::make_index_sequence<m.c_registers()>(),
             std::make_index_sequence<m.a_registers()>(), std::make_index_sequence<m.b_registers()>());
  }

 private:
  template <class Operands, std::size_t... ic, std::size_t... ia, std::size_t... ib>
  void multiply(Operands operands, std::index_sequence<ic...>, std::index_sequence<ia...>,
                std::index_sequence<ib...>) {
    constexpr std::size_t at_a = sizeof...(ic), at_b = at_a + sizeof...(ia), at_c = at_b + sizeof...(ib);
    detail::Multiply<m> op{{std::get<at_a + ia>(operands)...}, {std::get<at_b + ib>(operands)...}, {}};
    (read(op.c, ic, std::get<at_c + ic>(operands)), ...);
    simt::detail::run_on_warp(~0u, op, "mma.sync", site_);
    (write(std::get<ic>(operands), op.c, ic), ...);
  }
  template <class R>
  static void read(double* c, std::size_t i, R value) {
    if constexpr (m.type[3].bits == 16) {
      c[2 * i] = detail::widened<__half>(static_cast<b16>(value));
      c[2 * i + 1] = detail::widened<__half>(static_cast<b16>(value >> 16));
    } else if constexpr (m.type[3].real) {
      c[i] = value;
    } else {
      c[i] = static_cast<std::int32_t>(value);
    }
  }
  template <class R>
  static void write(R& d, const double* c, std::size_t i) {
    if constexpr (m.type[0].bits == 16)
      d = detail::rounded<__half>(c[2 * i]) | b32{detail::rounded<__half>(c[2 * i + 1])} << 16;
    else if constexpr (m.type[0].real)
      d = static_cast<R>(c[i]);
    else if constexpr (m.saturate)
      d = static_cast<R>(detail::saturated<std::int32_t>(c[i]));
    else
      d = static_cast<R>(static_cast<std::int64_t>(c[i]));
  }
  Site site_;
};

}  // namespace simt::ptx
