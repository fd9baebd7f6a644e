// What programs do though the manual is silent or warns: warps in step behind uneven loops and in global
// memory, lanes read that take no part, locks within a block, maxima by compare-and-swap that stop early,
// locks given to kernels by value, blocks that wait for later ones, the host's own memory read by kernels.
#ifndef __CUDACC__
#error "compiled as CUDA, and not told so"
#endif
#define T 128  // before the headers, whose own names these are not to touch
#define N 8192
#include <cooperative_groups.h>
#undef T
#undef N
#include <cuda_pipeline.h>

#include <cstdio>
#include <cstdlib>

#include "device_functions.h"
#include "math_functions.h"
#include "nvToolsExt.h"
#include "sm_60_atomic_functions.h"

namespace cg = cooperative_groups;

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

__device__ float lerp(float a, float b, float t) { return a + t * (b - a); }

// One warp a row: lanes have as many numbers as the row leaves them.
__global__ void row_sums(const int* begin, const float* x, float* sums, int rows) {
  __shared__ volatile float part[64];
  const int t = threadIdx.x, lane = t & 31, row = blockIdx.x * 2 + t / 32;
  if (row >= rows) return;
  part[t] = 0;
  for (int i = begin[row] + lane; i < begin[row + 1]; i += 32) part[t] += x[i];
  if (lane < 16) part[t] += part[t + 16];
  if (lane < 8) part[t] += part[t + 8];
  if (lane < 4) part[t] += part[t + 4];
  if (lane < 2) part[t] += part[t + 2];
  if (lane < 1) sums[row] = part[t] + part[t + 1];
}

// A block adds up its part of global memory where it stands.
__global__ void sum_in_place(int* x) {
  const int t = threadIdx.x;
  if (t < 64) x[t] += x[t + 64];
  __syncthreads();
  if (t < 32) {
    volatile int* v = x;
    v[t] += v[t + 32];
    v[t] += v[t + 16];
    v[t] += v[t + 8];
    v[t] += v[t + 4];
    v[t] += v[t + 2];
    v[t] += v[t + 1];
  }
}

// Every thread has its ticket, those of one warp too.
__global__ void by_tickets(unsigned* next, volatile unsigned* serving, int* count) {
  const unsigned ticket = atomicAdd(next, 1);
  while (*serving != ticket) {
  }
  __threadfence();
  ++*count;
  __threadfence();
  *serving = ticket + 1;
}

// Blocks that run at once raise the same flags.
__global__ void raise_flags(bool* changed, int* flags) {
  for (int i = 0; i < 40; ++i) flags[(i * 7 + threadIdx.x) % 1024] = 1;
  *changed = true;
}

// The first lanes reduce by themselves, and reach for those outside their mask, which give 0.
__global__ void eight_lanes(float* out) {
  float v = threadIdx.x + 1;
  const unsigned mask = __ballot_sync(~0u, threadIdx.x < 8);
  if (threadIdx.x < 8)
    for (int offset = 16; offset > 0; offset /= 2) v += __shfl_down_sync(mask, v, offset);
  if (threadIdx.x == 0) *out = lerp(0, v, 0.5f);
}

class Lock {
 public:
  Lock() {
    cudaMalloc(&state_, sizeof(int));
    cudaMemset(state_, 0, sizeof(int));
  }
  Lock(const Lock& other) : state_(other.state_), owner_(false) {}
  ~Lock() {
    if (owner_) cudaFree(state_);
  }
  __device__ void lock() {
    while (atomicCAS(state_, 0, 1) != 0) {
    }
    __threadfence();
  }
  __device__ void unlock() {
    __threadfence();
    atomicExch(state_, 0);
  }

 private:
  int* state_ = nullptr;
  bool owner_ = true;
};
struct Entry {
  int key;
  Entry* next;
};
__global__ void push_all(Lock lock, Entry* pool, Entry** head) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  pool[i].key = i;
  lock.lock();
  pool[i].next = *head;  // plain accesses: the lock orders them
  *head = &pool[i];
  lock.unlock();
}

/// Given to a kernel by value: the host's copies free the memory, one of them for nothing; the threads' do
/// not.
struct Owner {
  int* p;
  ~Owner() { cudaFree(p); }
};
__global__ void fill(Owner to, int value) { to.p[threadIdx.x] = value; }

