// Memory on the device, and the data sets that lie there.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <cstdio>
#include <span>
#include <utility>
#include <vector>

#include "bench/buffers.hpp"
#include "bench/shape.hpp"

namespace train {

using bench::BadInput;
using bench::check;  // throws bench::DeviceError

// `count` values of T on the device; their contents are garbage at first.
template <class T>
class Array {
 public:
  Array() = default;
  // Throws BadInput where the device has not that much memory left.
  explicit Array(std::int64_t count) : count_(count) {
    if (count == 0) return;
    const cudaError_t status = cudaMalloc(&data_, bytes());
    if (status == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      char text[120];
      std::snprintf(text, sizeof text,
                    "the device has not %.3g GB of memory left: use a smaller model, batch or file",
                    static_cast<double>(bytes()) / 1e9);
      throw BadInput(text);
    }
    check(status, "cudaMalloc");
  }
  explicit Array(std::span<const T> from) : Array(static_cast<std::int64_t>(from.size())) { write(from); }
  ~Array() { cudaFree(data_); }
  Array(Array&& other) noexcept { *this = std::move(other); }
  Array& operator=(Array&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }

  T* data() const { return data_; }
  std::int64_t size() const { return count_; }
  // What is written is there for every stream: cudaMemcpy itself may return before the last of it has left
  // the driver's own buffer, and the streams of runs do not wait for the default one.
  void write(std::span<const T> from, std::int64_t at = 0) {
    if (from.empty()) return;
    check(cudaMemcpy(data_ + at, from.data(), from.size_bytes(), cudaMemcpyHostToDevice), "cudaMemcpy");
    check(cudaStreamSynchronize(nullptr), "cudaMemcpy");
  }
  void read(std::span<T> to, std::int64_t from = 0) const {
    if (!to.empty())
      check(cudaMemcpy(to.data(), data_ + from, to.size_bytes(), cudaMemcpyDeviceToHost), "cudaMemcpy");
  }
  std::vector<T> read() const {
    std::vector<T> values(static_cast<std::size_t>(count_));
    read(values);
    return values;
  }

 private:
  std::size_t bytes() const { return static_cast<std::size_t>(count_) * sizeof(T); }
  T* data_ = nullptr;
  std::int64_t count_ = 0;
};

// Samples and targets that stay on the device, filled chunk by chunk.
struct Set {
  int n, d, k;     // samples, features, targets
  Array<float> x;  // n x d, row-major
  Array<float> y;  // n x k, row-major
  int filled = 0;  // samples so far

  Set(int n, int d, int k) : n(n), d(d), k(k), x(std::int64_t(n) * d), y(std::int64_t(n) * k) {}
};

}  // namespace train
