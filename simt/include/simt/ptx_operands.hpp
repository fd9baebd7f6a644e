// The registers that translated PTX works on; see simt/rewrite/ptx.hpp for the form of the calls.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace simt::ptx {

using b16 = std::uint16_t;
using b32 = std::uint32_t;
using b64 = std::uint64_t;
using b128 = unsigned __int128;
using f32 = float;
using f64 = double;

/// An instruction's name, where it is a template's argument.
template <std::size_t n>
struct Words {
  char text[n];
  consteval Words(const char (&from)[n]) { std::copy(from, from + n, text); }
};

/// The destination `_`: takes a result nobody wants, of any register type.
class Sink {
 public:
  operator b16&() { return b16_; }
  operator b32&() { return b32_; }
  operator b64&() { return b64_; }
  operator bool&() { return bool_; }

 private:
  b16 b16_{};
  b32 b32_{};
  b64 b64_{};
  bool bool_{};
};

/// A register of bits as the destination of an instruction on reals.
template <class T>
class Real {
 public:
  using Bits = std::conditional_t<sizeof(T) == sizeof(b32), b32, b64>;
  explicit Real(Bits& bits) : bits_(bits), value_(std::bit_cast<T>(bits)) {}
  ~Real() { bits_ = std::bit_cast<Bits>(value_); }
  operator T&() { return value_; }

 private:
  Bits& bits_;
  T value_;
};

/// An asm operand as a register: numbers convert, pointers give their address, anything else of the
/// register's size (__half, a bit-field's struct) its bits.
template <class Register, class T>
Register read(const T& value) {
  if constexpr (std::is_pointer_v<T>) {
    return static_cast<Register>(reinterpret_cast<std::uintptr_t>(value));
  } else if constexpr (std::is_array_v<T>) {
    return static_cast<Register>(reinterpret_cast<std::uintptr_t>(&value[0]));
  } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, b128>) {
    return static_cast<Register>(value);
  } else {
    static_assert(sizeof(T) == sizeof(Register), "an asm operand must have its register's size");
    Register bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
  }
}

template <class T, class Register>
void write(T& variable, Register value) {
  if constexpr (std::is_pointer_v<T>) {
    variable = reinterpret_cast<T>(static_cast<std::uintptr_t>(value));
  } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, b128>) {
    variable = static_cast<T>(value);
  } else {
    static_assert(sizeof(T) == sizeof(Register), "an asm operand must have its register's size");
    std::memcpy(&variable, &value, sizeof value);
  }
}

}  // namespace simt::ptx
