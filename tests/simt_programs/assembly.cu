// PTX as people write it in asm: carries of long additions, bit fields, atomics by name, and what a warp does
// together.
#include <cstdio>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

struct Wide {
  unsigned limb[4];
};
__device__ Wide add(const Wide& a, const Wide& b) {
  Wide c;
  asm("add.cc.u32 %0, %4, %8;\n\t"
      "addc.cc.u32 %1, %5, %9;\n\t"
      "addc.cc.u32 %2, %6, %10;\n\t"
      "addc.u32 %3, %7, %11;"
      : "=r"(c.limb[0]), "=r"(c.limb[1]), "=r"(c.limb[2]), "=r"(c.limb[3])
      : "r"(a.limb[0]), "r"(a.limb[1]), "r"(a.limb[2]), "r"(a.limb[3]), "r"(b.limb[0]), "r"(b.limb[1]),
        "r"(b.limb[2]), "r"(b.limb[3]));
  return c;
}
__global__ void sums(const Wide* a, const Wide* b, Wide* c) {
  c[threadIdx.x] = add(a[threadIdx.x], b[threadIdx.x]);
}

__device__ unsigned lane() {
  unsigned id;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(id));
  return id;
}
__global__ void fields(const int* x, int* out) {
  const unsigned l = lane();
  int part, inserted, found;
  asm("bfe.s32 %0, %1, 4, 5;" : "=r"(part) : "r"(x[l]));
  asm("bfi.b32 %0, %1, %2, %3, 8;" : "=r"(inserted) : "r"(x[l]), "r"(-1), "r"(l & 15));
  asm("bfind.u32 %0, %1;" : "=r"(found) : "r"(x[l]));
  out[l] = part, out[32 + l] = inserted, out[64 + l] = found;
}
__global__ void totals(unsigned* count, float* sum, int* largest, unsigned long long* wide) {
  __shared__ unsigned ticket;
  if (threadIdx.x == 0) ticket = 0;
  __syncthreads();
  unsigned mine, before, in_shared;
  asm("{ .reg .u64 a; cvta.to.shared.u64 a, %1; cvt.u32.u64 %0, a; }" : "=r"(in_shared) : "l"(&ticket));
  asm volatile("atom.shared.add.u32 %0, [%1], %2;" : "=r"(mine) : "r"(in_shared), "r"(1) : "memory");
  asm volatile("atom.global.add.u32 %0, [%1], 2;" : "=r"(before) : "l"(count) : "memory");
  asm volatile("red.global.add.f32 [%0], %1;" ::"l"(sum), "f"(0.5f) : "memory");
  asm volatile("red.relaxed.gpu.global.max.s32 [%0], %1;" ::"l"(largest), "r"(int(mine) - 7) : "memory");
  asm volatile("red.add.u64 [%0], %1;" ::"l"(wide), "l"(1ull << 33) : "memory");
}

// Halves, conversions, and a warp's reductions.
__device__ unsigned fma2(unsigned a, unsigned b, unsigned c) {
  unsigned d;
  asm("{ fma.rn.f16x2 %0, %1, %2, %3; }" : "=r"(d) : "r"(a), "r"(b), "r"(c));
  return d;
}
__global__ void converted(const float* x, float* out, int* whole, unsigned* votes) {
  const float f = x[threadIdx.x];
  unsigned pair, sum, same;
  unsigned short h;
  float back;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(2 * f), "f"(f));  // the first one is the upper
  pair = fma2(pair, pair, pair);
  asm("{ .reg .f16 low, high; mov.b32 {low, high}, %1; add.f16 %0, low, high; }" : "=h"(h) : "r"(pair));
  asm("cvt.f32.f16 %0, %1;" : "=f"(back) : "h"(h));
  out[threadIdx.x] = back;
  asm("{ .reg .b16 t; cvt.rn.bf16.f32 t, %1; cvt.f32.bf16 %0, t; }" : "=f"(back) : "f"(f));
  out[32 + threadIdx.x] = back;
  int nearest, down;
  asm("cvt.rni.s32.f32 %0, %1;" : "=r"(nearest) : "f"(f * 1e9f));
  asm("{ .reg .f32 t; cvt.rmi.f32.f32 t, %1; cvt.rzi.s32.f32 %0, t; }" : "=r"(down) : "f"(f));
  whole[threadIdx.x] = nearest, whole[32 + threadIdx.x] = down;
  asm volatile("redux.sync.add.s32 %0, %1, 0xffffffff;" : "=r"(sum) : "r"(down));
  asm volatile("match.any.sync.b32 %0, %1, 0xffffffff;" : "=r"(same) : "r"(down));
  votes[threadIdx.x] = sum, votes[32 + threadIdx.x] = same;
}

