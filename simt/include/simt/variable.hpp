#pragma once
#pragma GCC system_header  // its volatile pointer is nobody's wait for other threads (see rewrite.hpp)
// What the rewriter adds for the checker's sake; without one it costs nothing.
#include <driver_types.h>

#include <cstddef>

#include "simt/site.hpp"

namespace simt {

/// A __device__, __constant__ or __managed__ variable of namespace scope.
struct DeviceVariable {
  struct Definition {
    const char *name, *file;
    int line;
  };
  const void* address;
  std::size_t bytes;
  const char* space;  // "device", "constant" or "managed"
  Definition definition;

  DeviceVariable(const volatile void* address, std::size_t bytes, const char* space, Definition definition);
};

/// What follows a call of CUDA's runtime that is a whole statement, so that nobody reads its status.
struct Dropped {
  const char* call;
  Site site;
};
constexpr Dropped dropped(const char* call, Site site = Site::here()) { return {call, site}; }
void note_dropped(cudaError_t error, const Dropped& dropped);

}  // namespace simt

inline void operator,(cudaError_t error, simt::Dropped dropped) {
  if (error != cudaSuccess) simt::note_dropped(error, dropped);
}
