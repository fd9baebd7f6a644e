// Integer and mathematical intrinsics that no other program here uses, against what their definitions say.
#include <cooperative_groups.h>
#include <cuda_bf16.h>

#include <cmath>
#include <cstdio>

__device__ int failures;
#define EXPECT(condition)                          \
  if (!(condition)) {                              \
    printf("line %d: %s\n", __LINE__, #condition); \
    atomicAdd(&failures, 1);                       \
  }

// `zero` is 0: the compiler is not to know the results.
__global__ void bits(int zero) {
  const unsigned one = 1 + zero;
  EXPECT(__brev(one) == 1u << 31 && __brevll(one) == 1ull << 63);
  EXPECT(__ffs(8 * one) == 4 && __ffs(zero) == 0 && __ffsll(1ll << 40) == 41 && __clz(zero) == 32);
  EXPECT(__funnelshift_l(1u << 31, one, 1) == 3 && __funnelshift_r(one, 3, 1) == 1u << 31);
  EXPECT(__funnelshift_lc(5 * one, 7, 40) == 5 && __funnelshift_rc(5 * one, 7, 40) == 7);
  EXPECT(__byte_perm(0x33221100, 0x77665544, 0x7530 + one) == 0x77553311);
  EXPECT(__nv_bswap16(one) == 256 && __nv_bswap32(one) == 1u << 24 && __nv_bswap64(one) == 1ull << 56);
  EXPECT(__fns(0xf0, zero, 2) == 5 && __fns(0xf0, 31, -1) == 7 && __fns(0xf0, zero, 5) == ~0u);
  EXPECT(__fns(0xf0, 4 * one, 0) == 4 && __fns(0xf0, 3 * one, 0) == ~0u);
  EXPECT(__umul64hi(1ull << 63, 4 * one) == 2 && __mul24(-3 * int(one), 4) == -12);
  EXPECT(__sad(3, -5, one) == 9 && __rhadd(3 * int(one), 4) == 4);
  EXPECT(llmin(one, -2) == -2 && ullmax(one, 2) == 2);
}
__global__ void packed(unsigned zero) {  // several numbers in one register
  EXPECT(__dp4a(0x01020304, 0x01010101, 5 + int(zero)) == 15);
  EXPECT(__dp2a_lo(0x0002fffd, 0x0102 + int(zero), 1) == 2 * 1 - 3 * 2 + 1);
  EXPECT(__dp2a_hi(0x0002fffdu, 0x02010000u + zero, 1u) == 2 * 2 + 65533 * 1 + 1);
  EXPECT(__vaddss2(0x7fff8000 + zero, 0x0001ffff) == 0x7fff8000);
  EXPECT(__vaddus4(0xff01fe80 + zero, 0x01010180) == 0xff02ffff);
  EXPECT(__vsubus2(0x00030005 + zero, 0x00040001) == 4 &&
         __vsubss4(0x80000000 + zero, 0x01000000) == 0x80000000);
  EXPECT(__vneg2(0x00018000 + zero) == 0xffff8000 && __vnegss2(0x00018000 + zero) == 0xffff7fff);
  EXPECT(__vabs4(0xff7f8000 + zero) == 0x017f8000 && __vabsss4(0xff7f8000 + zero) == 0x017f7f00);
  EXPECT(__vsadu4(0x01020304 + zero, 0x00000005) == 7 && __vsads2(0xffff0003 + zero, 0x00010001) == 4);
  EXPECT(__vavgs2(0xfffd0003 + zero, 0) == 0xfffe0002 && __vhaddu4(0x05000300 + zero, 0) == 0x02000100);
  EXPECT(__vcmpges2(0xffff0001 + zero, 0x00000001) == 0xffff &&
         __vsetgtu4(0xff000200 + zero, 0x01000200) == 1 << 24);
}
__global__ void reals(float zero) {
  const float x = 1.5f + zero;
  const auto near = [](double a, double b) { return fabs(a - b) <= 1e-6 * fmax(1.0, fabs(b)); };
  float s, c;
  __sincosf(x, &s, &c);
  EXPECT(near(s, sin(1.5)) && near(c, cos(1.5)) && near(__powf(x, 2), 2.25) && near(__exp10f(zero), 1));
  EXPECT(__saturatef(x) == 1 && __saturatef(-x) == 0 && __fmaf_rn(x, 2, 1) == 4 && __fdividef(x, 3) == 0.5f);
  EXPECT(__fadd_ru(1, 1e-20f + zero) > 1 && __fadd_rd(1, 1e-20f + zero) == 1);
  const float2 pair = {1, 1.5f + zero}, tiny = {1e-20f, -1e-20f}, up = __fadd2_ru(pair, tiny),
               down = __ffma2_rd(pair, pair, tiny);
  EXPECT(up.x > 1 && up.y == 1.5f && down.x == 1 && down.y < 2.25f && __fmul2_rz(pair, pair).y == 2.25f);
  EXPECT(__float2int_rn(x + 1) == 2 && __float2int_ru(x) == 2 && __float2int_rd(-x) == -2 &&
         __float2int_rz(-x) == -1);
  EXPECT(float(__int2bfloat16_rz(-257 - int(zero))) == -256 && float(__int2bfloat16_rd(-257)) == -258 &&
         float(__ull2bfloat16_ru(257 + int(zero))) == 258 && float(__short2bfloat16_ru(-257)) == -256);
  const float v[] = {2 + zero, 3, 6};
  const double w[] = {2.0 + zero, 3, 6};
  EXPECT(normf(3, v) == 7 && near(rnormf(3, v), 1 / 7.0) && near(norm(3, w), 7) &&
         near(rnorm(3, w), 1 / 7.0));
  EXPECT(near(rnorm4df(1, 1, 1, x - 0.5f), 0.5) && near(rnorm4d(1, 1, 1, 1.0 + zero), 0.5));
  // Abramowitz and Stegun, table 9.8: exp(-x) I0(x) and exp(-x) I1(x) at 1
  EXPECT(near(exp(-1.0) * cyl_bessel_i0(1.0 + zero), 0.4657596077) &&
         near(exp(-1.0) * cyl_bessel_i1(1.0), 0.2079104154));
  EXPECT(cyl_bessel_i0f(zero) == 1 && cyl_bessel_i1f(-x) == -cyl_bessel_i1f(x));
}
__global__ void dynamic_programming(int zero) {
  bool high, low;
  EXPECT(__viaddmax_s32(3 + zero, 4, 5) == 7 && __viaddmax_s32_relu(-3 + zero, -4, -5) == 0);
  EXPECT(__vimax3_s32(1, 9 + zero, 3) == 9 && __vimin3_u32(5, 4u + zero, 6) == 4);
  EXPECT(__viaddmin_s16x2(0x00010002 + zero, 0x00010002, 0x0005ffff) == 0x0002ffff);
  EXPECT(__viaddmax_u16x2(0xffff0001 + zero, 0x00020001, 0) == 0x00010002);  // wraps around
  EXPECT(__vimax_s16x2_relu(0xffff0003 + zero, 0xfffe0001) == 3 && __vimin_s32_relu(-1 + zero, 5) == 0);
  EXPECT(__vibmax_s32(3 + zero, 3, &high) == 3 && high);
  EXPECT(__vibmin_u16x2(0x00010005 + zero, 0x00020004, &high, &low) == 0x00010004 && high && !low);
}
__global__ void overloads(int zero, float* out) {
  EXPECT(__dp4a(char4{-1, 2, 3, 4}, char4{1, 1, 1, 1}, zero) == 8);
  EXPECT(__dp2a_lo(short2{2, 3}, char4{4, 5, 6, 7}, 1 + zero) == 24);
  float s, c;
  sincospi(0.5f + zero, &s, &c);
  EXPECT(s == 1 && c == 0);
  sincos(0.0f + zero, &s, &c);
  EXPECT(s == 0 && c == 1);
  EXPECT(fabs(erfcx(30.0 + zero) * 30 * sqrt(M_PI) - (1 - 0.5 / 900 + 0.75 / 810000)) < 1e-8);
  __stcg(out, 1);  // converts, as an overload for float does
  EXPECT(__isLocal(&s) && !__isGlobal(&s) && __isGlobal(out) && !__isLocal(out));
  EXPECT(!__isCtaShared(&s) && __cvta_local_to_generic(__cvta_generic_to_local(&s)) == &s);
  __assume(*out == 1);
  EXPECT(printf("%d%%, %*d and %s\n", 1 + zero, 2, 3, "words") == 4 && printf("no argument\n") == 0);
}
__global__ void words(int n, float* out) {
  __builtin_assume(n > 0);
  const auto alone = cooperative_groups::this_thread();
  EXPECT(alone.size() == 1 && alone.thread_rank() == 0);
  int chosen;
  float product;
  unsigned long long policy;
  asm("slct.s32.s32 %0, %1, %2, %3;" : "=r"(chosen) : "r"(1), "r"(2), "r"(-n));
  asm("mul.rn.ftz.f32 %0, %1, %2;" : "=f"(product) : "f"(1.5f), "f"(2.0f));
  asm("createpolicy.fractional.L2::evict_last.b64 %0, 1.0;" : "=l"(policy));
  asm volatile("st.global.L2::cache_hint.f32 [%0], %1, %2;" ::"l"(out), "f"(product), "l"(policy) : "memory");
  EXPECT(chosen == 2 && *out == 3);
}

int main() {
  int failed = 0;
  float* out;
  cudaMalloc(&out, sizeof(float));
  bits<<<1, 1>>>(0);
  packed<<<1, 1>>>(0);
  reals<<<1, 1>>>(0);
  dynamic_programming<<<1, 1>>>(0);
  overloads<<<1, 1>>>(0, out);
  words<<<1, 1>>>(1, out);
  if (cudaMemcpyFromSymbol(&failed, failures, sizeof failed) != cudaSuccess) return 1;
  cudaFree(out);
  return failed != 0;
}
