// The one source of pseudo-random numbers: SplitMix64 (Steele, Lea, Flood 2014) of a counter, which is random
// access, so that drawing can be parallel.
#pragma once

#include <cstdint>

namespace bench {

inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

}  // namespace bench
