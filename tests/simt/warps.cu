// Shuffles, votes, matches and reductions against a model of a warp, under every class of mask.
#include <cuda_runtime.h>

#include <algorithm>
#include <bit>
#include <random>

#include "tests/catch.hpp"
#include "tests/simt/device_array.hpp"

namespace {

constexpr int answers = 16;

// Lanes outside `mask` leave at once (`exit`), or skip the operations. Lane by lane, the answers of
// everything.
__global__ void every_operation(unsigned mask, bool exit, const int* values, int* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x % 32;
  const bool in = mask >> lane & 1;
  if (exit && !in) return;
  if (in) {
    const int v = values[i];
    int* o = out + i * answers;
    int same = 0;
    o[0] = __shfl_sync(mask, v, v);
    o[1] = __shfl_sync(mask, v, v, 8);
    o[2] = __shfl_up_sync(mask, v, 3);
    o[3] = __shfl_up_sync(mask, v, 3, 8);
    o[4] = __shfl_down_sync(mask, v, 5);
    o[5] = __shfl_down_sync(mask, v, 5, 16);
    o[6] = __shfl_xor_sync(mask, v, 9);
    o[7] = __shfl_xor_sync(mask, v, 9, 4);
    o[8] = int(__ballot_sync(mask, v & 1));
    o[9] = __any_sync(mask, v > 90) + 2 * __all_sync(mask, v >= 0) + 4 * __uni_sync(mask, v > 90);
    o[10] = int(__match_any_sync(mask, v % 3));
    o[11] = int(__match_all_sync(mask, v >= 0, &same)) + same;
    o[12] = __reduce_add_sync(mask, v);
    o[13] = __reduce_min_sync(mask, v) * 1000 + __reduce_max_sync(mask, v);
    o[14] = int(__reduce_xor_sync(mask, unsigned(v)));
    o[15] = int(__activemask());
  }
}

// What lane `lane` is answered. `present`: the lanes of the mask that exist. Reading a lane that takes no
// part is undefined: `defined` is then false.
int model(int operation, const int* v, unsigned present, int lane, bool& defined) {
  auto from = [&](int source) {
    defined = present >> source & 1;
    return defined ? v[source] : 0;
  };
  auto segment = [&](int width) { return lane / width * width; };
  auto fold = [&](auto f) {
    int total = v[std::countr_zero(present)];
    for (int l = std::countr_zero(present) + 1; l < 32; ++l)
      if (present >> l & 1) total = f(total, v[l]);
    return total;
  };
  auto lanes_where = [&](auto f) {
    unsigned lanes = 0;
    for (int l = 0; l < 32; ++l)
      if ((present >> l & 1) && f(v[l])) lanes |= 1u << l;
    return lanes;
  };
  switch (operation) {
    case 0: return from(v[lane] % 32);
    case 1: return from(segment(8) + v[lane] % 8);
    case 2: return from(lane < 3 ? lane : lane - 3);
    case 3: return from(lane % 8 < 3 ? lane : lane - 3);
    case 4: return from(lane + 5 > 31 ? lane : lane + 5);
    case 5: return from(lane % 16 + 5 > 15 ? lane : lane + 5);
    case 6: return from(lane ^ 9);
    case 7: return from((lane ^ 9) >= segment(4) + 4 ? lane : lane ^ 9);
    case 8: return int(lanes_where([](int x) { return x & 1; }));
    case 9: {
      const unsigned large = lanes_where([](int x) { return x > 90; });
      return (large != 0) + 2 + 4 * (large == 0 || large == present);
    }
    case 10: return int(lanes_where([&](int x) { return x % 3 == v[lane] % 3; }));
    case 11: return int(present) + 1;
    case 12: return fold([](int a, int b) { return a + b; });
    case 13:
      return fold([](int a, int b) { return a < b ? a : b; }) * 1000 +
             fold([](int a, int b) { return a > b ? a : b; });
    case 14: return fold([](int a, int b) { return a ^ b; });
    default: return int(present);
  }
}

}  // namespace

TEST_CASE("Warp-wide operations answer as the model does, under every class of mask") {
  std::mt19937 random(7);
  std::vector<unsigned> masks = {0xffffffffu, 0x0000ffffu, 0xffff0000u,
                                 0x55555555u, 0x80000001u, 0x00ff00f0u};
  for (int lane : {0, 13, 31}) masks.push_back(1u << lane);
  for (int i = 0; i < 4; ++i) masks.push_back(unsigned(random()) | 1u << (random() % 32));
  for (unsigned threads : {32u, 96u, 45u, 7u})  // whole warps, and blocks whose last warp is part of one
    for (unsigned mask : masks)
      for (bool exit : {true, false}) {
        CAPTURE(threads, mask, exit);
        std::vector<int> values(2 * threads);
        for (int& v : values) v = int(random() % 100);
        DeviceArray<int> in(values), out(std::vector<int>(values.size() * answers, -1));
        std::vector<int> first;
        for (const char* schedule : {"forward", "reverse", "random:5"}) {
          simt::set_schedule(schedule);
          every_operation<<<2, threads>>>(mask, exit, in.data, out.data);
          REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
          const std::vector<int> got = out.host();
          int wrong = 0;
          for (unsigned i = 0; i < values.size(); ++i) {
            const unsigned t = i % threads, lane = t % 32, alive = std::min(32u, threads - (t - lane));
            const unsigned present = mask & (alive == 32 ? ~0u : (1u << alive) - 1);
            for (int operation = 0; operation < answers; ++operation) {
              const int answer = got[i * answers + unsigned(operation)];
              bool defined = true;
              int want = -1;
              if (present >> lane & 1) {
                std::vector<int> warp(values.begin() + (i - lane), values.begin() + (i - lane + alive));
                warp.resize(32);
                want = model(operation, warp.data(), present, int(lane), defined);
              }
              wrong += defined && answer != want;
            }
          }
          CHECK(wrong == 0);
        }
      }
  simt::set_schedule("forward");
}
