// What programs build from atomics: privatised histograms, an addition by compare-and-swap, locks,
// aggregation.
#include <cooperative_groups.h>

#include <cstdio>
#include <cuda/atomic>
#include <cuda/semaphore>

namespace cg = cooperative_groups;

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

__global__ void histogram(const unsigned char* text, int n, unsigned* bins) {
  __shared__ unsigned own[26];
  for (int b = threadIdx.x; b < 26; b += blockDim.x) own[b] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(&own[text[i] - 'a'], 1);
  __syncthreads();
  for (int b = threadIdx.x; b < 26; b += blockDim.x) atomicAdd(&bins[b], own[b]);
}

__device__ double add_by_cas(double* address, double value) {
  auto* bits = reinterpret_cast<unsigned long long*>(address);
  unsigned long long old = *bits, assumed;  // a plain read: only a guess
  do {
    assumed = old;
    old = atomicCAS(bits, assumed, __double_as_longlong(value + __longlong_as_double(assumed)));
  } while (assumed != old);
  return __longlong_as_double(old);
}

__global__ void sum(double* total) { add_by_cas(total, threadIdx.x * 0.25); }

struct Mutex {
  int* state;
  __device__ void lock() {
    while (atomicCAS(state, 0, 1) != 0) {
    }
    __threadfence();
  }
  __device__ void unlock() {
    __threadfence();
    atomicExch(state, 0);
  }
};

__global__ void count_under_lock(Mutex mutex, int* counter) {
  for (bool done = false; !done;) {
    if (atomicCAS(mutex.state, 0, 1) == 0) {
      __threadfence();
      *static_cast<volatile int*>(counter) += 1;
      mutex.unlock();
      done = true;
    }
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    mutex.lock();
    *static_cast<volatile int*>(counter) += 1;
    mutex.unlock();
  }
}

// A ticket lock, whose state is read by adding 0: the warps of a block follow one another.
struct Tickets {
  unsigned next, serving;
};

__global__ void count_by_tickets(Tickets* tickets, int* counter) {
  if (threadIdx.x % 32) return;
  const unsigned mine = atomicAdd(&tickets->next, 1u);
  while (atomicAdd(&tickets->serving, 0u) != mine) __nanosleep(50);
  __threadfence();
  *counter += 1;
  __threadfence();
  atomicAdd(&tickets->serving, 1u);
}

__device__ int append(int* length) {
  cg::coalesced_group active = cg::coalesced_threads();
  int first;
  if (active.thread_rank() == 0) first = atomicAdd(length, active.size());
  return active.shfl(first, 0) + active.thread_rank();
}

__global__ void keep_odd(const int* in, int n, int* out, int* length) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && in[i] % 2) out[append(length)] = in[i];
}

__global__ void count_keys(const int* keys, int n, int* counts) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const unsigned active = __ballot_sync(0xffffffffu, i < n);
  if (i >= n) return;
  const unsigned same = __match_any_sync(active, keys[i]);
  if (__ffs(same) - 1 == int(threadIdx.x % 32)) atomicAdd(&counts[keys[i]], __popc(same));
}

// Locks that are no plain integers: a semaphore, and a class's static member, which the checker knows nothing
// of.
struct Gate {
  static __device__ cuda::atomic<int, cuda::thread_scope_device> open;
};
__device__ cuda::atomic<int, cuda::thread_scope_device> Gate::open{1};
__device__ cuda::binary_semaphore<cuda::thread_scope_device> semaphore(1);
__global__ void count_one_by_one(int* counts) {
  semaphore.acquire();
  ++counts[0];
  semaphore.release();
  while (!Gate::open.exchange(0, cuda::memory_order_acquire)) {
  }
  ++counts[1];
  Gate::open.store(1, cuda::memory_order_release);
}

int main() {
  const int n = 1500;
  unsigned char* text;
  unsigned* bins;
  double* total;
  int *values, *odd, *cells;
  cudaMallocManaged(&text, n);
  cudaMallocManaged(&bins, 26 * sizeof(unsigned));
  cudaMallocManaged(&total, sizeof(double));
  cudaMallocManaged(&values, n * sizeof(int));
  cudaMallocManaged(&odd, n * sizeof(int));
  cudaMallocManaged(&cells, 18 * sizeof(int));
  for (int i = 0; i < 26; ++i) bins[i] = 0;
  for (int i = 0; i < 18; ++i) cells[i] = 0;
  for (int i = 0; i < n; ++i) text[i] = 'a' + i % 13, values[i] = i % 10;
  *total = 0;
  histogram<<<4, 128>>>(text, n, bins);
  sum<<<2, 128>>>(total);
  count_under_lock<<<3, 32>>>(Mutex{cells}, cells + 1);
  keep_odd<<<(n + 127) / 128, 128>>>(values, n, odd, cells + 2);
  count_by_tickets<<<3, 128>>>(reinterpret_cast<Tickets*>(cells + 14), cells + 3);
  count_keys<<<(n + 127) / 128, 128>>>(values, n, cells + 4);
  count_one_by_one<<<3, 40>>>(cells + 16);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 26; ++i) REQUIRE(bins[i] == (i < 13 ? unsigned(n / 13 + (i < n % 13)) : 0));
  REQUIRE(*total == 2 * 0.25 * 127 * 128 / 2);
  REQUIRE(cells[1] == 3 * 33);
  REQUIRE(cells[2] == n / 2);
  REQUIRE(cells[3] == 3 * 4);
  for (int i = 0; i < cells[2]; ++i) REQUIRE(odd[i] % 2 == 1);
  REQUIRE(cells[16] == 120 && cells[17] == 120);
  for (int key = 0; key < 10; ++key) REQUIRE(cells[4 + key] == n / 10);
  cudaFree(text), cudaFree(bins), cudaFree(total), cudaFree(values), cudaFree(odd), cudaFree(cells);
  std::puts("right");
  return 0;
}
