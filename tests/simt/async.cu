// cp.async, mbarriers and tensor maps: what they copy, and that they do it as late as a program allows.
#include <cuda.h>
#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "simt/control.hpp"
#include "tests/catch.hpp"
#include "tests/simt/device_array.hpp"

namespace {

__device__ unsigned shared_address(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

template <int stages>
__global__ void staged_copy(const float4* in, float4* out, int tiles) {
  __shared__ float4 buffer[stages][32];
  unsigned lane = threadIdx.x;
  auto load = [&](int tile) {
    int bytes = tile < tiles ? 16 : 0;
    asm volatile(
        "cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(&buffer[tile % stages][lane])),
        "l"(in + (tile < tiles ? tile : 0) * 32 + lane), "r"(bytes)
        : "memory");
    asm volatile("cp.async.commit_group;" ::: "memory");
  };
  for (int tile = 0; tile < stages - 1; ++tile) load(tile);
  for (int tile = 0; tile < tiles; ++tile) {
    asm volatile("cp.async.wait_group %0;" ::"n"(stages - 2) : "memory");
    __syncthreads();
    out[tile * 32 + lane] = buffer[tile % stages][31 - lane];
    load(tile + stages - 1);
  }
}

__global__ void read_before_wait(const float* in, float* early, float* late) {
  __shared__ float value[32];
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared_address(&value[threadIdx.x])),
               "l"(in + threadIdx.x)
               : "memory");
  asm volatile("cp.async.commit_group;" ::: "memory");
  early[threadIdx.x] = value[threadIdx.x];
  asm volatile("cp.async.wait_all;" ::: "memory");
  late[threadIdx.x] = value[threadIdx.x];
}

__device__ void wait(std::uint64_t* bar, unsigned parity) {
  asm volatile(
      "{\n"
      ".reg .pred p;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n"
      "@!p bra again;\n"
      "}" ::"r"(shared_address(bar)),
      "r"(parity)
      : "memory");
}

// One block loads box after box of a 2-D tensor and writes each as it lies in shared memory.
template <int rows, int row_bytes>
__global__ void tensor_boxes(const __grid_constant__ CUtensorMap map, const int2* corners, int count,
                             unsigned char* out) {
  extern __shared__ __align__(1024) unsigned char box[];
  __shared__ std::uint64_t bar;
  if (threadIdx.x == 0) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(shared_address(&bar)) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  __syncthreads();
  for (int i = 0; i < count; ++i) {
    if (threadIdx.x == 0) {
      asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(&bar)),
                   "r"(rows * row_bytes)
                   : "memory");
      asm volatile(
          "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, "
          "%4}], [%2];" ::"r"(shared_address(box)),
          "l"(&map), "r"(shared_address(&bar)), "r"(corners[i].x), "r"(corners[i].y)
          : "memory");
    }
    wait(&bar, i & 1);
    for (int b = threadIdx.x; b < rows * row_bytes; b += blockDim.x) out[i * rows * row_bytes + b] = box[b];
    __syncthreads();
  }
}

__global__ void tensor_add_one(const __grid_constant__ CUtensorMap map, int x, int y) {
  __shared__ alignas(128) float box[4][8];
  __shared__ std::uint64_t bar;
  if (threadIdx.x == 0) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(shared_address(&bar)) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(&bar)),
                 "r"(128)
                 : "memory");
    asm volatile(
        "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], "
        "[%2];" ::"r"(shared_address(box)),
        "l"(&map), "r"(shared_address(&bar)), "r"(x), "r"(y)
        : "memory");
  }
  __syncthreads();
  wait(&bar, 0);
  box[threadIdx.x / 8][threadIdx.x % 8] += 1;
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (threadIdx.x == 0) {
    asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%2, %3}], [%1];" ::"l"(&map),
                 "r"(shared_address(box)), "r"(x), "r"(y)
                 : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
    asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory");
  }
}