// A comparison combined with what another has said.
__global__ void compared(int* x) {
  int both = 0, either = 0, one = 0;
  asm("{ .reg .pred p, q;\n"
      "setp.gt.s32 p, %3, 10;\n"
      "setp.lt.and.s32 q, %3, 20, p; selp.s32 %0, 1, 0, q;\n"
      "setp.lt.or.u32 q, %3, 5, p; selp.s32 %1, 1, 0, q;\n"
      "setp.lt.xor.s32 q, %3, 20, p; selp.s32 %2, 1, 0, q; }"
      : "=r"(both), "=r"(either), "=r"(one)
      : "r"(threadIdx.x));
  x[threadIdx.x] = both + 2 * either + 4 * one;
}

// What compilers make and people seldom write.
__global__ void rare(unsigned* u) {
  const unsigned a = 0x10203040, b = 0x11202f50;
  const float nan = __int_as_float(0x7fffffff);
  float larger;
  asm("vabsdiff4.u32.u32.u32.add %0, %1, %2, %3;"
      : "=r"(u[0])
      : "r"(a), "r"(b), "r"(5));  // 5 + 1 + 0 + 1 + 16
  asm("set.lt.u32.u32 %0, %1, %2;" : "=r"(u[1]) : "r"(a), "r"(b));
  asm("cnot.b32 %0, %1;" : "=r"(u[2]) : "r"(0));
  asm("szext.wrap.s32 %0, %1, 4;" : "=r"(u[3]) : "r"(0x1fd));
  asm("bmsk.clamp.b32 %0, 4, %1;" : "=r"(u[4]) : "r"(3));
  asm("fns.b32 %0, %1, 0, 2;" : "=r"(u[5]) : "r"(0x130));
  asm("cvt.sat.u8.s32 %0, %1;" : "=r"(u[6]) : "r"(300));
  asm("cvt.sat.s8.s32 %0, %1;" : "=r"(u[7]) : "r"(-300));
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(larger) : "f"(1.0f), "f"(nan));
  u[8] = isnan(larger);
  // Conversions: roundings, saturation, packs.
  float down;
  unsigned short h;
  asm("cvt.rz.f32.u32 %0, %1;" : "=f"(down) : "r"(0xffffffffu));
  u[9] = __float_as_uint(down);
  asm("cvt.rp.f16.f32 %0, %1;" : "=h"(h) : "f"(-1e-9f));  // -0
  u[10] = h;
  asm("cvt.rz.bf16x2.f32 %0, %1, %2;" : "=r"(u[11]) : "f"(1.999f), "f"(-1.999f));
  asm("cvt.rn.relu.f16x2.f32 %0, %1, %2;" : "=r"(u[12]) : "f"(-3.0f), "f"(3.0f));
  asm("cvt.rni.sat.s8.f32 %0, %1;" : "=r"(u[13]) : "f"(-128.6f));
  asm("cvt.pack.sat.u8.s32.b32 %0, %1, %2, %3;" : "=r"(u[14]) : "r"(300), "r"(-7), "r"(0x1234));
  asm("cvt.rn.f32.s8 %0, %1;" : "=f"(down) : "r"(0x180));
  u[15] = down == -128;
  asm("cvt.rm.f32.f64 %0, %1;" : "=f"(down) : "d"(0.1));
  u[16] = down < 0.1;
  asm("{ .reg .b32 t; cvt.rna.tf32.f32 t, %1; mov.b32 %0, t; }" : "=r"(u[17]) : "f"(1 + 1.5f / 1024));
  // Arithmetic with a mode, two predicates at once, modes of prmt, halves.
  asm("add.rz.f32 %0, %1, %2;" : "=f"(down) : "f"(1.0f), "f"(-1e-9f));
  u[18] = down < 1;
  asm("{ .reg .pred p, q; setp.lt.s32 p|q, %1, 5; selp.u32 %0, 3, 4, q; }" : "=r"(u[19]) : "r"(7));
  asm("{ .reg .pred p; setp.geu.f32 p, %1, 0f00000000; selp.u32 %0, 1, 0, p; }" : "=r"(u[20]) : "f"(nan));
  asm("prmt.b32.f4e %0, %1, %2, 1;" : "=r"(u[21]) : "r"(0x33221100), "r"(0x77665544));
  asm("{ .reg .f16x2 t; ex2.approx.f16x2 t, %1; max.NaN.f16x2 %0, t, %2; }"
      : "=r"(u[22])
      : "r"(0x40003c00), "r"(0x3c007e00));  // 2, 1; 1, NaN
  asm("{ .reg .pred p; .reg .b32 t; match.all.sync.b32 t|p, 5, 1; selp.u32 %0, t, 0, p; }" : "=r"(u[23]));
  unsigned long long policy;
  asm("createpolicy.fractional.L2::evict_last.L2::evict_unchanged.b64 %0, 0.5;" : "=l"(policy));
  asm volatile("prefetch.global.L2::evict_normal [%0];" ::"l"(u));
  u[24] = 0;
  asm volatile("red.global.add.noftz.f16x2 [%0], %1;" ::"l"(u + 24), "r"(0x3c004000) : "memory");
  asm volatile("ld.global.v2.f32 {%0, _}, [%1];" : "=f"(down) : "l"(u + 8));
  // Numbers that stand for the bits of integers and of reals.
  asm("{ .reg .b32 t; .reg .f32 f; mov.b32 t, 7; mov.b32 f, 0x40000000; fma.rn.f32 %1, f, f, f; mov.b32 %0, "
      "t; }"
      : "=r"(u[25]), "=f"(down));
  long long wide;
  asm("mov.b64 %0, -1;" : "=l"(wide));
  u[26] = down == 6 && wide == -1;
  asm("{ .reg .b32 t; .reg .pred p; mov.b32 t, 0x3fc00000; add.f32 t, t, t; setp.eq.f32 p, t, 0f40400000;"
      " @p mul.f32 t, t, %1; mov.b32 %0, t; }"
      : "=r"(u[27])
      : "f"(2.0f));
}

