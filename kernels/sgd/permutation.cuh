// The order in which minibatch SGD visits its samples: one permutation of 0..n-1 per epoch, computed instead
// of stored. Any thread finds the sample of any step by itself, and every device finds the same one.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace sgd {

// A seeded permutation of [0, n): a Feistel network over as many bits as n needs, whose rounds add a keyed
// hash of one half to the other and so can be undone whatever the hash is; where it lands outside [0, n) it
// walks on along its cycle, fewer than two passes on average (Black and Rogaway, Ciphers with arbitrary
// finite domains, 2002).
class Permutation {
 public:
  // Of epoch `epoch` in the run seeded `seed`; 1 <= n <= 2^31.
  __host__ __device__ Permutation(std::uint32_t n, std::uint32_t seed, std::uint32_t epoch)
      : n_(n), key_(hash(hash(seed) ^ (epoch * 0x9E3779B9u))) {
    int bits = 2;
    while ((std::uint64_t(1) << bits) < n) ++bits;
    low_ = bits / 2;
    high_ = bits - low_;
  }

  // The sample at `position` < n of the epoch. About 100 integer instructions.
  __host__ __device__ std::uint32_t operator()(std::uint32_t position) const {
    do position = mix(position);
    while (position >= n_);
    return position;
  }

 private:
  // Chris Wellons' lowbias32: every input bit flips every output bit with probability close to a half.
  __host__ __device__ static std::uint32_t hash(std::uint32_t v) {
    v = (v ^ (v >> 16)) * 0x7FEB352Du;
    v = (v ^ (v >> 15)) * 0x846CA68Bu;
    return v ^ (v >> 16);
  }
  __host__ __device__ std::uint32_t mix(std::uint32_t v) const {
    std::uint32_t high = v >> low_, low = v & ((1u << low_) - 1), key = key_;
    for (int round = 0; round < 4; ++round) {
      high ^= hash(low ^ (key += 0x9E3779B9u)) >> (32 - high_);
      low ^= hash(high ^ (key += 0x9E3779B9u)) >> (32 - low_);
    }
    return high << low_ | low;
  }

  std::uint32_t n_, key_;
  int low_, high_;  // bits of the halves
};

// Which samples make up a step: epochs of n / batch whole batches; what is left over waits for the next
// shuffle.
class Order {
 public:
  // 1 <= batch <= n.
  __host__ __device__ Order(int n, int batch, std::uint32_t seed) : n_(n), batch_(batch), seed_(seed) {}
  __host__ __device__ int steps_per_epoch() const { return n_ / batch_; }
  __host__ __device__ Permutation epoch(int step) const {
    return {static_cast<std::uint32_t>(n_), seed_, static_cast<std::uint32_t>(step / steps_per_epoch())};
  }
  // Where in its epoch the step begins; the step's samples are epoch(step)(start(step) + 0 … batch - 1).
  __host__ __device__ int start(int step) const { return step % steps_per_epoch() * batch_; }
  // Sample `i` < batch of `step`.
  __host__ __device__ int sample(int step, int i) const {
    return static_cast<int>(epoch(step)(static_cast<std::uint32_t>(start(step) + i)));
  }

 private:
  int n_, batch_;
  std::uint32_t seed_;
};

}  // namespace sgd
