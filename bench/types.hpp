// Element types a problem's operands may have, and their exact conversions to and from double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bench {

enum class DType { f64, f32, f16, bf16, i32, u8 };

constexpr std::size_t size_of(DType t) {
  switch (t) {
    case DType::f64: return 8;
    case DType::f32:
    case DType::i32: return 4;
    case DType::f16:
    case DType::bf16: return 2;
    case DType::u8: return 1;
  }
  return 0;
}

constexpr std::string_view name_of(DType t) {
  switch (t) {
    case DType::f64: return "f64";
    case DType::f32: return "f32";
    case DType::f16: return "f16";
    case DType::bf16: return "bf16";
    case DType::i32: return "i32";
    case DType::u8: return "u8";
  }
  return "?";
}

// The 16-bit types apart (types.cpp): their headers are long, and every rung would compile them.
double load_half(DType t, const void* data, std::int64_t i);
void store_half(DType t, void* data, std::int64_t i, double v);

// Element i of an array of type t, as a double; exact for every type here.
inline double load(DType t, const void* data, std::int64_t i) {
  switch (t) {
    case DType::f64: return static_cast<const double*>(data)[i];
    case DType::f32: return static_cast<const float*>(data)[i];
    case DType::f16:
    case DType::bf16: return load_half(t, data, i);
    case DType::i32: return static_cast<const std::int32_t*>(data)[i];
    case DType::u8: return static_cast<const std::uint8_t*>(data)[i];
  }
  return 0;
}

// Writes v to element i, rounded to nearest even in type t.
inline void store(DType t, void* data, std::int64_t i, double v) {
  switch (t) {
    case DType::f64: static_cast<double*>(data)[i] = v; break;
    case DType::f32: static_cast<float*>(data)[i] = static_cast<float>(v); break;
    case DType::f16:
    case DType::bf16: store_half(t, data, i, v); break;
    case DType::i32: static_cast<std::int32_t*>(data)[i] = static_cast<std::int32_t>(v); break;
    case DType::u8: static_cast<std::uint8_t*>(data)[i] = static_cast<std::uint8_t>(v); break;
  }
}

}  // namespace bench
