// One barrier that is missing makes many lines race: that is one finding. Two that are missing are two.
#include "bug.hpp"

namespace {

template <bool right>
__global__ void odd_even_sort(int* x, int n) {
  __shared__ int s[128];
  const int i = threadIdx.x;
  s[i] = x[i];
  __syncthreads();
  for (int phase = 0; phase < n; ++phase) {
    if (i % 2 == phase % 2 && i + 1 < n)
      if (s[i] > s[i + 1]) {
        const int t = s[i];
        s[i] = s[i + 1];
        s[i + 1] = t;
      }
    if constexpr (right) __syncthreads();
  }
  __syncthreads();
  x[i] = s[i];
}

template <bool right>
__global__ void bitonic_sort(int* x) {
  __shared__ int s[128];
  const unsigned i = threadIdx.x;
  s[i] = x[i];
  __syncthreads();
  for (unsigned k = 2; k <= blockDim.x; k *= 2)
    for (unsigned j = k / 2; j > 0; j /= 2) {
      const unsigned other = i ^ j;
      if (other > i) {
        if ((i & k) == 0) {
          if (s[i] > s[other]) {
            const int t = s[i];
            s[i] = s[other];
            s[other] = t;
          }
        } else {
          if (s[i] < s[other]) {
            const int t = s[i];
            s[i] = s[other];
            s[other] = t;
          }
        }
      }
      if constexpr (right) __syncthreads();
    }
  __syncthreads();
  x[i] = s[i];
}

// Blelloch's: up, then down. `missing`: which barrier is.
template <int missing>
__global__ void blelloch_scan(int* x, int n) {
  __shared__ int s[128];
  const int i = threadIdx.x;
  s[2 * i] = x[2 * i];
  s[2 * i + 1] = x[2 * i + 1];
  int step = 1;
  for (int d = n / 2; d > 0; d /= 2) {
    if constexpr (missing != 1) __syncthreads();
    if (i < d) {
      const int a = step * (2 * i + 1) - 1;
      const int b = step * (2 * i + 2) - 1;
      s[b] += s[a];
    }
    step *= 2;
  }
  if (i == 0) s[n - 1] = 0;
  for (int d = 1; d < n; d *= 2) {
    step /= 2;
    if constexpr (missing != 2) __syncthreads();
    if (i < d) {
      const int a = step * (2 * i + 1) - 1;
      const int b = step * (2 * i + 2) - 1;
      const int t = s[a];
      s[a] = s[b];
      s[b] += t;
    }
  }
  __syncthreads();
  x[2 * i] = s[2 * i];
  x[2 * i + 1] = s[2 * i + 1];
}

struct Numbers {
  int* x;
  Numbers() {
    std::vector<int> host(128);
    for (int i = 0; i < 128; ++i) host[i] = i * 37 % 128;
    cudaMalloc(&x, 128 * sizeof(int));
    cudaMemcpy(x, host.data(), 128 * sizeof(int), cudaMemcpyHostToDevice);
  }
  ~Numbers() { cudaFree(x); }
};
BUG(odd_even_sort_without_a_barrier, "race", 1) {
  Numbers n;
  right ? odd_even_sort<true><<<1, 128>>>(n.x, 128) : odd_even_sort<false><<<1, 128>>>(n.x, 128);
}
BUG(bitonic_sort_without_a_barrier, "race", 1) {
  Numbers n;
  right ? bitonic_sort<true><<<1, 128>>>(n.x) : bitonic_sort<false><<<1, 128>>>(n.x);
}
BUG(scan_without_a_barrier_on_its_way_up, "race", 1) {
  Numbers n;
  right ? blelloch_scan<0><<<1, 64>>>(n.x, 128) : blelloch_scan<1><<<1, 64>>>(n.x, 128);
}
BUG(scan_without_a_barrier_on_its_way_down, "race", 1) {
  Numbers n;
  right ? blelloch_scan<0><<<1, 64>>>(n.x, 128) : blelloch_scan<2><<<1, 64>>>(n.x, 128);
}

template <int missing>
__global__ void product(const float* a, const float* b, float* c, int n) {
  __shared__ float left[8][8], above[8][8];
  const int i = blockIdx.y * 8 + threadIdx.y, j = blockIdx.x * 8 + threadIdx.x;
  float sum = 0;
  for (int t = 0; t < n; t += 8) {
    left[threadIdx.y][threadIdx.x] = a[i * n + t + threadIdx.x];
    above[threadIdx.y][threadIdx.x] = b[(t + threadIdx.y) * n + j];
    if constexpr (missing != 1) __syncthreads();
    for (int k = 0; k < 8; ++k) sum += left[threadIdx.y][k] * above[k][threadIdx.x];
    if constexpr (missing != 2) __syncthreads();
  }
  c[i * n + j] = sum;
}
template <int missing>
void multiply() {
  Device<float> a(32 * 32, 1), b(32 * 32, 1), c(32 * 32);
  product<missing><<<dim3(4, 4), dim3(8, 8)>>>(a, b, c, 32);
}
BUG(tiles_used_before_they_are_loaded, "race", 1) { right ? multiply<0>() : multiply<1>(); }
BUG(tiles_loaded_while_they_are_used, "race", 1) { right ? multiply<0>() : multiply<2>(); }

template <bool right>
__global__ void twice_shifted(const float* x, float* out) {
  __shared__ float s[64], r[64];
  const unsigned i = threadIdx.x;
  s[i] = x[i];
  if constexpr (right) __syncthreads();
  r[i] = s[63 - i];
  if constexpr (right) __syncthreads();
  out[i] = r[i ^ 1];
}
BUG(two_barriers_missing, "race", 2) {
  Device<float> x(64, 1), out(64);
  right ? twice_shifted<true><<<1, 64>>>(x, out) : twice_shifted<false><<<1, 64>>>(x, out);
}

// A missing barrier, and an index that two threads share.
template <bool right>
__global__ void halves(const float* x, float* out) {
  __shared__ float s[64], r[64];
  const unsigned i = threadIdx.x;
  s[i] = x[i];
  r[right ? i : i / 2] = i;
  if constexpr (right) __syncthreads();
  out[i] = s[63 - i];
  __syncthreads();
  if (right || i < 32) out[i] += r[i];
}
BUG(a_barrier_missing_and_an_index_wrong, "race", 2) {
  Device<float> x(64, 1), out(64);
  right ? halves<true><<<1, 64>>>(x, out) : halves<false><<<1, 64>>>(x, out);
}

// All barriers behind an early return miss the same threads.
template <bool right>
__global__ void three_barriers(float* x, int n) {
  __shared__ float s[64];
  const int i = threadIdx.x;
  if (!right && i >= n) return;
  s[i] = i < n ? x[i] : 0;
  __syncthreads();
  const float left = s[i > 0 ? i - 1 : 0];
  __syncthreads();
  s[i] += left;
  __syncthreads();
  if (i < n) x[i] = s[n - 1 - i];
}
BUG(early_return_before_three_barriers, "barrier", 1) {
  Device<float> x(50, 1);
  right ? three_barriers<true><<<1, 64>>>(x, 50) : three_barriers<false><<<1, 64>>>(x, 50);
}

}  // namespace
