// Products of small matrices by nvcuda::wmma: every shape, type and layout against sums on the host.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>

#include <cstdio>
#include <type_traits>

using namespace nvcuda;

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

template <class T>
T number(int i) {
  if constexpr (std::is_same_v<T, unsigned char>) return static_cast<T>(i * 7 % 13);
  if constexpr (std::is_same_v<T, __nv_bfloat16>) return __float2bfloat16(float(i * 7 % 13 - 6));
  if constexpr (std::is_same_v<T, __half>) return __float2half(float(i * 7 % 13 - 6));
  return static_cast<T>(i * 7 % 13 - 6);
}

// D = 2 (A B) + C, the factor of two element by element.
template <int m, int n, int k, class T, class S, class LayoutA, class LayoutB, class Stored>
__global__ void product(const Stored* a, const Stored* b, const S* c, S* d, int pad, wmma::layout_t layout) {
  const bool a_rows = std::is_same_v<LayoutA, wmma::row_major>,
             b_rows = std::is_same_v<LayoutB, wmma::row_major>;
  wmma::fragment<wmma::matrix_a, m, n, k, T, LayoutA> fa;
  wmma::fragment<wmma::matrix_b, m, n, k, T, LayoutB> fb;
  wmma::fragment<wmma::accumulator, m, n, k, S> sum, fc;
  wmma::fill_fragment(sum, S(0));
  wmma::load_matrix_sync(fa, a, (a_rows ? k : m) + pad);
  wmma::load_matrix_sync(fb, b, (b_rows ? n : k) + pad);
  const unsigned ldm = (layout == wmma::mem_row_major ? n : m) + pad;
  wmma::load_matrix_sync(fc, c, ldm, layout);
  wmma::mma_sync(sum, fa, fb, sum);
  for (int i = 0; i < sum.num_elements; ++i) fc.x[i] = fc.x[i] + sum.x[i];
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(d, fc, ldm, layout);
}

template <class T>
T* array(int count) {
  T* p = nullptr;
  if (cudaMallocManaged(&p, count * sizeof *p) != cudaSuccess) return nullptr;
  for (int i = 0; i < count; ++i) p[i] = number<T>(i);
  return p;
}

template <int m, int n, int k, class T, class S, class LayoutA, class LayoutB, class Stored = T>
int check(wmma::layout_t layout) {
  const int pad = 16;  // between rows, or columns
  const auto at = [](bool rows, int i, int j, int height, int width) {
    return rows ? i * (width + pad) + j : j * (height + pad) + i;
  };
  const int room = (32 + pad) * 32;
  Stored *a = array<Stored>(room), *b = array<Stored>(room);
  S *c = array<S>(room), *d = array<S>(room);
  product<m, n, k, T, S, LayoutA, LayoutB><<<1, 32>>>(a, b, c, d, pad, layout);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int l = 0; l < k; ++l)
        sum += double(float(a[at(std::is_same_v<LayoutA, wmma::row_major>, i, l, m, k)])) *
               double(float(b[at(std::is_same_v<LayoutB, wmma::row_major>, l, j, k, n)]));
      const int to = at(layout == wmma::mem_row_major, i, j, m, n);
      REQUIRE(double(float(d[to])) == 2 * sum + double(float(c[to])));
    }
  for (void* p : {(void*)a, (void*)b, (void*)c, (void*)d}) REQUIRE(cudaFree(p) == cudaSuccess);
  return 0;
}

template <int m, int n, int k, class T, class S, class Stored = T>
int layouts() {
  using R = wmma::row_major;
  using C = wmma::col_major;
  for (auto layout : {wmma::mem_row_major, wmma::mem_col_major})
    if (check<m, n, k, T, S, R, R, Stored>(layout) || check<m, n, k, T, S, R, C, Stored>(layout) ||
        check<m, n, k, T, S, C, R, Stored>(layout) || check<m, n, k, T, S, C, C, Stored>(layout))
      return 1;
  return 0;
}
template <class T, class S>
int shapes() {
  return layouts<16, 16, 16, T, S>() || layouts<32, 8, 16, T, S>() || layouts<8, 32, 16, T, S>();
}

__global__ void saturated(int* d) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, signed char, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, signed char, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, int> c;
  wmma::fill_fragment(a, 100);
  wmma::fill_fragment(b, 100);
  wmma::fill_fragment(c, 2147483647);
  wmma::mma_sync(c, a, b, c, true);
  wmma::store_matrix_sync(d, c, 16, wmma::mem_row_major);
}

__global__ void to_tf32(float* x) { *x = wmma::__float_to_tf32(*x); }

int main() {
  REQUIRE((shapes<__half, float>() || shapes<__half, __half>() || shapes<__nv_bfloat16, float>()) == 0);
  REQUIRE((shapes<signed char, int>() || shapes<unsigned char, int>()) == 0);
  REQUIRE((layouts<16, 16, 8, wmma::precision::tf32, float, float>()) == 0);
  REQUIRE((layouts<8, 8, 4, double, double>()) == 0);
  int* d = array<int>(256);
  saturated<<<1, 32>>>(d);
  float* x = array<float>(1);
  *x = 1 + 3.f / 2048;  // halfway between two numbers with 10 bits
  to_tf32<<<1, 1>>>(x);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 256; ++i) REQUIRE(d[i] == 2147483647);
  REQUIRE(*x == 1 + 2.f / 1024);
  REQUIRE(cudaFree(d) == cudaSuccess && cudaFree(x) == cudaSuccess);
  return 0;
}