int main() {
  Wide *a, *b, *c;
  int *x, *out;
  cudaMallocManaged(&a, 32 * sizeof *a), cudaMallocManaged(&b, 32 * sizeof *b),
      cudaMallocManaged(&c, 32 * sizeof *c);
  cudaMallocManaged(&x, 32 * sizeof *x), cudaMallocManaged(&out, 96 * sizeof *out);
  for (unsigned i = 0; i < 32; ++i) {
    a[i] = {{~0u - i, ~0u, i % 2 ? ~0u : 5, i}}, b[i] = {{i + i % 3, 0, 0, 7}};
    x[i] = int(i * 0x9E3779B9u) >> (i % 7);
  }
  sums<<<1, 32>>>(a, b, c);
  fields<<<1, 32>>>(x, out);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 32; ++i) {
    unsigned long long carry = 0;
    for (int k = 0; k < 4; ++k) {
      carry += 0ull + a[i].limb[k] + b[i].limb[k];
      REQUIRE(c[i].limb[k] == unsigned(carry));
      carry >>= 32;
    }
    const int shift = i & 15, mask = 255 << shift;
    REQUIRE(out[i] == int(unsigned(x[i]) << 23) >> 27);
    REQUIRE(out[32 + i] == ((~mask) | int(unsigned(x[i]) << shift & unsigned(mask))));
    REQUIRE(out[64 + i] == (x[i] ? 31 - __builtin_clz(x[i]) : -1));
  }
  unsigned long long* wide = reinterpret_cast<unsigned long long*>(a);
  unsigned* count = reinterpret_cast<unsigned*>(b);
  float* sum = reinterpret_cast<float*>(c);
  *wide = 0, *count = 0, *sum = 0, *x = -100;
  totals<<<2, 64>>>(count, sum, x, wide);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(*count == 256 && *sum == 64 && *x == 56 && *wide == 128ull << 33);
  for (void* memory : {(void*)a, (void*)b, (void*)c, (void*)x, (void*)out}) cudaFree(memory);

  float *f, *results;
  unsigned* votes;
  cudaMallocManaged(&f, 32 * sizeof *f), cudaMallocManaged(&results, 64 * sizeof *results);
  cudaMallocManaged(&votes, 64 * sizeof *votes), cudaMallocManaged(&x, 64 * sizeof *x);
  for (int i = 0; i < 32; ++i) f[i] = 0.25f * (i - 11);
  converted<<<1, 32>>>(f, results, x, votes);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  int rounded_down = 0;
  for (int i = 0; i < 32; ++i) rounded_down += (i - 11) >> 2;
  for (int i = 0; i < 32; ++i) {
    REQUIRE(results[i] == f[i] * f[i] + f[i] + 4 * f[i] * f[i] + 2 * f[i] && results[32 + i] == f[i]);
    const double billions = f[i] * 1e9f;
    REQUIRE(x[i] == (billions > 2147483647      ? 2147483647
                     : billions < -2147483648.0 ? -2147483647 - 1
                                                : int(billions)));
    REQUIRE(x[32 + i] == (i - 11) >> 2 && int(votes[i]) == rounded_down);
    for (int j = 0; j < 32; ++j) REQUIRE((votes[32 + i] >> j & 1) == ((i - 11) >> 2 == (j - 11) >> 2));
  }
  compared<<<1, 32>>>(x);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 32; ++i)
    REQUIRE(x[i] == (i > 10 && i < 20) + 2 * (i > 10 || i < 5) + 4 * ((i > 10) != (i < 20)));
  rare<<<1, 1>>>(votes);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  const unsigned expected[] = {
      23,     ~0u,        1,          ~0u - 2,   0x70,       5, 255, ~0u - 127,  1, 0x4f7fffff,
      0x8000, 0x3fffbfff, 0x4200,     ~0u - 127, 0x1234ff00, 1, 1,   0x3f804000, 1, 3,
      1,      0x44332211, 0x44007fff, 1,         0x3c004000, 7, 1,   0x40c00000};
  for (int i = 0; i < 28; ++i) {
    if (votes[i] != expected[i]) std::printf("rare %d: %x\n", i, votes[i]);
    REQUIRE(votes[i] == expected[i]);
  }
  cudaFree(f), cudaFree(results), cudaFree(votes), cudaFree(x);
  return 0;
}
