// Bulk copies that combine with what is there, of plain memory and of tensors, with a cache policy; and what
// a block may do once their source is read.
#include <cuda.h>
#include <cudaTypedefs.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <cstdio>
#include <cuda/ptx>

namespace ptx = cuda::ptx;

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

constexpr int rows = 12, columns = 40, tile_rows = 8, tile_columns = 32, tile_size = tile_rows * tile_columns;

__device__ unsigned shared_address(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

// Each block adds its tile at (x, y), and takes the smaller of two tiles at (0, 0).
__global__ void accumulate(const __grid_constant__ CUtensorMap sums,
                           const __grid_constant__ CUtensorMap least, int x, int y) {
  __shared__ alignas(128) float tile[tile_size];
  __shared__ alignas(128) int other[tile_size];
  for (int i = threadIdx.x; i < tile_size; i += blockDim.x) tile[i] = i, other[i] = 100 * blockIdx.x - i;
  ptx::fence_proxy_async(ptx::space_shared);
  __syncthreads();
  if (threadIdx.x > 0) return;
  asm volatile(
      "{ .reg .b64 policy; createpolicy.fractional.L2::evict_first.b64 policy, 1.0;\n"
      "cp.reduce.async.bulk.tensor.2d.global.shared::cta.add.tile.bulk_group.L2::cache_hint [%0, {%2, %3}], "
      "[%1], policy; }" ::"l"(&sums),
      "r"(shared_address(tile)), "r"(x), "r"(y)
      : "memory");
  const std::int32_t origin[] = {0, 0};
  ptx::cp_reduce_async_bulk_tensor(ptx::space_global, ptx::space_shared, ptx::op_min, &least, origin, other);
  ptx::cp_async_bulk_commit_group();
  ptx::cp_async_bulk_wait_group(ptx::n32_t<0>{});
}

// A tile is filled again as soon as it is read, while what it held is still on its way.
__global__ void in_rounds(__half* halves, unsigned* bits, int rounds) {
  __shared__ alignas(16) __half half_tile[64];
  __shared__ alignas(16) unsigned bit_tile[64];
  for (int round = 0; round < rounds; ++round) {
    half_tile[threadIdx.x] = __float2half(0.5f * round);
    bit_tile[threadIdx.x] = 1u << round;
    ptx::fence_proxy_async(ptx::space_shared);
    __syncthreads();
    if (threadIdx.x == 0) {
      asm volatile(
          "cp.reduce.async.bulk.global.shared::cta.bulk_group.add.noftz.f16 [%0], [%1], %2;" ::"l"(halves),
          "r"(shared_address(half_tile)), "r"(unsigned(sizeof half_tile))
          : "memory");
      ptx::cp_reduce_async_bulk(ptx::space_global, ptx::space_shared, ptx::op_xor_op, bits, bit_tile,
                                sizeof bit_tile);
      ptx::cp_async_bulk_commit_group();
      ptx::cp_async_bulk_wait_group_read(ptx::n32_t<0>{});
    }
    __syncthreads();
  }
}

int main() {
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found;
  REQUIRE(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &entry, 12000, cudaEnableDefault,
                                           &found) == cudaSuccess);
  const auto encode = reinterpret_cast<PFN_cuTensorMapEncodeTiled_v12000>(entry);
  float* sums;
  int* least;
  REQUIRE(cudaMallocManaged(&sums, rows * columns * sizeof *sums) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&least, rows * columns * sizeof *least) == cudaSuccess);
  CUtensorMap sums_map{}, least_map{};
  const std::uint64_t size[] = {columns, rows}, stride[] = {columns * sizeof(float)};
  const std::uint32_t box[] = {tile_columns, tile_rows}, step[] = {1, 1};
  const auto encoded = [&](CUtensorMap& map, CUtensorMapDataType type, void* data,
                           CUtensorMapSwizzle swizzle) {
    return encode(&map, type, 2, data, size, stride, box, step, CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle,
                  CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) == CUDA_SUCCESS;
  };
  REQUIRE(encoded(sums_map, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, sums, CU_TENSOR_MAP_SWIZZLE_128B));
  REQUIRE(encoded(least_map, CU_TENSOR_MAP_DATA_TYPE_INT32, least, CU_TENSOR_MAP_SWIZZLE_NONE));
  for (int i = 0; i < rows * columns; ++i) sums[i] = 1000, least[i] = -50;
  const int x = 16, y = 6, blocks = 3;
  accumulate<<<blocks, 64>>>(sums_map, least_map, x, y);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      float sum = 1000;
      const int i = r - y, j = c - x;
      if (i >= 0 && i < tile_rows && j >= 0 && j < tile_columns)
        sum += blocks * (i * tile_columns + (((j / 4) ^ i) * 4 + j % 4));  // 16-byte chunks by their row
      REQUIRE(sums[r * columns + c] == sum);
      const int place = r < tile_rows && c < tile_columns ? r * tile_columns + c : 0;
      REQUIRE(least[r * columns + c] == (place > 50 ? -place : -50));
    }

  __half* halves = reinterpret_cast<__half*>(sums);
  unsigned* bits = reinterpret_cast<unsigned*>(least);
  REQUIRE(cudaMemset(halves, 0, 64 * sizeof *halves) == cudaSuccess);
  REQUIRE(cudaMemset(bits, 0, 64 * sizeof *bits) == cudaSuccess);
  in_rounds<<<3, 64>>>(halves, bits, 4);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 64; ++i) REQUIRE(__half2float(halves[i]) == 9 && bits[i] == 15);
  REQUIRE(cudaFree(sums) == cudaSuccess && cudaFree(least) == cudaSuccess);
  return 0;
}