__device__ void atomic_maximum(float* address, float value) {
  int* bits = reinterpret_cast<int*>(address);
  int old = *bits;  // a guess, and the end of it where it is large enough
  while (value > __int_as_float(old)) {
    const int assumed = old;
    old = atomicCAS(bits, assumed, __float_as_int(value));
    if (old == assumed) break;
  }
}
__global__ void maximum(const float* x, int n, float* largest) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) atomic_maximum(largest, x[i]);
}

// Onto a list without a lock: the head is a guess until it has been swapped.
__global__ void push_without_lock(Entry* pool, unsigned* head) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x + 1;
  unsigned top = *head, seen;
  do {
    seen = top;
    pool[i].next = pool + seen;
    __threadfence();
    top = atomicCAS(head, seen, i);
  } while (top != seen);
}

// An argument that is copied with what it owns.
struct Deep {
  int* value;
  explicit Deep(int v) { cudaMallocManaged(&value, sizeof(int)), *value = v; }
  Deep(const Deep& other) { cudaMallocManaged(&value, sizeof(int)), *value = *other.value; }
  ~Deep() { cudaFree(value); }
};
__global__ void read_deep(Deep deep, int* out) { out[threadIdx.x] = ++*deep.value; }

// Each block waits for the one behind it.
__global__ void backwards(int* done, int* order) {
  __shared__ int mine;
  if (threadIdx.x == 0) {
    if (blockIdx.x + 1 < gridDim.x)
      while (atomicAdd(&done[blockIdx.x + 1], 0) == 0) {
      }
    mine = blockIdx.x;
  }
  __syncthreads();
  if (threadIdx.x == 33) order[blockIdx.x] = mine;
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    atomicExch(&done[blockIdx.x], 1);
  }
}

__global__ void ranks(unsigned* out) {
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  auto four = cg::tiled_partition<4>(warp);
  out[threadIdx.x] = four.meta_group_rank() * 100 + four.meta_group_size() * 10 + warp.meta_group_size();
}

__global__ void staged(const int* in, int* out) {
  __shared__ alignas(16) int tile[64];
  if (threadIdx.x < 16) __pipeline_memcpy_async(tile + 4 * threadIdx.x, in + 4 * threadIdx.x, 16);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  __syncthreads();
  out[threadIdx.x] = tile[63 - threadIdx.x];
}

__global__ void add_one(int* x) { ++*x; }
__global__ void times_ten(int* x) { *x *= 10; }
__global__ void chores(int* x) {
  times_ten<<<1, 1, 0, cudaStreamTailLaunch>>>(x);
  add_one<<<1, 1>>>(x);
}

// A sum between two that rounding in either direction gives, one unit in the last place apart.
__global__ void enclose(double* sums, float* roots) {
  sums[0] = __dadd_rd(1, 1e-30), sums[1] = __dadd_ru(1, 1e-30), sums[2] = 1 + sums[2];
  roots[0] = __fsqrt_rd(2), roots[1] = __fsqrt_ru(2), roots[2] = __fdiv_rz(-1, 3),
  roots[3] = __fdiv_rd(-1, 3);
}

