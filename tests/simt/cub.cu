// CUB's block and warp primitives, with NVIDIA's own headers.
#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/warp/warp_reduce.cuh>
#include <numeric>
#include <vector>

#include "tests/catch.hpp"
#include "tests/simt/device_array.hpp"

namespace {

__global__ void reduce_and_scan(const int* x, int* sum, int* exclusive, int* warp_max) {
  using Reduce = cub::BlockReduce<int, 128>;
  using Scan = cub::BlockScan<int, 128>;
  using WarpReduce = cub::WarpReduce<int>;
  __shared__ typename Reduce::TempStorage reduce;
  __shared__ typename Scan::TempStorage scan;
  __shared__ typename WarpReduce::TempStorage warps[4];
  int v = x[threadIdx.x];
  int total = Reduce(reduce).Sum(v);
  if (threadIdx.x == 0) *sum = total;
  int before;
  Scan(scan).ExclusiveSum(v, before);
  exclusive[threadIdx.x] = before;
  int largest = WarpReduce(warps[threadIdx.x / 32]).Reduce(v, [](int a, int b) { return a > b ? a : b; });
  if (threadIdx.x % 32 == 0) warp_max[threadIdx.x / 32] = largest;
}

}  // namespace

TEST_CASE("CUB reduces and scans") {
  std::vector<int> x(128);
  for (int i = 0; i < 128; ++i) x[i] = i * 37 % 101;
  in_every_schedule([&] {
    DeviceArray<int> dx(x), sum(std::vector<int>(1)), exclusive(x), warp_max(std::vector<int>(4));
    reduce_and_scan<<<1, 128>>>(dx.data, sum.data, exclusive.data, warp_max.data);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    REQUIRE(sum.host()[0] == std::accumulate(x.begin(), x.end(), 0));
    auto scanned = exclusive.host(), largest = warp_max.host();
    for (int i = 0; i < 128; ++i) REQUIRE(scanned[i] == std::accumulate(x.begin(), x.begin() + i, 0));
    for (int w = 0; w < 4; ++w)
      REQUIRE(largest[w] == *std::max_element(x.begin() + w * 32, x.begin() + w * 32 + 32));
  });
}
