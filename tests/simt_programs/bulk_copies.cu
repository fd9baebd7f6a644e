// Bulk copies by libcu++'s names: cuda::ptx, and cuda::device::experimental with a tensor map from the
// driver's entry point.
#include <cuda.h>
#include <cudaTypedefs.h>

#include <cstdint>
#include <cstdio>
#include <cuda/barrier>
#include <cuda/ptx>
#include <utility>

namespace cde = cuda::device::experimental;
namespace ptx = cuda::ptx;
using barrier = cuda::barrier<cuda::thread_scope_block>;

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

constexpr int rows = 70, columns = 96, tile_rows = 16, tile_columns = 32;

// Adds each element's place in the tile that begins at (x, y); what lies outside the tensor stays outside.
__global__ void add_place(const __grid_constant__ CUtensorMap map, int x, int y) {
  __shared__ alignas(128) int tile[tile_rows][tile_columns];
  __shared__ barrier full;
  if (threadIdx.x == 0) {
    init(&full, blockDim.x);
    cde::fence_proxy_async_shared_cta();
  }
  __syncthreads();
  barrier::arrival_token token;
  if (threadIdx.x == 0) {
    cde::cp_async_bulk_tensor_2d_global_to_shared(&tile, &map, x, y, full);
    token = cuda::device::barrier_arrive_tx(full, 1, sizeof tile);
  } else {
    token = full.arrive();
  }
  full.wait(std::move(token));
  tile[threadIdx.x / tile_columns][threadIdx.x % tile_columns] += threadIdx.x;
  cde::fence_proxy_async_shared_cta();
  __syncthreads();
  if (threadIdx.x == 0) {
    cde::cp_async_bulk_tensor_2d_shared_to_global(&map, x, y, &tile);
    cde::cp_async_bulk_commit_group();
    cde::cp_async_bulk_wait_group_read<0>();
  }
}

// One producer thread, two stages whose barriers change their phase each time round.
__global__ void doubled(int* data, int tiles) {
  constexpr int size = 64, stages = 2;
  __shared__ alignas(16) int stage[stages][size];
  __shared__ std::uint64_t full[stages], empty[stages];
  if (threadIdx.x == 0) {
    for (int s = 0; s < stages; ++s) ptx::mbarrier_init(&full[s], 1), ptx::mbarrier_init(&empty[s], size);
    ptx::fence_mbarrier_init(ptx::sem_release, ptx::scope_cluster);
  }
  __syncthreads();
  if (threadIdx.x == size) {
    for (int t = 0; t < tiles; ++t) {
      const int s = t % stages;
      while (!ptx::mbarrier_try_wait_parity(&empty[s], (t / stages + 1) % 2)) {
      }
      ptx::mbarrier_arrive_expect_tx(ptx::sem_release, ptx::scope_cta, ptx::space_shared, &full[s],
                                     sizeof stage[s]);
      ptx::cp_async_bulk(ptx::space_cluster, ptx::space_global, stage[s], data + t * size, sizeof stage[s],
                         &full[s]);
    }
  } else if (threadIdx.x < size) {
    for (int t = 0; t < tiles; ++t) {
      const int s = t % stages;
      while (!ptx::mbarrier_try_wait_parity(ptx::sem_acquire, ptx::scope_cta, &full[s], t / stages % 2)) {
      }
      data[t * size + threadIdx.x] = 2 * stage[s][size - 1 - threadIdx.x];
      ptx::mbarrier_arrive(&empty[s]);
    }
  }
}

__global__ void stored(int* to, const int* from) {
  __shared__ alignas(16) int tile[128];
  tile[threadIdx.x] = from[threadIdx.x] + 1;
  ptx::fence_proxy_async(ptx::space_shared);
  __syncthreads();
  if (threadIdx.x == 0) {
    ptx::cp_async_bulk(ptx::space_global, ptx::space_shared, to, tile, sizeof tile);
    ptx::cp_async_bulk_commit_group();
    ptx::cp_async_bulk_wait_group(ptx::n32_t<0>{});
  }
}

