// Small kernels that are wrong in one way, each beside its right twin: kernel<true> is right, kernel<false>
// is the bug. One parametrised test (bugs.cpp) runs them all in every schedule.
#pragma once

#include <cuda_runtime.h>

#include <vector>

struct Bug {
  const char* name;
  const char* kind;  // what the checker must call it, as in simt::Finding
  void (*run)(bool right);
  unsigned findings = 0;  // so many in all; 0: it shows in more than one way
};

// Where the bug that runs is, if it says so: the line that its first finding is to name.
inline int bug_line = 0;

inline std::vector<Bug>& bugs() {
  static std::vector<Bug> list;
  return list;
}

struct RegisterBug {
  RegisterBug(const char* name, const char* kind, void (*run)(bool), unsigned findings = 0) {
    bugs().push_back({name, kind, run, findings});
  }
};

// BUG(name, "kind") { right ? k<true><<<…>>>(…) : k<false><<<…>>>(…); }; BUG(name, "kind", 1): that is all
// that is found of it.
#define BUG(name, kind, ...)                                                              \
  static void name(bool right);                                                           \
  static const RegisterBug register_##name{#name, kind, name __VA_OPT__(, ) __VA_ARGS__}; \
  static void name([[maybe_unused]] bool right)

// Device memory for a test's duration: `count` elements, all `value`, or left as cudaMalloc gives them.
template <class T>
class Device {
 public:
  explicit Device(int count) { cudaMalloc(&data_, count * sizeof(T)); }
  Device(int count, T value) : Device(count) {
    std::vector<T> host(count, value);
    cudaMemcpy(data_, host.data(), count * sizeof(T), cudaMemcpyHostToDevice);
  }
  ~Device() { cudaFree(data_); }
  Device(const Device&) = delete;
  operator T*() const { return data_; }

 private:
  T* data_ = nullptr;
};
