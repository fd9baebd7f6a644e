// Which of a library's algorithms is the fastest, when it is timed as rungs are.
#pragma once

#include "bench/buffers.hpp"
#include "bench/registry.hpp"
#include "bench/sampler.hpp"

namespace bench {

// None of an entry's ways runs.
struct Untunable : DeviceError {
  using DeviceError::DeviceError;
};

// Times every way that the entry has for this problem through `timer`, whose only subject it is, and chooses
// the one with the least median. A way that fails is left out. Throws Untunable where all do, DeviceError
// where the device is lost.
void choose_fastest(const Entry& entry, const Problem& problem, Timer& timer);

}  // namespace bench
