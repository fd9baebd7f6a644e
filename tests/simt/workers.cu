// Blocks run on every core, in each launch of many.
#include <pthread.h>

#include <set>

#include "tests/simt/device_array.hpp"

__global__ void note_workers(pthread_t* by_block) {
  for (int i = 0; i < 50; ++i) __syncthreads();
  if (threadIdx.x == 0) by_block[blockIdx.x] = pthread_self();
}

TEST_CASE("the launches that follow one another have helpers too") {
  constexpr int launches = 40;
  DeviceArray<pthread_t> by_block(std::vector<pthread_t>(64));
  simt::set_workers(2);
  int helped = 0;
  for (int i = 0; i < launches; ++i) {
    note_workers<<<64, 64>>>(by_block.data);
    const auto workers = by_block.host();
    helped += std::set(workers.begin(), workers.end()).size() == 2;
  }
  simt::set_workers(0);
  CHECK(helped >= launches / 4);  // a busy machine may start a helper late
}
