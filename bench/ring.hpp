// Copies of a problem's operands, one after another in memory, for successive calls to use in turn: when the
// ring is a few times the size of the last-level cache, no call finds its operands there. Allocated once a
// shape.
#pragma once

#include <cuda_runtime.h>

#include "bench/buffers.hpp"

namespace bench {

class Ring {
 public:
  // At least `bytes` in all, and at least `copies`, as far as half of the free memory allows; then an odd
  // number of them, so that subjects taken in turn do not each keep to the same ones. Throws DeviceError,
  // BadInput, std::bad_alloc.
  Ring(const Problem& problem, Where where, std::size_t bytes, std::size_t copies = 3);

  std::size_t copies() const { return pointers_.size(); }
  std::size_t bytes() const { return memory_.bytes(); }
  std::span<void* const> pointers(std::size_t copy) const { return pointers_[copy % copies()]; }

  // Writes the inputs to every copy and poisons what is only written. Returns when all of it has happened.
  void fill(const HostData& inputs);
  // One copy's operands as they are when the stream gets there; work on other streams is not waited for.
  HostData read(std::size_t copy, cudaStream_t stream) const;

 private:
  Where where_;
  std::vector<Operand> operands_;
  std::vector<std::size_t> offsets_;
  std::size_t stride_ = 0;
  GuardedBuffer memory_;
  std::vector<std::vector<void*>> pointers_;
};

}  // namespace bench
