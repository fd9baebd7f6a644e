// PTX on vectors in registers and in memory: video instructions, dot products of mixed signs, vector atomics;
// and predicates that logic leaves behind.
#include <cstdint>
#include <cstdio>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

__global__ void registers(unsigned* u, unsigned a, unsigned b) {
  asm("vadd4.s32.u32.s32.sat %0, %1, %2, %3;" : "=r"(u[0]) : "r"(a), "r"(b), "r"(0));
  asm("vavrg4.u32.u32.u32.add %0, %1, %2, %3;" : "=r"(u[1]) : "r"(a), "r"(b), "r"(5));
  asm("vset4.u32.s32.lt %0, %1, %2, %3;" : "=r"(u[2]) : "r"(a), "r"(b), "r"(5));
  asm("vset4.u32.u32.ge.add %0, %1, %2, %3;" : "=r"(u[3]) : "r"(a), "r"(b), "r"(5));
  asm("vsub2.s32.s32.s32 %0, %1, %2, %3;" : "=r"(u[4]) : "r"(a), "r"(b), "r"(5));
  asm("vmin2.u32.u32.u32 %0, %1, %2, %3;" : "=r"(u[5]) : "r"(a), "r"(b), "r"(5));
  asm("vabsdiff4.u32.u32.u32 %0, %1, %2, %3;" : "=r"(u[6]) : "r"(a), "r"(b), "r"(5));
  asm("dp4a.s32.u32 %0, %1, %2, %3;" : "=r"(u[7]) : "r"(a), "r"(b), "r"(5));
  asm("dp4a.u32.s32 %0, %1, %2, %3;" : "=r"(u[8]) : "r"(a), "r"(b), "r"(5));
  asm("dp2a.hi.s32.u32 %0, %1, %2, %3;" : "=r"(u[9]) : "r"(a), "r"(b), "r"(5));
  asm("dp2a.lo.u32.u32 %0, %1, %2, %3;" : "=r"(u[10]) : "r"(a), "r"(b), "r"(5));
  asm("max.relu.s32 %0, %1, %2;" : "=r"(u[11]) : "r"(-4), "r"(-7));
  asm("min.relu.s32 %0, %1, %2;" : "=r"(u[12]) : "r"(4), "r"(7));
  asm("max.relu.s16x2 %0, %1, %2;" : "=r"(u[13]) : "r"(0xfffe0003), "r"(0xfff00001));
  asm("bfind.shiftamt.u32 %0, %1;" : "=r"(u[14]) : "r"(0x00340000));
  asm("bfind.shiftamt.s32 %0, %1;" : "=r"(u[15]) : "r"(-1));
  asm("{ .reg .pred p, q; .reg .b32 t; setp.eq.u32 q, %1, 0;\n"
      "lop3.or.b32 t|p, %1, %2, 0, 0xc0, q; selp.u32 %0, t, 77, p; }"
      : "=r"(u[16])
      : "r"(a), "r"(b));
  asm("{ .reg .pred p, q; setp.eq.u32 q, %1, 0;\n"
      "lop3.and.b32 _|p, %1, %2, 0, 0xc0, q; selp.u32 %0, 1, 0, p; }"
      : "=r"(u[17])
      : "r"(a), "r"(b));
  unsigned before, after;
  asm volatile("mov.u32 %0, %%clock_hi;" : "=r"(before));
  asm volatile("mov.u32 %0, %%clock_hi;" : "=r"(after));
  u[18] = after - before < 2;
  // 8-bit numbers: too large a one is the largest; halves compared as pairs.
  unsigned short eights;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(eights) : "f"(-1000.0f), "f"(1.5f));
  u[19] = eights;
  asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(u[20]) : "h"(eights));
  asm("cvt.rn.satfinite.relu.e5m2x2.f16x2 %0, %1;" : "=h"(eights) : "r"(0x4200c400));
  u[21] = eights;
  asm("{ .reg .pred p, q; setp.lt.f16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q add.u32 %0, %0, 2; }"
      : "=r"(u[22])
      : "r"(0x3c003c00), "r"(0x40003800));
  asm("mul24.hi.s32 %0, %1, %2;" : "=r"(u[23]) : "r"(-2), "r"(0x700000));
  float sign;
  asm("max.xorsign.abs.f32 %0, %1, %2;" : "=f"(sign) : "f"(-3.0f), "f"(2.0f));
  u[24] = sign == -3;
}

