// Sums in shared memory: a tree, a warp's tail through volatile memory, shuffles, the last block finishing
// the rest.
#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(call)                                                               \
  do {                                                                            \
    cudaError_t status = (call);                                                  \
    if (status != cudaSuccess) {                                                  \
      std::printf("%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(status)); \
      std::exit(2);                                                               \
    }                                                                             \
  } while (0)

template <unsigned threads>
__device__ void finish_warp(volatile int* s, unsigned t) {
  if (threads >= 64) s[t] += s[t + 32];
  s[t] += s[t + 16];
  s[t] += s[t + 8];
  s[t] += s[t + 4];
  s[t] += s[t + 2];
  s[t] += s[t + 1];
}

template <unsigned threads>
__global__ void volatile_tail(const int* in, int* out, unsigned n) {
  extern __shared__ int s[];
  const unsigned t = threadIdx.x;
  int sum = 0;
  for (unsigned i = blockIdx.x * threads + t; i < n; i += threads * gridDim.x) sum += in[i];
  s[t] = sum;
  __syncthreads();
  for (unsigned half = threads / 2; half > 32; half /= 2) {
    if (t < half) s[t] += s[t + half];
    __syncthreads();
  }
  if (t < 32) finish_warp<threads>(s, t);
  if (t == 0) atomicAdd(out, s[0]);
}

__device__ int warp_sum(int x) {
  for (int offset = warpSize / 2; offset > 0; offset /= 2) x += __shfl_down_sync(0xffffffff, x, offset);
  return x;
}

__global__ void shuffles(const int4* in, int* out, unsigned n) {
  __shared__ int of_warp[32];
  int sum = 0;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    const int4 v = in[i];
    sum += v.x + v.y + v.z + v.w;
  }
  sum = warp_sum(sum);
  if (threadIdx.x % warpSize == 0) of_warp[threadIdx.x / warpSize] = sum;
  __syncthreads();
  if (threadIdx.x < warpSize) {
    sum = warp_sum(threadIdx.x < blockDim.x / warpSize ? of_warp[threadIdx.x] : 0);
    if (threadIdx.x == 0) atomicAdd(out, sum);
  }
}

__device__ unsigned blocks_done;

__global__ void last_block(const int* in, volatile int* partial, int* out, unsigned n) {
  __shared__ bool last;
  int sum = 0;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += in[i];
  sum = __reduce_add_sync(~0u, sum);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
    __threadfence();
    last = atomicInc(&blocks_done, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    int total = 0;
    for (unsigned i = 0; i < gridDim.x; ++i) total += partial[i];
    *out = total;
  }
}

int main() {
  const unsigned n = 5000;
  std::vector<int> x(n);
  int want = 0;
  for (unsigned i = 0; i < n; ++i) want += x[i] = int(i * 7919 % 201) - 100;
  int *in, *out, *partial, got[5];
  CHECK(cudaMalloc(&in, n * sizeof(int)));
  CHECK(cudaMalloc(&out, sizeof got));
  CHECK(cudaMalloc(&partial, 16 * sizeof(int)));
  CHECK(cudaMemcpy(in, x.data(), n * sizeof(int), cudaMemcpyHostToDevice));
  CHECK(cudaMemset(out, 0, sizeof got));
  volatile_tail<64><<<3, 64, 64 * sizeof(int)>>>(in, out, n);
  volatile_tail<128><<<3, 128, 128 * sizeof(int)>>>(in, out + 1, n);
  volatile_tail<32>
      <<<3, 32, 64 * sizeof(int)>>>(in, out + 4, n);  // as far as lanes read, the upper half for nothing
  shuffles<<<4, 96>>>(reinterpret_cast<int4*>(in), out + 2, n / 4);
  last_block<<<16, 32>>>(in, partial, out + 3, n);
  CHECK(cudaGetLastError());
  CHECK(cudaMemcpy(got, out, sizeof got, cudaMemcpyDeviceToHost));
  CHECK(cudaFree(in));
  CHECK(cudaFree(out));
  CHECK(cudaFree(partial));
  for (int sum : got)
    if (sum != want) return std::printf("%d is not %d\n", sum, want), 1;
  return 0;
}
