// What mutated text calls (mutate.py writes it). Each function does what the original did, unless its mutant
// is the one alive: kNumber, or kNumber + 1 for the second change of a place. Constant expressions stay as
// they are.
#pragma once

#include <cstdint>
#include <type_traits>

namespace mutant {

// The mutant alive; 0: none. Constant for the mutated text, so that the checker does not see it read;
// main.cpp sets it, in a file that declares it otherwise.
extern const std::uint64_t alive;
extern bool reached;  // whether its place has been executed

template <std::uint64_t kNumber>
constexpr bool on() {
  if (std::is_constant_evaluated() || alive != kNumber) return false;
  reached = true;
  return true;
}

template <std::uint64_t kNumber, class T, class U>
constexpr T bound(T limit, U by) {
  return on<kNumber>() ? T(limit + by) : on<kNumber + 1>() ? T(limit - by) : limit;
}
template <std::uint64_t kNumber, class T>
constexpr T step(T by) {
  return on<kNumber>() ? T(by + 1) : by;
}
template <std::uint64_t kNumber>
constexpr bool condition(bool value) {
  return on<kNumber>() ? true : on<kNumber + 1>() ? false : value;
}
template <std::uint64_t kNumber>
constexpr bool both(bool operand) {
  return on<kNumber>() || operand;
}
template <std::uint64_t kNumber>
constexpr bool either(bool operand) {
  return !on<kNumber>() && operand;
}
template <std::uint64_t kNumber>
constexpr bool flip(bool value) {
  return on<kNumber>() ? !value : value;
}

template <class A, class B>
constexpr bool kWhole = std::is_integral_v<A>&& std::is_integral_v<B>;
template <std::uint64_t kNumber, class A, class B>
constexpr auto over(A a, B b) {
  if constexpr (kWhole<A, B>)
    return on<kNumber>() ? a % b : a / b;
  else
    return on<kNumber>() ? a * b : a / b;
}
template <std::uint64_t kNumber, class A, class B>
constexpr auto rest(A a, B b) {
  return on<kNumber>() ? a / b : a % b;
}
template <std::uint64_t kNumber, class T, class U>
constexpr T tail(T rounded_up, U rounded_down) {
  return on<kNumber>() ? T(rounded_down) : rounded_up;
}

template <std::uint64_t kNumber, class A, class B>
constexpr auto min(A a, B b) {
  using T = std::common_type_t<A, B>;
  return on<kNumber>() ? T(a) : on<kNumber + 1>() ? T(b) : T(b) < T(a) ? T(b) : T(a);
}
template <std::uint64_t kNumber, class A, class B>
constexpr auto max(A a, B b) {
  using T = std::common_type_t<A, B>;
  return on<kNumber>() ? T(a) : on<kNumber + 1>() ? T(b) : T(a) < T(b) ? T(b) : T(a);
}

// Assigns instead; a pointer goes the other way.
template <std::uint64_t kNumber, class A, class B>
constexpr void add(A&& to, B value) {
  if constexpr (std::is_pointer_v<std::remove_reference_t<A>>)
    to += on<kNumber>() ? -value : value;
  else if (on<kNumber>())
    to = value;
  else
    to += value;
}
template <std::uint64_t kNumber, class A, class B>
constexpr void subtract(A&& from, B value) {
  if constexpr (std::is_pointer_v<std::remove_reference_t<A>>)
    from -= on<kNumber>() ? -value : value;
  else if (on<kNumber>())
    from = value;
  else
    from -= value;
}

}  // namespace mutant
