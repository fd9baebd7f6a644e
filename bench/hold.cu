// A kernel that does nothing for a while, so that what is enqueued behind it starts without waiting for the
// host.
#include "bench/call_timer.hpp"
#include "bench/device.hpp"

__global__ void spin(long long cycles) {
  const long long start = clock64();
  while (clock64() - start < cycles) {
  }
}

void bench::hold(cudaStream_t stream, double seconds) {
  spin<<<1, 1, 0, stream>>>(static_cast<long long>(seconds * 1e6 * bench::default_sm_clock_mhz()));
}
