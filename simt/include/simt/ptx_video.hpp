// Video instructions on the four bytes or two halves of a register: vadd4 and its kind. Their words come as
// they stand, as cvt's do: the types of the result and of both operands, saturation, and whether the results
// are added up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "simt/ptx_operands.hpp"

namespace simt::ptx {

enum class VideoOp { none, add, sub, average, distance, min, max, set };
struct Video {
  VideoOp op = VideoOp::none;
  unsigned lanes = 4, types = 0;
  bool is_signed[3] = {};  // the result, a, b
  bool saturate = false, total = false, known = true;
  int holds = 0;  // set: for which signs of the comparison, as bits: less 1, equal 2, greater 4

  constexpr bool complete() const {
    return known && op != VideoOp::none && types == 3 && (op == VideoOp::set) == (holds != 0) &&
           !(saturate && op == VideoOp::set);
  }
};
consteval Video video_named(std::string_view words) {
  constexpr struct {
    std::string_view name;
    VideoOp op;
  } operations[] = {{"vadd", VideoOp::add},          {"vsub", VideoOp::sub}, {"vavrg", VideoOp::average},
                    {"vabsdiff", VideoOp::distance}, {"vmin", VideoOp::min}, {"vmax", VideoOp::max},
                    {"vset", VideoOp::set}};
  constexpr std::string_view comparisons[] = {"lt", "eq", "le", "gt", "ne", "ge"};  // in the order of `holds`
  Video v;
  const std::string_view base = words.substr(0, words.find('.'));
  for (const auto& [name, op] : operations)
    if (base.substr(0, base.size() - 1) == name) v.op = op;
  v.lanes = unsigned(base.back() - '0');
  if (v.op == VideoOp::set) v.types = 1;  // its result is 0 or 1, whatever the type
  words.remove_prefix(std::min(base.size() + 1, words.size()));
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find('.'));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    const auto comparison = std::find(std::begin(comparisons), std::end(comparisons), word);
    if ((word == "u32" || word == "s32") && v.types < 3)
      v.is_signed[v.types++] = word == "s32";
    else if (word == "sat")
      v.saturate = true;
    else if (word == "add")
      v.total = true;
    else if (comparison != std::end(comparisons))
      v.holds = int(comparison - std::begin(comparisons)) + 1;
    else
      v.known = false;
  }
  return v;
}

template <Words words, Video v = video_named(words.text)>
requires(v.complete()) void video(b32& d, b32 a, b32 b, b32 c) {
  constexpr unsigned bits = 32 / v.lanes;
  constexpr std::int32_t ones = (1 << bits) - 1, top = 1 << (bits - 1);
  const auto lane = [](b32 x, unsigned i, bool is_signed) {
    const std::int32_t part = static_cast<std::int32_t>(x >> i * bits) & ones;
    return is_signed && (part & top) ? part - ones - 1 : part;
  };
  b32 packed = 0, sum = c;
  for (unsigned i = 0; i < v.lanes; ++i) {
    const std::int32_t x = lane(a, i, v.is_signed[1]), y = lane(b, i, v.is_signed[2]);
    std::int32_t r = 0;
    switch (v.op) {
      case VideoOp::add: r = x + y; break;
      case VideoOp::sub: r = x - y; break;
      case VideoOp::average: r = (x + y + (x + y >= 0)) >> 1; break;
      case VideoOp::distance: r = x < y ? y - x : x - y; break;
      case VideoOp::min: r = std::min(x, y); break;
      case VideoOp::max: r = std::max(x, y); break;
      default: r = v.holds >> (x < y ? 0 : x == y ? 1 : 2) & 1; break;
    }
    if (v.saturate) r = v.is_signed[0] ? std::clamp(r, -top, top - 1) : std::clamp(r, 0, ones);
    packed |= static_cast<b32>(r & ones) << i * bits;
    sum += static_cast<b32>(r);
  }
  d = v.total ? sum : packed;
}

}  // namespace simt::ptx
