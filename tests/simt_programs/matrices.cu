// Products of small matrices by mma.sync, each type against sums on the host; tiles by ldmatrix and stmatrix.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <cstdio>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

__device__ unsigned shared_address(const void* p) { return unsigned(__cvta_generic_to_shared(p)); }

// D = A * B + C with A row-major 16 x 16 and B 16 x 8, through shared memory.
__global__ void product(const __half* a, const __half* b, float* d) {
  __shared__ alignas(16) __half as[16][16], bs[16][8];
  const int lane = threadIdx.x;
  for (int i = lane; i < 256; i += 32) as[i / 16][i % 16] = a[i];
  for (int i = lane; i < 128; i += 32) bs[i / 8][i % 8] = b[i];
  __syncwarp();
  unsigned fa[4], fb[2];
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3])
               : "r"(shared_address(&as[lane % 16][lane / 16 * 8])));
  asm volatile("ldmatrix.sync.aligned.x2.trans.m8n8.shared::cta.b16 {%0, %1}, [%2];"
               : "=r"(fb[0]), "=r"(fb[1])
               : "r"(shared_address(&bs[lane % 16][0])));
  unsigned upper;  // the same, transposed in registers
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];"
               : "=r"(upper)
               : "r"(shared_address(&bs[lane % 8][0])));
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(fb[0]) : "r"(upper));
  float c[4] = {1, 2, 3, 4};
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]));
  for (int i = 0; i < 4; ++i) d[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = c[i];
}

// The registers of a lane as PTX lays them out: A(i, k) = i - k, B(k, j) = k + 2 j, element by element.
template <class F>
__device__ unsigned pack2(F f) {
  return f(0) | f(1) << 16;
}
__global__ void others(float* bf, float* tf, int* bytes, double* wide, unsigned* narrow) {
  const int lane = threadIdx.x, g = lane / 4, t = lane % 4;
  const auto a = [](int i, int k) { return float(i - k); };
  const auto b = [](int k, int j) { return float(k + 2 * j); };
  const auto as_bf = [](float x) { return unsigned(__bfloat16_as_ushort(__float2bfloat16(x))); };
  const auto as_half = [](float x) { return unsigned(__half_as_ushort(__float2half(x))); };
  float c[4] = {};
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(pack2([&](int e) { return as_bf(a(g, 2 * t + e)); })),
        "r"(pack2([&](int e) { return as_bf(a(g + 8, 2 * t + e)); })),
        "r"(pack2([&](int e) { return as_bf(b(2 * t + e, g)); })));
  for (int i = 0; i < 4; ++i) bf[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = c[i], c[i] = 0;
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(__float_as_uint(a(g, t))), "r"(__float_as_uint(a(g + 8, t))), "r"(__float_as_uint(a(g, t + 4))),
        "r"(__float_as_uint(a(g + 8, t + 4))), "r"(__float_as_uint(b(t, g))),
        "r"(__float_as_uint(b(t + 4, g))));
  for (int i = 0; i < 4; ++i) tf[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = c[i];
  int s[4] = {};
  unsigned fa[4] = {}, fb[2] = {};
  for (int e = 0; e < 4; ++e) {
    for (int r = 0; r < 4; ++r) fa[r] |= unsigned(g + r % 2 * 8 - (4 * t + e + r / 2 * 16) & 255) << 8 * e;
    for (int r = 0; r < 2; ++r) fb[r] |= unsigned(4 * t + e + r * 16 + 2 * g) << 8 * e;
  }
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.u8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+r"(s[0]), "+r"(s[1]), "+r"(s[2]), "+r"(s[3])
      : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]));
  for (int i = 0; i < 4; ++i) bytes[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = s[i];
  double w[2] = {};
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
               : "+d"(w[0]), "+d"(w[1])
               : "d"(double(a(g, t))), "d"(double(b(t, g))));
  wide[g * 8 + 2 * t] = w[0], wide[g * 8 + 2 * t + 1] = w[1];
  unsigned h[2] = {};
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4}, {%0, %1};"
               : "+r"(h[0]), "+r"(h[1])
               : "r"(pack2([&](int e) { return as_half(a(g, 2 * t + e)); })),
                 "r"(pack2([&](int e) { return as_half(a(g + 8, 2 * t + e)); })),
                 "r"(pack2([&](int e) { return as_half(b(2 * t + e, g)); })));
  // Stored as two tiles, one row an address.
  __shared__ alignas(16) unsigned short tile[16][8];
  asm volatile(
      "stmatrix.sync.aligned.m8n8.x2.shared.b16 [%0], {%1, %2};" ::"r"(shared_address(&tile[lane % 16])),
      "r"(h[0]), "r"(h[1])
      : "memory");
  __syncwarp();
  for (int i = lane; i < 128; i += 32) narrow[i] = tile[i / 8][i % 8];
}

int main() {
  __half *a, *b;
  float *d, *bf, *tf;
  int* bytes;
  double* wide;
  unsigned* narrow;
  REQUIRE(cudaMallocManaged(&a, 256 * sizeof *a) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&b, 128 * sizeof *b) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&d, 128 * sizeof *d) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&bf, 128 * sizeof *bf) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&tf, 128 * sizeof *tf) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&bytes, 128 * sizeof *bytes) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&wide, 64 * sizeof *wide) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&narrow, 128 * sizeof *narrow) == cudaSuccess);
  for (int i = 0; i < 256; ++i) a[i] = __float2half(float(i * 7 % 31 - 15) / 4);
  for (int i = 0; i < 128; ++i) b[i] = __float2half(float(i * 5 % 23 - 11) / 8);
  product<<<1, 32>>>(a, b, d);
  others<<<1, 32>>>(bf, tf, bytes, wide, narrow);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 8; ++j) {
      float sum = float(1 + i / 8 * 2 + j % 2);
      for (int k = 0; k < 16; ++k) sum += __half2float(a[i * 16 + k]) * __half2float(b[k * 8 + j]);
      REQUIRE(d[i * 8 + j] == sum);
      int by_depth[33] = {};
      for (int k = 0; k < 32; ++k) by_depth[k + 1] = by_depth[k] + (i - k) * (k + 2 * j);
      REQUIRE(bf[i * 8 + j] == by_depth[8] && tf[i * 8 + j] == by_depth[8]);
      REQUIRE(bytes[i * 8 + j] == by_depth[32]);
      if (i < 8) REQUIRE(wide[i * 8 + j] == by_depth[4]);
      REQUIRE(narrow[i * 8 + j] == __half_as_ushort(__float2half(float(by_depth[8]))));
    }
  for (void* p :
       {(void*)a, (void*)b, (void*)d, (void*)bf, (void*)tf, (void*)bytes, (void*)wide, (void*)narrow})
    REQUIRE(cudaFree(p) == cudaSuccess);
  return 0;
}