// Each block adds its tile to the same elements; the largest block's number stays.
__global__ void reduced(float* sums, int* largest) {
  __shared__ alignas(16) float tile[64];
  __shared__ alignas(16) int number[64];
  tile[threadIdx.x] = threadIdx.x;
  number[threadIdx.x] = blockIdx.x;
  ptx::fence_proxy_async(ptx::space_shared);
  __syncthreads();
  if (threadIdx.x == 0) {
    ptx::cp_reduce_async_bulk(ptx::space_global, ptx::space_shared, ptx::op_add, sums, tile, sizeof tile);
    asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.max.s32 [%0], [%1], %2;" ::"l"(largest),
                 "r"(static_cast<unsigned>(__cvta_generic_to_shared(number))),
                 "r"(static_cast<unsigned>(sizeof number)));
    ptx::cp_async_bulk_commit_group();
    ptx::cp_async_bulk_wait_group(ptx::n32_t<0>{});
  }
}

int main() {
  static int values[rows * columns], got[rows * columns];
  for (int i = 0; i < rows * columns; ++i) values[i] = 7 * i;
  int* data;
  REQUIRE(cudaMalloc(&data, sizeof values) == cudaSuccess);
  REQUIRE(cudaMemcpy(data, values, sizeof values, cudaMemcpyHostToDevice) == cudaSuccess);

  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found;
  REQUIRE(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &entry, 12000, cudaEnableDefault,
                                           &found) == cudaSuccess);
  REQUIRE(found == cudaDriverEntryPointSuccess);
  const auto encode = reinterpret_cast<PFN_cuTensorMapEncodeTiled_v12000>(entry);
  CUtensorMap map{};
  const std::uint64_t size[] = {columns, rows}, stride[] = {columns * sizeof(int)};
  const std::uint32_t box[] = {tile_columns, tile_rows}, step[] = {1, 1};
  REQUIRE(encode(&map, CU_TENSOR_MAP_DATA_TYPE_INT32, 2, data, size, stride, box, step,
                 CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_NONE, CU_TENSOR_MAP_L2_PROMOTION_NONE,
                 CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) == CUDA_SUCCESS);
  const int x = 64, y = 60;
  add_place<<<1, tile_rows * tile_columns>>>(map, x, y);
  REQUIRE(cudaMemcpy(got, data, sizeof got, cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      const bool inside = r >= y && r < y + tile_rows && c >= x && c < x + tile_columns;
      REQUIRE(got[r * columns + c] == 7 * (r * columns + c) + (inside ? (r - y) * tile_columns + c - x : 0));
    }

  REQUIRE(cudaMemcpy(data, values, sizeof values, cudaMemcpyHostToDevice) == cudaSuccess);
  doubled<<<1, 96>>>(data, 9);
  stored<<<1, 128>>>(data + 1024, data + 2048);
  REQUIRE(cudaMemcpy(got, data, sizeof got, cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int i = 0; i < 9 * 64; ++i) REQUIRE(got[i] == 14 * (i / 64 * 64 + 63 - i % 64));
  for (int i = 0; i < 128; ++i) REQUIRE(got[1024 + i] == 7 * (2048 + i) + 1);

  float* sums = reinterpret_cast<float*>(data);
  int* largest = data + 64;
  REQUIRE(cudaMemset(data, 0, 128 * sizeof(int)) == cudaSuccess);
  reduced<<<8, 64>>>(sums, largest);
  float total[64];
  REQUIRE(cudaMemcpy(total, sums, sizeof total, cudaMemcpyDeviceToHost) == cudaSuccess);
  REQUIRE(cudaMemcpy(got, largest, 64 * sizeof(int), cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int i = 0; i < 64; ++i) REQUIRE(total[i] == 8 * i && got[i] == 7);
  REQUIRE(cudaFree(data) == cudaSuccess);
  return 0;
}
