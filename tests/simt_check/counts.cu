#include "bugs/bug.hpp"
#include "counts.hpp"

namespace {

__global__ void naive(const float* in, float* out, int n) {
  const int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
  out[x * n + y] = in[y * n + x];
}

template <int width>
__global__ void tiled(const float* in, float* out, int n) {
  __shared__ float tile[32][width];
  tile[threadIdx.y][threadIdx.x] = in[(blockIdx.y * 32 + threadIdx.y) * n + blockIdx.x * 32 + threadIdx.x];
  __syncthreads();
  out[(blockIdx.x * 32 + threadIdx.y) * n + blockIdx.y * 32 + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}

__global__ void copy4(const float4* in, float4* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
}

__global__ void strided(const float* in, float* out, int stride) {
  out[threadIdx.x] = in[threadIdx.x * stride];
}

__global__ void branches(float* x) {
  if (threadIdx.x % 2)
    x[threadIdx.x] = 1;
  else
    x[threadIdx.x] = 2;
}

__global__ void in_part(const float* in, float* out) {
  __shared__ __align__(16) float tile[128];
  const unsigned lane = threadIdx.x, to = static_cast<unsigned>(__cvta_generic_to_shared(tile + 4 * lane));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(in + 4 * lane),
               "r"(lane < 16 ? 16 : 0)
               : "memory");
  asm volatile("cp.async.wait_all;" ::: "memory");
  for (int i = 0; i < 4; ++i) out[4 * lane + i] = tile[4 * lane + i];
}

__global__ void add(const float* x, float* sums, int count) {
  atomicAdd(sums + threadIdx.x % count, x[threadIdx.x]);
}

// One load a turn, then, behind a barrier, one more.
__global__ void in_turns(const float* in, float* out, int turns) {
  float sum = 0;
  for (int i = 0; i < turns; ++i) sum += in[i * blockDim.x + threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = sum + in[0];
}

}  // namespace

void transpose_naive(int n) {
  Device<float> in(n * n, 1), out(n * n);
  naive<<<dim3(n / 32, n / 32), dim3(32, 32)>>>(in, out, n);
  cudaDeviceSynchronize();
}
void transpose_tile(int n) {
  Device<float> in(n * n, 1), out(n * n);
  tiled<32><<<dim3(n / 32, n / 32), dim3(32, 32)>>>(in, out, n);
  cudaDeviceSynchronize();
}
void transpose_padded_tile(int n) {
  Device<float> in(n * n, 1), out(n * n);
  tiled<33><<<dim3(n / 32, n / 32), dim3(32, 32)>>>(in, out, n);
  cudaDeviceSynchronize();
}
void copy_float4(int n) {
  Device<float4> in(n / 4, float4{1, 2, 3, 4}), out(n / 4);
  copy4<<<(n / 4 + 127) / 128, 128>>>(in, out, n / 4);
  cudaDeviceSynchronize();
}
void strided_read(int n, int stride) {
  Device<float> in(n * stride, 1), out(n);
  strided<<<1, n>>>(in, out, stride);
  cudaDeviceSynchronize();
}
void divergent(int n) {
  Device<float> x(n);
  branches<<<1, n>>>(x);
  cudaDeviceSynchronize();
}
void atomic_sum(int n, int addresses) {
  Device<float> x(n, 1), sums(addresses, 0);
  add<<<1, n>>>(x, sums, addresses);
  cudaDeviceSynchronize();
}
void read_in_turns(int n, int turns) {
  Device<float> in(n * turns, 1), out(n);
  in_turns<<<1, n>>>(in, out, turns);
  cudaDeviceSynchronize();
}
void copy_in_part() {
  Device<float> in(64, 1), out(128);  // 16 quads: the upper lanes' addresses lie beyond them
  in_part<<<1, 32>>>(in, out);
  cudaDeviceSynchronize();
}
