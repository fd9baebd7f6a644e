// Memory that tells on whoever writes outside it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "bench/registry.hpp"

namespace bench {

// A failed CUDA call, in words. The message names the call and CUDA's own error text.
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void check(cudaError_t status, const char* call);  // throws DeviceError

// Bytes in GPU or CPU memory between two canaries, all of it 0xFF (a NaN in every floating type) at first.
class GuardedBuffer {
 public:
  GuardedBuffer(Where where, std::size_t bytes);  // throws DeviceError, std::bad_alloc
  ~GuardedBuffer();
  GuardedBuffer(GuardedBuffer&& other) noexcept;
  GuardedBuffer& operator=(GuardedBuffer&&) = delete;

  void* data() const { return base_ + guard_; }
  std::size_t bytes() const { return bytes_; }
  void poison();                                // all bytes 0xFF
  void write(std::span<const std::byte> from);  // from.size() == bytes()
  std::vector<std::byte> read() const;
  bool canaries_intact() const;

 private:
  void copy(void* to, const void* from, std::size_t n) const;
  Where where_;
  std::size_t bytes_, guard_;
  std::byte* base_ = nullptr;
};

// The operands of one call in guarded memory: inputs written, outputs poisoned.
class Operands {
 public:
  Operands(const Problem& problem, Where where, const HostData& inputs);
  std::span<void* const> pointers() const { return pointers_; }
  void reset(const HostData& inputs);  // poisons outputs and rewrites what a run may have changed
  const std::vector<GuardedBuffer>& buffers() const { return buffers_; }

 private:
  std::vector<Operand> operands_;
  std::vector<GuardedBuffer> buffers_;
  std::vector<void*> pointers_;
};

// Seeded contents of every operand: the same for a (problem, shape, fill, seed) on every device. Operands
// that are only written come back as NaN bytes. Uniform is U[-1, 1), rounded to the operand's type.
HostData make_inputs(const Problem& problem, Fill fill, std::uint64_t seed);

}  // namespace bench
