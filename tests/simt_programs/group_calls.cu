// Cooperative groups' calls, each against what it is to give: partitions and their numbers, reductions and
// scans with every operator on tiles, coalesced groups and tiles of several warps, one thread's call for all,
// barriers in two steps, copies by a group.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>

#include <cstdio>
#include <cuda/atomic>
#include <cuda/barrier>

namespace cg = cooperative_groups;

#define MUST(call)                                                                          \
  if (cudaError_t status_ = (call); status_ != cudaSuccess) {                               \
    std::fprintf(stderr, "%s: %s (line %d)\n", #call, cudaGetErrorName(status_), __LINE__); \
    return 1;                                                                               \
  }
#define EXPECT(condition)                                                                        \
  if (!(condition)) {                                                                            \
    printf("line %d, block %u, thread %u: %s\n", __LINE__, blockIdx.x, threadIdx.x, #condition); \
    atomicAdd(wrong, 1);                                                                         \
  }

__global__ void partitions(int* wrong) {
  const cg::thread_block block = cg::this_thread_block();
  const unsigned t = block.thread_rank();
  const auto warp = cg::tiled_partition<32>(block);
  const auto eight = cg::tiled_partition<8>(warp);
  EXPECT(eight.meta_group_size() == 4 && eight.meta_group_rank() == t % 32 / 8);

  const cg::coalesced_group odd = cg::binary_partition(warp, t % 2 == 1);
  EXPECT(odd.size() == 16 && odd.thread_rank() == t % 32 / 2);
  EXPECT(odd.meta_group_size() == 2 && odd.meta_group_rank() == t % 2);
  const cg::coalesced_group all = cg::binary_partition(warp, true);
  EXPECT(all.size() == 32 && all.meta_group_size() == 1 && all.meta_group_rank() == 0);
  const cg::coalesced_group third = cg::labeled_partition(warp, t % 32 % 3);
  EXPECT(third.meta_group_size() == 3 && third.meta_group_rank() == t % 32 % 3);
  EXPECT(third.thread_rank() == t % 32 / 3);
  const cg::coalesced_group wide = cg::labeled_partition(warp, (unsigned long long)(t % 2) << 40);
  EXPECT(wide.size() == 16);

  const cg::coalesced_group four = cg::tiled_partition(odd, 4);
  EXPECT(four.size() == 4 && four.thread_rank() == odd.thread_rank() % 4);
  EXPECT(four.meta_group_rank() == odd.thread_rank() / 4 && four.meta_group_size() == 4);
  four.sync();
  EXPECT(four.shfl(t, 0) == t / 32 * 32 + t % 2 + odd.thread_rank() / 4 * 8);
  const cg::thread_group two = cg::tiled_partition(block, 2);
  EXPECT(two.size() == 2 && two.thread_rank() == t % 2);
  if (t % 32 < 20) {
    const cg::coalesced_group some = cg::coalesced_threads();
    EXPECT(some.size() == 20);
    const cg::coalesced_group part = cg::tiled_partition(some, 8);
    EXPECT(part.size() == (t % 32 < 16 ? 8 : 4) && part.meta_group_size() == 3);
  }
}

struct Longest {
  int length, where;
};
__device__ Longest longer(Longest a, Longest b) { return b.length > a.length ? b : a; }

template <class Group>
__device__ void folds(const Group& group, int* wrong) {
  const int rank = group.thread_rank(), size = group.size();
  EXPECT(cg::reduce(group, rank, cg::plus<int>()) == size * (size - 1) / 2);
  EXPECT(cg::reduce(group, rank, cg::less<int>()) == 0);
  EXPECT(cg::reduce(group, rank + 1, cg::greater<int>()) == size);
  EXPECT(cg::reduce(group, 1u << rank % 32, cg::bit_or<unsigned>()) == (size >= 32 ? ~0u : (1u << size) - 1));
  EXPECT(cg::reduce(group, ~(1u << rank % 32), cg::bit_and<unsigned>()) ==
         (size >= 32 ? 0u : ~((1u << size) - 1)));
  EXPECT(cg::reduce(group, rank == 0 ? 5u : 0u, cg::bit_xor<unsigned>()) == 5u);
  EXPECT(cg::reduce(group, 0.5, cg::plus<double>()) == 0.5 * size);
  EXPECT(cg::reduce(group, 2LL, [](long long a, long long b) { return a + b; }) == 2LL * size);
  const Longest best =
      cg::reduce(group, Longest{rank % 3, rank}, [](Longest a, Longest b) { return longer(a, b); });
  EXPECT(best.length == 2 && best.where == 2);

  EXPECT(cg::inclusive_scan(group, 1) == rank + 1);
  EXPECT(cg::exclusive_scan(group, 1) == rank);
  EXPECT(cg::inclusive_scan(group, rank, cg::plus<int>()) == rank * (rank + 1) / 2);
  EXPECT(cg::inclusive_scan(group, -rank, cg::less<int>()) == -rank);
  EXPECT(cg::inclusive_scan(group, size - rank, cg::greater<int>()) == size);
  const int before = cg::exclusive_scan(group, size - rank, cg::greater<int>());
  EXPECT(rank == 0 || before == size);
  EXPECT(cg::inclusive_scan(group, 1u << rank % 8, cg::bit_or<unsigned>()) ==
         (rank >= 7 ? 255u : (2u << rank) - 1));
  EXPECT(cg::inclusive_scan(group, rank == 0 ? 6u : 7u, cg::bit_and<unsigned>()) == 6u);
  EXPECT(cg::exclusive_scan(group, 1u, cg::bit_xor<unsigned>()) == unsigned(rank) % 2);
  EXPECT(cg::exclusive_scan(group, 3.0f) == 3.0f * rank);
}

__device__ cuda::atomic<int, cuda::thread_scope_device> sum;
__device__ int plain;
__global__ void on_groups(int* wrong) {
  const cg::thread_block block = cg::this_thread_block();
  const auto warp = cg::tiled_partition<32>(block);
  folds(warp, wrong);
  folds(cg::tiled_partition<16>(block), wrong);
  folds(cg::tiled_partition<4>(warp), wrong);
  const cg::thread_block_tile<64> pair = cg::tiled_partition<64>(block);
  folds(pair, wrong);
  if (threadIdx.x % 32 % 3 != 1) folds(cg::coalesced_threads(), wrong);

  const unsigned leader = cg::invoke_one_broadcast(
      warp, [](unsigned add) { return threadIdx.x + add; }, 1000u);
  EXPECT(leader >= 1000 && (leader - 1000) / 32 == threadIdx.x / 32);
  EXPECT(cg::invoke_one_broadcast(pair, [] { return threadIdx.x / 64; }) == threadIdx.x / 64);
  cg::invoke_one(
      warp, [&](int n) { sum.fetch_add(n); }, 2);
  block.sync();
  const int warps = blockDim.x / 32;
  if (threadIdx.x < 32) {
    EXPECT(sum.load() == 2 * warps);
    cg::reduce_update_async(warp, sum, 1, cg::plus<int>());
    cg::reduce_store_async(warp, &plain, 3, cg::plus<int>());
    warp.sync();
    EXPECT(sum.load() == 2 * warps + 32);
    EXPECT(plain == 96);
    EXPECT(cg::exclusive_scan_update(warp, sum, 1) == 2 * warps + 32 + int(warp.thread_rank()));
    EXPECT(cg::inclusive_scan_update(warp, sum, 1, cg::plus<int>()) ==
           2 * warps + 65 + int(warp.thread_rank()));
  }
}

__global__ void two_steps(int* data, int* wrong) {
  const cg::grid_group grid = cg::this_grid();
  const cg::thread_block block = cg::this_thread_block();
  data[grid.thread_rank()] = int(grid.thread_rank());
  auto token = grid.barrier_arrive();
  const int independent = int(block.thread_rank());
  grid.barrier_wait(std::move(token));
  const unsigned long long other = grid.size() - 1 - grid.thread_rank();
  EXPECT(data[other] == int(other));
  __shared__ int mine[128];
  mine[block.thread_rank()] = independent;
  auto arrival = block.barrier_arrive();
  block.barrier_wait(std::move(arrival));
  EXPECT(mine[blockDim.x - 1 - threadIdx.x] == int(blockDim.x - 1 - threadIdx.x));
}

__global__ void copies(const int* from, int* wrong) {
  __shared__ alignas(16) int all[256];
  __shared__ alignas(16) int tiles[4][32];
  const cg::thread_block block = cg::this_thread_block();
  const auto warp = cg::tiled_partition<32>(block);
  cg::memcpy_async(block, all, from, cuda::aligned_size_t<16>(sizeof all));
  cg::wait(block);
  EXPECT(all[255 - threadIdx.x] == 255 - int(threadIdx.x));
  const unsigned w = warp.meta_group_rank();
  cg::memcpy_async(warp, tiles[w], from + 32 * w, 16 * sizeof(int));
  cg::memcpy_async(warp, tiles[w] + 16, 16, from + 32 * w + 16, 99);
  cg::wait_prior<1>(warp);
  EXPECT(tiles[w][warp.thread_rank() / 2] == int(32 * w + warp.thread_rank() / 2));
  cg::wait(warp);
  EXPECT(tiles[w][31 - warp.thread_rank()] == int(32 * w + 31 - warp.thread_rank()));
}

int main() {
  int *wrong, *data, host[512], result;
  MUST(cudaMalloc(&wrong, sizeof(int)));
  MUST(cudaMalloc(&data, sizeof host));
  MUST(cudaMemset(wrong, 0, sizeof(int)));
  for (int i = 0; i < 512; ++i) host[i] = i;
  partitions<<<1, 64>>>(wrong);
  on_groups<<<1, 128>>>(wrong);
  void* arguments[] = {&data, &wrong};
  MUST(cudaLaunchCooperativeKernel((void*)two_steps, dim3(4), dim3(128), arguments));
  MUST(cudaMemcpy(data, host, sizeof host, cudaMemcpyHostToDevice));
  copies<<<1, 128>>>(data, wrong);
  MUST(cudaMemcpy(&result, wrong, sizeof result, cudaMemcpyDeviceToHost));
  MUST(cudaFree(wrong));
  MUST(cudaFree(data));
  return result != 0;
}
