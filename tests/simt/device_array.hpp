#pragma once
#include <cuda_runtime.h>

#include <vector>

#include "simt/control.hpp"
#include "tests/catch.hpp"

/// A host vector's copy in device memory.
template <class T>
struct DeviceArray {
  T* data = nullptr;
  std::size_t size;
  explicit DeviceArray(const std::vector<T>& host) : size(host.size()) {
    REQUIRE(cudaMalloc(reinterpret_cast<void**>(&data), size * sizeof(T)) == cudaSuccess);
    REQUIRE(cudaMemcpy(data, host.data(), size * sizeof(T), cudaMemcpyHostToDevice) == cudaSuccess);
  }
  DeviceArray(const DeviceArray&) = delete;
  ~DeviceArray() { cudaFree(data); }
  std::vector<T> host() const {
    std::vector<T> copy(size);
    REQUIRE(cudaMemcpy(copy.data(), data, size * sizeof(T), cudaMemcpyDeviceToHost) == cudaSuccess);
    return copy;
  }
};

/// Runs `check` under several schedules and numbers of workers.
template <class F>
void in_every_schedule(F&& check) {
  for (const char* schedule : {"forward", "reverse", "random:1", "random:2", "random:3"})
    for (int workers : {1, 3}) {
      CAPTURE(schedule, workers);
      simt::set_schedule(schedule);
      simt::set_workers(workers);
      check();
    }
  simt::set_schedule("forward");
  simt::set_workers(0);
}