// Every thread adds to the same few elements.
__global__ void into_memory(float4* sums, uint4* halves, uint4* largest, float2* before) {
  const float t = threadIdx.x;
  asm volatile("red.global.add.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(sums), "f"(t), "f"(2 * t), "f"(1.f),
               "f"(0.f)
               : "memory");
  asm volatile(
      "red.relaxed.gpu.global.v8.f16.add.noftz [%0], {%1, %1, %1, %1, %1, %1, %1, %2};" ::"l"(halves),
      "h"(std::uint16_t{0x3c00}), "h"(std::uint16_t{0x3800})
      : "memory");
  const unsigned two = threadIdx.x % 7 == 0 ? 0x40004000 : 0x3f803f80;
  asm volatile("red.global.v4.bf16x2.max.noftz [%0], {%1, %1, %1, %2};" ::"l"(largest), "r"(two),
               "r"(0xbf803f80)
               : "memory");
  float2 old;
  asm volatile("atom.global.v2.f32.add {%0, %1}, [%2], {%3, %4};"
               : "=f"(old.x), "=f"(old.y)
               : "l"(sums + 1), "f"(1.f), "f"(-1.f)
               : "memory");
  before[int(old.x)] = old;
}

// A count that leaves the phase to the last arrival.
__global__ void arrivals(unsigned* pending) {
  __shared__ alignas(8) unsigned long long bar;
  const unsigned address = unsigned(__cvta_generic_to_shared(&bar));
  unsigned long long state;
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 3;" ::"r"(address) : "memory");
  asm volatile("mbarrier.arrive.noComplete.release.cta.shared::cta.b64 %0, [%1], 2;"
               : "=l"(state)
               : "r"(address)
               : "memory");
  asm volatile("mbarrier.arrive.shared::cta.b64 %0, [%1];" : "=l"(state) : "r"(address) : "memory");
  asm volatile("mbarrier.pending_count.b64 %0, %1;" : "=r"(*pending) : "l"(state));
}

int main() {
  unsigned* u;
  REQUIRE(cudaMallocManaged(&u, 32 * sizeof *u) == cudaSuccess);
  registers<<<1, 1>>>(u, 0x7f80ff01, 0x7f010203);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  const int a_s[] = {1, -1, -128, 127}, a_u[] = {1, 255, 128, 127}, b[] = {3, 2, 1, 127};
  int s_u = 5, u_s = 5;
  for (int i = 0; i < 4; ++i) s_u += a_s[i] * b[i], u_s += a_u[i] * b[i];
  const unsigned expected[] = {0x7f7f7f04,
                               5 + 2 + 129 + 65 + 127,
                               1,
                               5 + 0 + 1 + 1 + 1,
                               0x007ffcfe,  // 7f80 - 7f01, ff01 - 0203
                               0x7f010203,
                               0x007ffd02,
                               unsigned(s_u),
                               unsigned(u_s),
                               unsigned(5 + (-255) * 1 + 0x7f80 * 0x7f),
                               5 + 0xff01 * 3 + 0x7f80 * 2,
                               0,
                               4,
                               0x00000003,
                               10,
                               ~0u,
                               0x7f000201 & 0x7f000201,
                               0,
                               1,
                               0xfe3c,  // -448, 1.5
                               0xdf003e00,
                               0x4200,  // 3, and 0 for -4
                               2,
                               ~0u - 0xdf,
                               1};
  for (unsigned i = 0; i < sizeof expected / sizeof *expected; ++i) {
    if (u[i] != expected[i]) std::printf("%u: %x, not %x\n", i, u[i], expected[i]);
    REQUIRE(u[i] == expected[i]);
  }

  constexpr int threads = 64;
  float4* sums;
  uint4 *halves, *largest;
  float2* before;
  REQUIRE(cudaMallocManaged(&sums, 2 * sizeof *sums) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&halves, sizeof *halves) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&largest, sizeof *largest) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&before, 2 * threads * sizeof *before) == cudaSuccess);
  sums[0] = sums[1] = {0, 0, 0, 9}, *halves = *largest = {0, 0, 0, 0};
  into_memory<<<2, threads>>>(sums, halves, largest, before);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(sums[0].x == threads * (threads - 1) && sums[0].y == 2 * sums[0].x && sums[0].z == 2 * threads);
  REQUIRE(sums[0].w == 9 && sums[1].x == 2 * threads && sums[1].y == -2 * threads && sums[1].z == 0);
  REQUIRE(halves->x == 0x58005800 && halves->w == 0x54005800);  // 128 and 64
  REQUIRE(largest->x == 0x40004000 && largest->w == 0x00003f80);
  for (int i = 0; i < 2 * threads; ++i) REQUIRE(before[i].x == i && before[i].y == -i);

  arrivals<<<1, 1>>>(u);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && *u == 1);
  for (void* p : {(void*)u, (void*)sums, (void*)halves, (void*)largest, (void*)before})
    REQUIRE(cudaFree(p) == cudaSuccess);
  return 0;
}