// A producer warp and a consumer warp hand over two slots through pairs of mbarriers.
__global__ void hand_over(int* out, int rounds) {
  __shared__ int slot[2][32];
  __shared__ std::uint64_t full[2], empty[2];
  if (threadIdx.x == 0)
    for (int i = 0; i < 2; ++i) {
      asm volatile("mbarrier.init.shared.b64 [%0], 32;" ::"r"(shared_address(&full[i])) : "memory");
      asm volatile("mbarrier.init.shared.b64 [%0], 32;" ::"r"(shared_address(&empty[i])) : "memory");
    }
  __syncthreads();
  int lane = threadIdx.x % 32;
  for (int i = 0; i < rounds; ++i) {
    int s = i % 2;
    unsigned parity = i / 2 % 2;
    if (threadIdx.x < 32) {
      if (i >= 2) wait(&empty[s], parity ^ 1);
      slot[s][lane] = i * 32 + lane;
      asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(shared_address(&full[s])) : "memory");
    } else {
      wait(&full[s], parity);
      out[i * 32 + lane] = slot[s][31 - lane];
      asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(shared_address(&empty[s])) : "memory");
    }
  }
}

__global__ void never_complete(int* out) {
  __shared__ std::uint64_t bar;
  if (threadIdx.x == 0)
    asm volatile("mbarrier.init.shared.b64 [%0], 33;" ::"r"(shared_address(&bar)) : "memory");
  __syncthreads();
  asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(shared_address(&bar)) : "memory");
  wait(&bar, 0);
  out[threadIdx.x] = 1;
}

void encode(CUtensorMap& map, void* data, CUtensorMapDataType type, unsigned width, unsigned height,
            unsigned pitch_bytes, unsigned box_width, unsigned box_height, CUtensorMapSwizzle swizzle,
            CUresult expected = CUDA_SUCCESS) {
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found;
  REQUIRE(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &entry, 12000, cudaEnableDefault,
                                           &found) == cudaSuccess);
  REQUIRE(found == cudaDriverEntryPointSuccess);
  cuuint64_t sizes[] = {width, height}, strides[] = {pitch_bytes};
  cuuint32_t box[] = {box_width, box_height}, steps[] = {1, 1};
  auto encode_tiled = reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(entry);
  REQUIRE(encode_tiled(&map, type, 2, data, sizes, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
                       swizzle, CU_TENSOR_MAP_L2_PROMOTION_NONE,
                       CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) == expected);
}

}  // namespace

TEST_CASE("cp.async pipelines copy everything, with zeros beyond the source size") {
  in_every_schedule([] {
    int tiles = 7;
    std::vector<float> host(tiles * 128);
    for (std::size_t i = 0; i < host.size(); ++i) host[i] = float(i);
    DeviceArray<float> in(host), out(std::vector<float>(host.size(), -1));
    staged_copy<3><<<1, 32>>>(reinterpret_cast<float4*>(in.data), reinterpret_cast<float4*>(out.data), tiles);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    auto result = out.host();
    for (int tile = 0; tile < tiles; ++tile)
      for (int lane = 0; lane < 32; ++lane)
        for (int c = 0; c < 4; ++c)
          REQUIRE(result[(tile * 32 + lane) * 4 + c] == host[(tile * 32 + 31 - lane) * 4 + c]);
  });
}

TEST_CASE("What cp.async brings is not there before the wait") {
  in_every_schedule([] {
    DeviceArray<float> in(std::vector<float>(32, 3)), early(std::vector<float>(32, 0)),
        late(std::vector<float>(32, 0));
    read_before_wait<<<1, 32>>>(in.data, early.data, late.data);
    for (float x : early.host()) REQUIRE(std::isnan(x));
    for (float x : late.host()) REQUIRE(x == 3);
  });
}

