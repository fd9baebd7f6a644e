// Sorting: bitonic in shared memory, a radix sort a bit at a time, and merging sorted runs by binary search.
#include <algorithm>
#include <cstdio>
#include <vector>

constexpr int tile = 256;

__global__ void bitonic(int* data) {
  __shared__ int s[tile];
  const unsigned t = threadIdx.x;
  int* mine = data + blockIdx.x * tile;
  s[t] = mine[t];
  __syncthreads();
  for (unsigned k = 2; k <= tile; k <<= 1)
    for (unsigned j = k >> 1; j > 0; j >>= 1) {
      const unsigned other = t ^ j;
      if (other > t && (s[t] > s[other]) == ((t & k) == 0)) {
        const int swap = s[t];
        s[t] = s[other];
        s[other] = swap;
      }
      __syncthreads();
    }
  mine[t] = s[t];
}

__host__ __device__ inline int rank_in(const int* run, int n, int value, bool count_equal) {
  int low = 0, high = n;
  while (low < high) {
    const int mid = (low + high) / 2;
    if (run[mid] < value || (count_equal && run[mid] == value))
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

__global__ void merge_runs(const int* in, int* out, int width, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int run = i / width, pair = run / 2 * 2 * width;
  const bool second = run & 1;
  const int* other = in + pair + (second ? 0 : width);
  const int length = max(0, min(width, n - int(other - in)));
  out[pair + i % width + rank_in(other, length, in[i], second)] = in[i];
}

__global__ void split_by_bit(const int* in, int* out, int bit, int n) {
  extern __shared__ int zeros[];
  const int t = threadIdx.x;
  const int key = t < n ? in[t] : -1, zero = t < n && !(key >> bit & 1);
  zeros[t] = zero;
  for (int d = 1; d < blockDim.x; d <<= 1) {
    __syncthreads();
    const int add = t >= d ? zeros[t - d] : 0;
    __syncthreads();
    zeros[t] += add;
  }
  __syncthreads();
  const int all = zeros[blockDim.x - 1];
  if (t < n) out[zero ? zeros[t] - 1 : all + t - zeros[t]] = key;
}

int main() {
  const int n = 4 * tile;
  std::vector<int> h(n), want;
  for (int i = 0; i < n; ++i) h[i] = i * 7919 % 4099;
  want = h;
  std::sort(want.begin(), want.end());
  int *a, *b;
  cudaMalloc(&a, n * sizeof(int));
  cudaMalloc(&b, n * sizeof(int));
  cudaMemcpy(a, h.data(), n * sizeof(int), cudaMemcpyHostToDevice);
  bitonic<<<n / tile, tile>>>(a);
  for (int width = tile; width < n; width *= 2) {
    merge_runs<<<n / 128, 128>>>(a, b, width, n);
    std::swap(a, b);
  }
  std::vector<int> got(n);
  cudaMemcpy(got.data(), a, n * sizeof(int), cudaMemcpyDeviceToHost);
  if (got != want) return std::puts("merge sort is wrong"), 1;

  const int few = 777;
  cudaMemcpy(a, h.data(), few * sizeof(int), cudaMemcpyHostToDevice);
  for (int bit = 0; bit < 13; ++bit) {
    split_by_bit<<<1, 1024, 1024 * sizeof(int)>>>(a, b, bit, few);
    std::swap(a, b);
  }
  got.resize(few), want = std::vector<int>(h.begin(), h.begin() + few);
  std::sort(want.begin(), want.end());
  cudaMemcpy(got.data(), a, few * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(a);
  cudaFree(b);
  return got != want;
}
