#pragma once
#include <cuda.h>

#include <cstdint>

namespace simt {

/// What is inside a CUtensorMap here. Dimension 0 is the innermost, and contiguous.
struct TensorMap {
  static constexpr std::uint32_t valid = 0x746D6170;
  std::uint32_t mark;
  std::uint8_t dimensions, element_size, swizzle, fill_nan;
  std::uint64_t address;
  std::uint64_t stride[5];  // bytes; [0] is the element size
  std::uint32_t size[5];    // elements
  std::uint16_t box[5];     // elements
  std::uint8_t step[5];
  std::uint8_t type;  // CUtensorMapDataType

  /// Elements a box holds in dimension d.
  unsigned count(unsigned d) const { return (box[d] + step[d] - 1u) / step[d]; }
  unsigned box_bytes() const;
};
static_assert(sizeof(TensorMap) <= sizeof(CUtensorMap));

/// Where byte `offset` of shared memory goes: 16-byte chunks are permuted by the bits above them.
unsigned swizzled(unsigned offset, unsigned swizzle);

}  // namespace simt
