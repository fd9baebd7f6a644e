// Cooperative groups, and the launches they need.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "tests/catch.hpp"
#include "tests/simt/device_array.hpp"

namespace cg = cooperative_groups;

namespace {

template <int width>
__global__ void tile_sums(const int* x, int* reduced, int* scanned, int* by_shuffle) {
  cg::thread_block block = cg::this_thread_block();
  auto tile = cg::tiled_partition<width>(block);
  int i = blockIdx.x * block.size() + block.thread_rank(), v = x[i];
  reduced[i] = cg::reduce(tile, v, cg::plus<int>());
  scanned[i] = cg::inclusive_scan(tile, v, cg::plus<int>());
  for (int offset = tile.size() / 2; offset > 0; offset /= 2) v += tile.shfl_down(v, offset);
  if (tile.thread_rank() == 0) by_shuffle[i / width] = v;
}

// Tiles of several warps, that a block's last tile leaves early.
template <int width>
__global__ void wide_tiles(const int* x, int* reduced, int* neighbour, int* votes) {
  __shared__ cg::block_tile_memory<256> scratch;
  __shared__ int first[256 / width];
  cg::thread_block block = cg::this_thread_block(scratch);
  auto tile = cg::tiled_partition<width>(block);
  int i = blockIdx.x * block.size() + block.thread_rank(), v = x[i];
  if (tile.meta_group_rank() + 1 == tile.meta_group_size()) return;
  if (tile.thread_rank() == width - 1) first[tile.meta_group_rank()] = v;
  tile.sync();
  reduced[i] = cg::reduce(tile, v, cg::plus<int>()) - first[tile.meta_group_rank()];
  neighbour[i] = tile.shfl(v, tile.thread_rank() + 1);
  votes[i] = tile.any(v == 100) + 2 * tile.all(v < 100);
}

// Counts the even numbers with one atomic a group of lanes, as the programming guide shows it.
__global__ void count_even(const int* x, int n, int* count) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  if (x[i] % 2 == 0) {
    auto active = cg::coalesced_threads();
    int before = 0;
    if (active.thread_rank() == 0) before = atomicAdd(count, int(active.size()));
    before = active.shfl(before, 0);
    (void)before;
  }
}

// Each round, every block writes the sum of what all blocks wrote in the round before.
__global__ void grid_rounds(int* values, int rounds) {
  cg::grid_group grid = cg::this_grid();
  for (int r = 0; r < rounds; ++r) {
    int sum = 0;
    for (unsigned b = 0; b < gridDim.x; ++b) sum += values[b];
    grid.sync();
    if (threadIdx.x == 0) values[blockIdx.x] = sum % 1000 + int(blockIdx.x);
    grid.sync();
  }
}

__global__ void wait_for_child(int* values, bool child) {
  if (child) wait_for_child<<<1, 1>>>(values, false);
  cudaDeviceSynchronize();
  values[0] = 2;
}

}  // namespace

TEMPLATE_TEST_CASE_SIG("Tiles reduce, scan and shuffle among themselves", "", ((int width), width), 1, 2, 4,
                       8, 16, 32) {
  in_every_schedule([] {
    int n = 3 * 96;
    std::vector<int> x(n);
    for (int i = 0; i < n; ++i) x[i] = i * i % 101;
    DeviceArray<int> dx(x), reduced(x), scanned(x), shuffled(x);
    tile_sums<width><<<3, dim3(32, 3)>>>(dx.data, reduced.data, scanned.data, shuffled.data);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    auto r = reduced.host(), s = scanned.host(), t = shuffled.host();
    for (int i = 0; i < n; ++i) {
      auto first = x.begin() + i / width * width;
      REQUIRE(r[i] == std::accumulate(first, first + width, 0));
      REQUIRE(s[i] == std::accumulate(first, x.begin() + i + 1, 0));
      REQUIRE(t[i / width] == r[i]);
    }
  });
}

TEMPLATE_TEST_CASE_SIG("Tiles of several warps do so too, each for itself", "", ((int width), width), 64,
                       128) {
  in_every_schedule([] {
    const int n = 2 * 256;
    std::vector<int> x(n);
    for (int i = 0; i < n; ++i) x[i] = i * i % 101;
    DeviceArray<int> dx(x), reduced(x), neighbour(x), votes(x);
    wide_tiles<width><<<2, dim3(16, 16)>>>(dx.data, reduced.data, neighbour.data, votes.data);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    auto r = reduced.host(), s = neighbour.host(), v = votes.host();
    for (int i = 0; i < n; ++i) {
      const auto first = x.begin() + i / width * width, last = first + width;
      const bool works = i % 256 < 256 - width;
      const int hundred = int(std::count(first, last, 100));
      REQUIRE(r[i] == (works ? std::accumulate(first, last - 1, 0) : x[i]));
      REQUIRE(s[i] == (works ? first[(i + 1) % width] : x[i]));
      REQUIRE(v[i] == (works ? (hundred > 0) + 2 * (hundred == 0) : x[i]));
    }
  });
}

TEST_CASE("Lanes that reach a line together form a group") {
  in_every_schedule([] {
    for (int n : {1, 31, 100, 128}) {
      std::vector<int> x(n);
      for (int i = 0; i < n; ++i) x[i] = i * 7 % 12;
      int even = 0;
      for (int v : x) even += v % 2 == 0;
      DeviceArray<int> dx(x), count(std::vector<int>(1, 0));
      count_even<<<(n + 63) / 64, 64>>>(dx.data, n, count.data);
      REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
      REQUIRE(count.host()[0] == even);
    }
  });
}

TEST_CASE("A cooperative launch has all its blocks at the grid's barrier") {
  int blocks = 20, rounds = 5;
  std::vector<int> expected(blocks, 1);
  for (int r = 0; r < rounds; ++r) {
    int sum = std::accumulate(expected.begin(), expected.end(), 0);
    for (int b = 0; b < blocks; ++b) expected[b] = sum % 1000 + b;
  }
  in_every_schedule([&] {
    DeviceArray<int> values(std::vector<int>(blocks, 1));
    void* arguments[] = {&values.data, &rounds};
    REQUIRE(cudaLaunchCooperativeKernel((void*)grid_rounds, dim3(blocks), dim3(64), arguments, 0, nullptr) ==
            cudaSuccess);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    REQUIRE(values.host() == expected);
  });
  DeviceArray<int> values(std::vector<int>(1, 1));
  void* arguments[] = {&values.data, &rounds};
  REQUIRE(cudaLaunchCooperativeKernel(grid_rounds, dim3(100000), dim3(1024), arguments) ==
          cudaErrorCooperativeLaunchTooLarge);
  REQUIRE(cudaGetLastError() == cudaErrorCooperativeLaunchTooLarge);
}

TEST_CASE("A grid barrier in an ordinary launch is an error") {
  DeviceArray<int> values(std::vector<int>(2, 1));
  grid_rounds<<<2, 32>>>(values.data, 1);
  REQUIRE(cudaDeviceSynchronize() == cudaErrorLaunchFailure);
  REQUIRE(cudaDeviceReset() == cudaSuccess);
}

TEST_CASE("A kernel cannot wait for a kernel that it launched") {
  DeviceArray<int> values(std::vector<int>(2, 1));
  wait_for_child<<<1, 1>>>(values.data, false);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  wait_for_child<<<1, 1>>>(values.data, true);
  REQUIRE(cudaDeviceSynchronize() == cudaErrorNotSupported);
  REQUIRE(cudaDeviceReset() == cudaSuccess);
}