int main() {
  const int rows = 7;
  int* begin;
  float *x, *sums;
  cudaMallocManaged(&begin, (rows + 1) * sizeof(int));
  cudaMallocManaged(&x, 1024 * sizeof(float)), cudaMallocManaged(&sums, rows * sizeof(float));
  for (int row = 0; row <= rows; ++row) begin[row] = row * row * 13;
  for (int i = 0; i < 1024; ++i) x[i] = i % 29;
  row_sums<<<(rows + 1) / 2, 64>>>(begin, x, sums, rows);
  cudaThreadSynchronize();
  for (int row = 0; row < rows; ++row) {
    float sum = 0;
    for (int i = begin[row]; i < begin[row + 1]; ++i) sum += x[i];
    REQUIRE(sums[row] == sum);
  }
  int* tickets;
  cudaMallocManaged(&tickets, 128 * sizeof(int));
  for (int i = 0; i < 128; ++i) tickets[i] = i;
  sum_in_place<<<1, 128>>>(tickets);
  cudaDeviceSynchronize();
  REQUIRE(tickets[0] == 127 * 64);
  tickets[0] = tickets[1] = tickets[2] = 0;
  by_tickets<<<2, 64>>>(reinterpret_cast<unsigned*>(tickets), reinterpret_cast<unsigned*>(tickets + 1),
                        tickets + 2);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && tickets[2] == 128);
  cudaFree(tickets);
  eight_lanes<<<1, 32>>>(sums);
  cudaDeviceSynchronize();
  REQUIRE(sums[0] == 18);

  const int entries = 3 * 64;
  Entry *pool, **head;
  cudaMallocManaged(&pool, entries * sizeof(Entry)), cudaMallocManaged(&head, sizeof *head);
  *head = nullptr;
  {
    Lock lock;
    push_all<<<3, 64>>>(lock, pool, head);
    cudaDeviceSynchronize();
  }
  int seen = 0, keys = 0;
  for (Entry* e = *head; e; e = e->next) ++seen, keys += e->key;
  REQUIRE(seen == entries && keys == entries * (entries - 1) / 2);
  cudaFree(pool), cudaFree(head), cudaFree(begin), cudaFree(sums);

  int* numbers;
  float* largest;
  cudaMallocManaged(&largest, sizeof(float)), cudaMallocManaged(&numbers, 64 * sizeof(int));
  fill<<<1, 64>>>(Owner{numbers}, 5);
  cudaDeviceSynchronize();
  REQUIRE(cudaGetLastError() == cudaErrorInvalidValue);
  cudaMallocManaged(&numbers, 64 * sizeof(int));
  *largest = 0;
  maximum<<<4, 256>>>(x, 1024, largest);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && *largest == 28);
  cudaFree(largest), cudaFree(x);

  Entry* links;
  unsigned* top;
  cudaMalloc(&links, 257 * sizeof(Entry)), cudaMallocManaged(&top, sizeof *top), *top = 0;
  push_without_lock<<<4, 64>>>(links, top);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && *top > 0);
  cudaFree(links), cudaFree(top);

  read_deep<<<1, 3>>>(Deep(6), numbers);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && numbers[2] == 7);

  int *done, *order;
  cudaMallocManaged(&done, 6 * sizeof(int)), cudaMallocManaged(&order, 6 * sizeof(int));
  cudaMemset(done, 0, 6 * sizeof(int));
  backwards<<<6, 64>>>(done, order);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int b = 0; b < 6; ++b) REQUIRE(order[b] == b);
  cudaFree(done), cudaFree(order);

  bool* changed;
  int* flags;
  cudaMallocManaged(&changed, 1), cudaMalloc(&flags, 1024 * sizeof(int));
  for (int i = 0; i < 20; ++i) {
    cudaMemset(changed, 0, 1), cudaMemset(flags, 0, 1024 * sizeof(int));
    raise_flags<<<8, 256>>>(changed, flags);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess && *changed);
  }
  cudaFree(changed), cudaFree(flags);

  ranks<<<1, 64>>>(reinterpret_cast<unsigned*>(numbers));
  cudaDeviceSynchronize();
  for (int i = 0; i < 64; ++i) REQUIRE(numbers[i] == i % 32 / 4 * 100 + 8 * 10 + 2);

  int *own = static_cast<int*>(std::malloc(64 * sizeof(int))), *on_device;
  for (int i = 0; i < 64; ++i) own[i] = i;
  REQUIRE(cudaHostRegister(own, 64 * sizeof(int), cudaHostRegisterMapped) == cudaSuccess);
  REQUIRE(cudaHostGetDevicePointer(&on_device, own, 0) == cudaSuccess);
  staged<<<1, 64>>>(on_device, numbers);
  cudaDeviceSynchronize();
  for (int i = 0; i < 64; ++i) REQUIRE(numbers[i] == 63 - i);
  numbers[0] = 4;
  chores<<<1, 1>>>(numbers);
  cudaDeviceSynchronize();
  REQUIRE(numbers[0] == 50);
  REQUIRE(cudaHostUnregister(own) == cudaSuccess &&
          cudaHostUnregister(own) == cudaErrorHostMemoryNotRegistered);
  cudaGetLastError();
  std::free(own);
  cudaFree(numbers);

  double* enclosing;
  float* roots;
  cudaMallocManaged(&enclosing, 3 * sizeof(double)), cudaMallocManaged(&roots, 4 * sizeof(float));
  enclosing[2] = 1e-30;
  enclose<<<1, 1>>>(enclosing, roots);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(enclosing[0] == 1 && enclosing[1] == 1 + 0x1p-52 && enclosing[2] == 1);
  REQUIRE(roots[0] < roots[1] && roots[1] - roots[0] == 0x1p-23f && roots[2] - roots[3] == 0x1p-25f);
  REQUIRE(double(roots[0]) * roots[0] < 2 && double(roots[1]) * roots[1] > 2);
  cudaFree(enclosing), cudaFree(roots);
  return 0;
}