// The documented pattern: the index of a 16-byte chunk within its swizzle row is xored with the row's number.
// A row of the pattern is 128 bytes of shared memory; 64B and 32B swizzles use fewer bits of it.
TEMPLATE_TEST_CASE_SIG("Tensor copies swizzle as documented, and fill with zeros out of bounds", "",
                       ((int span), span), 0, 32, 64, 128) {
  constexpr int row_bytes = span == 0 ? 48 : span, rows = 16;
  const unsigned width = 50, height = 37, pitch = 64;  // bytes of a row; the tensor is of bytes
  std::vector<unsigned char> host(pitch * height);
  for (std::size_t i = 0; i < host.size(); ++i) host[i] = static_cast<unsigned char>(i * 7 + i / 64 * 31 + 1);
  std::vector<int2> corners = {{0, 0}, {16, 5}, {-16, -3}, {32, 30}, {100, 100}};
  in_every_schedule([&] {
    DeviceArray<unsigned char> in(host),
        out(std::vector<unsigned char>(corners.size() * rows * row_bytes, 0xEE));
    DeviceArray<int2> at(corners);
    constexpr CUtensorMapSwizzle swizzle = span == 0    ? CU_TENSOR_MAP_SWIZZLE_NONE
                                           : span == 32 ? CU_TENSOR_MAP_SWIZZLE_32B
                                           : span == 64 ? CU_TENSOR_MAP_SWIZZLE_64B
                                                        : CU_TENSOR_MAP_SWIZZLE_128B;
    CUtensorMap map;
    encode(map, in.data, CU_TENSOR_MAP_DATA_TYPE_UINT8, width, height, pitch, row_bytes, rows, swizzle);
    tensor_boxes<rows, row_bytes><<<1, 64, rows * row_bytes>>>(map, at.data, int(corners.size()), out.data);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    auto result = out.host();
    for (std::size_t i = 0; i < corners.size(); ++i)
      for (int r = 0; r < rows; ++r)
        for (int b = 0; b < row_bytes; ++b) {
          int x = corners[i].x + b, y = corners[i].y + r;
          bool inside = x >= 0 && x < int(width) && y >= 0 && y < int(height);
          int linear = r * row_bytes + b, place = linear;
          if (span) {
            int chunks = span / 16, chunk = linear / 16 % chunks, line = linear / 128;
            place = linear / span * span + (chunk ^ line % chunks) * 16 + linear % 16;
          }
          REQUIRE(int(result[i * rows * row_bytes + place]) == (inside ? host[y * pitch + x] : 0));
        }
  });
}

TEST_CASE("Tensor stores write what is inside the tensor and nothing else") {
  in_every_schedule([] {
    const unsigned width = 12, height = 6, pitch = 16;
    std::vector<float> host(pitch * height);
    for (std::size_t i = 0; i < host.size(); ++i) host[i] = float(i);
    DeviceArray<float> data(host);
    CUtensorMap map;
    encode(map, data.data, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, width, height, pitch * 4, 8, 4,
           CU_TENSOR_MAP_SWIZZLE_NONE);
    tensor_add_one<<<1, 32>>>(map, 8, 4);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    auto result = data.host();
    for (unsigned y = 0; y < height; ++y)
      for (unsigned x = 0; x < pitch; ++x)
        REQUIRE(result[y * pitch + x] == host[y * pitch + x] + (x >= 8 && x < width && y >= 4 ? 1 : 0));
  });
}

TEST_CASE("A tensor map that the hardware could not use is refused") {
  DeviceArray<float> data(std::vector<float>(1024));
  CUtensorMap map;
  auto f32 = CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
  auto none = CU_TENSOR_MAP_SWIZZLE_NONE, wide = CU_TENSOR_MAP_SWIZZLE_128B;
  encode(map, data.data, f32, 32, 32, 128, 32, 32, wide);
  encode(map, data.data + 1, f32, 16, 16, 128, 8, 8, none,
         CUDA_ERROR_INVALID_VALUE);  // address not aligned to 16
  encode(map, data.data, f32, 16, 16, 100, 8, 8, none, CUDA_ERROR_INVALID_VALUE);  // pitch no multiple of 16
  encode(map, data.data, f32, 16, 16, 128, 257, 8, none, CUDA_ERROR_INVALID_VALUE);  // box over 256
  encode(map, data.data, f32, 16, 16, 128, 3, 8, none,
         CUDA_ERROR_INVALID_VALUE);  // row no multiple of 16 bytes
  encode(map, data.data, f32, 64, 16, 256, 64, 8, wide,
         CUDA_ERROR_INVALID_VALUE);  // row wider than the swizzle
}

TEST_CASE("Warps hand over slots through mbarriers") {
  in_every_schedule([] {
    int rounds = 9;
    DeviceArray<int> out(std::vector<int>(rounds * 32, -1));
    hand_over<<<1, 64>>>(out.data, rounds);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    auto result = out.host();
    for (int i = 0; i < rounds; ++i)
      for (int lane = 0; lane < 32; ++lane) REQUIRE(result[i * 32 + lane] == i * 32 + 31 - lane);
  });
}

TEST_CASE("An mbarrier that misses an arrival is a reported hang") {
  DeviceArray<int> out(std::vector<int>(32, 0));
  never_complete<<<1, 32>>>(out.data);
  REQUIRE(cudaDeviceSynchronize() == cudaErrorLaunchTimeout);
  REQUIRE(cudaDeviceReset() == cudaSuccess);
}
