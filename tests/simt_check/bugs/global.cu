// Global memory: bounds, alignment, lifetime, initial values, and races between threads and blocks.
#include <cassert>

#include "bug.hpp"

namespace {

template <bool right>
__global__ void fill(float* x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (right ? i < n : i <= n) x[i] = 1;
}
BUG(guard_off_by_one, "out-of-bounds") {
  Device<float> x(100);
  right ? fill<true><<<2, 64>>>(x, 100) : fill<false><<<2, 64>>>(x, 100);
}

template <bool right>
__global__ void unguarded(float* x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (!right || i < n) x[i] += 1;
}
BUG(missing_guard, "out-of-bounds") {
  Device<float> x(100, 1);
  right ? unguarded<true><<<2, 64>>>(x, 100) : unguarded<false><<<2, 64>>>(x, 100);
}

template <bool right>
__global__ void difference(const float* x, float* out) {
  const int i = threadIdx.x;
  out[i] = x[i] - (right && i == 0 ? 0 : x[i - 1]);
}
BUG(index_before_the_start, "out-of-bounds") {
  Device<float> x(64, 1), out(64);
  right ? difference<true><<<1, 64>>>(x, out) : difference<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void rows(float* x, int height, int width) {
  const int i = threadIdx.y, j = threadIdx.x;
  if (i < height && j < width) x[right ? i * width + j : i * 32 + j] = 1;
}
BUG(wrong_row_length, "out-of-bounds") {
  Device<float> x(15 * 20);
  right ? rows<true><<<1, dim3(32, 32)>>>(x, 15, 20) : rows<false><<<1, dim3(32, 32)>>>(x, 15, 20);
}

template <bool right>
__global__ void transposed(const float* x, float* out, int height, int width) {
  const int i = threadIdx.y, j = threadIdx.x;
  if (i < height && j < width) out[i * width + j] = x[right ? i * width + j : j * width + i];
}
BUG(transposed_index, "out-of-bounds") {
  Device<float> x(4 * 30, 1), out(4 * 30);
  right ? transposed<true><<<1, dim3(32, 4)>>>(x, out, 4, 30)
        : transposed<false><<<1, dim3(32, 4)>>>(x, out, 4, 30);
}

template <bool right>
__global__ void vector_tail(const float* x, float* out, int n) {
  const int i = 4 * threadIdx.x;
  if (right ? i + 3 < n : i < n) {
    const float4 v = *reinterpret_cast<const float4*>(x + i);
    out[i] = v.x + v.y + v.z + v.w;
  }
}
BUG(vector_load_past_the_tail, "out-of-bounds") {
  Device<float> x(30, 1), out(32);
  right ? vector_tail<true><<<1, 32>>>(x, out, 30) : vector_tail<false><<<1, 32>>>(x, out, 30);
}

__global__ void byte_copy(const unsigned char* x, unsigned char* out, int n) {
  if (int(threadIdx.x) < n) out[threadIdx.x] = x[threadIdx.x];
}
BUG(one_byte_too_many, "out-of-bounds") {
  Device<unsigned char> x(33, 1), out(33);
  byte_copy<<<1, 64>>>(x, out, right ? 33 : 34);
}

template <bool right>
__global__ void vectors(const float* x, float4* out) {
  out[threadIdx.x] = *reinterpret_cast<const float4*>(x + 4 * threadIdx.x + (right ? 0 : 2));
}
BUG(misaligned_float4, "misaligned") {
  Device<float> x(132, 1);
  Device<float4> out(32);
  right ? vectors<true><<<1, 32>>>(x, out) : vectors<false><<<1, 32>>>(x, out);
}

BUG(odd_rows_of_float2, "misaligned") {
  struct Local {
    static __global__ void sum(const float* x, float* out, int stride) {
      const float2 v = *reinterpret_cast<const float2*>(x + threadIdx.x * stride);
      out[threadIdx.x] = v.x + v.y;
    }
  };
  Device<float> x(32 * 8, 1), out(32);
  Local::sum<<<1, 32>>>(x, out, right ? 6 : 5);
}

__global__ void scale(const float* x, float* out) { out[threadIdx.x] = 2 * x[threadIdx.x]; }
BUG(input_never_written, "uninitialised") {
  Device<float> x(32), out(32);
  if (right) cudaMemset(x, 0, 32 * sizeof(float));
  scale<<<1, 32>>>(x, out);
}
BUG(memset_counts_bytes, "uninitialised") {
  Device<float> x(32), out(32);
  cudaMemset(x, 0, right ? 32 * sizeof(float) : 32);
  scale<<<1, 32>>>(x, out);
}
BUG(kernel_on_freed_memory, "use-after-free") {
  float* x;
  cudaMalloc(&x, 32 * sizeof(float));
  cudaMemset(x, 0, 32 * sizeof(float));
  Device<float> out(32);
  if (!right) cudaFree(x);
  scale<<<1, 32>>>(x, out);
  cudaDeviceSynchronize();
  if (right) cudaFree(x);
}
BUG(copy_too_long, "out-of-bounds") {
  Device<float> x(32);
  float host[33] = {};
  cudaMemcpy(x, host, (right ? 32 : 33) * sizeof(float), cudaMemcpyHostToDevice);
}
BUG(second_copy_too_long, "out-of-bounds", 1) {
  Device<float> x(32), y(32);
  float host[33] = {};
  cudaMemcpy(x, host, 32 * sizeof(float), cudaMemcpyHostToDevice);
  bug_line = __LINE__ + 1;
  cudaMemcpy(y, host, (right ? 32 : 33) * sizeof(float), cudaMemcpyHostToDevice);
}
BUG(copy_into_the_pointer, "unread-error", 1) {
  Device<float> x(32);
  float* p = x;
  const float host[32] = {};
  bug_line = __LINE__ + 1;
  cudaMemcpy(right ? static_cast<void*>(p) : &p, host, sizeof host, cudaMemcpyHostToDevice);
}
BUG(copy_out_of_the_pointer, "unread-error", 1) {
  Device<float> x(32, 1);
  float* p = x;
  float host[32];
  cudaMemcpy(host, right ? static_cast<void*>(p) : &p, sizeof host, cudaMemcpyDeviceToHost);
}
BUG(freed_twice, "unread-error", 1) {
  float* p;
  cudaMalloc(&p, 32 * sizeof(float));
  cudaFree(p);
  if (!right) cudaFree(p);
}
BUG(copy_past_pinned_memory, "out-of-bounds") {
  Device<float> x(64, 1);
  float* host;
  cudaMallocHost(&host, 32 * sizeof(float));
  bug_line = __LINE__ + 1;
  cudaMemcpy(host, x, (right ? 32 : 33) * sizeof(float), cudaMemcpyDeviceToHost);
  cudaFreeHost(host);
}
__global__ void set_first(float* x, int n) {
  if (static_cast<int>(threadIdx.x) < n) x[threadIdx.x] = 1;
}
BUG(kernel_past_pinned_memory, "out-of-bounds", 1) {
  float* host;
  cudaHostAlloc(&host, 20 * sizeof(float), cudaHostAllocMapped);
  set_first<<<1, 32>>>(host, right ? 20 : 21);
  cudaDeviceSynchronize();
  cudaFreeHost(host);
}
BUG(copy_back_too_long, "out-of-bounds") {
  Device<float> x(32, 1);
  float host[33];
  cudaMemcpy(host, x, (right ? 32 : 33) * sizeof(float), cudaMemcpyDeviceToHost);
}
BUG(host_reads_device_memory, "host-access") {
  Device<float> x(1, 1);
  float host = 0;
  if (right)
    cudaMemcpy(&host, x, sizeof host, cudaMemcpyDeviceToHost);
  else
    host = *static_cast<volatile float*>(static_cast<float*>(x));
  (void)host;
}
BUG(host_writes_device_memory, "host-access") {
  Device<float> x(1);
  const float one = 1;
  if (right)
    cudaMemcpy(x, &one, sizeof one, cudaMemcpyHostToDevice);
  else
    *static_cast<float*>(x) = one;
}

BUG(host_pointer_in_a_kernel, "host-pointer") {
  std::vector<float> host(32, 1);
  Device<float> x(32, 1), out(32);
  scale<<<1, 32>>>(right ? static_cast<float*>(x) : host.data(), out);
  cudaDeviceSynchronize();
}

template <bool right>
__global__ void total(const float* x, float* sum) {
  if constexpr (right)
    atomicAdd(sum, x[blockIdx.x * blockDim.x + threadIdx.x]);
  else if (threadIdx.x == 0)
    *sum += x[blockIdx.x * blockDim.x];
}
BUG(sum_over_blocks_without_atomics, "race") {
  Device<float> x(128, 1), sum(1, 0);
  right ? total<true><<<4, 32>>>(x, sum) : total<false><<<4, 32>>>(x, sum);
}

template <bool right>
__global__ void smooth(float* x, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float* to = right ? out : x;
  if (i > 0 && i + 1 < n) to[i] = (x[i - 1] + x[i] + x[i + 1]) / 3;
}
BUG(stencil_in_place, "race") {
  Device<float> x(128, 1), out(128);
  right ? smooth<true><<<4, 32>>>(x, out, 128) : smooth<false><<<4, 32>>>(x, out, 128);
}

template <bool right>
__global__ void last_block(const float* x, float* parts, unsigned* done, float* out) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = x[blockIdx.x];
    if constexpr (right) __threadfence();
    last = atomicAdd(done, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    float sum = 0;
    for (unsigned i = 0; i < gridDim.x; ++i) sum += parts[i];
    *out = sum;
  }
}
BUG(last_block_without_fence, "race") {
  Device<float> x(4, 1), parts(4), out(1);
  Device<unsigned> done(1, 0);
  right ? last_block<true><<<4, 32>>>(x, parts, done, out)
        : last_block<false><<<4, 32>>>(x, parts, done, out);
}

// The fence orders what came before it, not the counting.
template <bool right>
__global__ void count_blocks(const float* x, float* parts, unsigned* done, float* out) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = x[blockIdx.x];
    __threadfence();
    last = (right ? atomicAdd(done, 1u) : (*done)++) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) *out = 1;
}
BUG(last_block_counted_without_atomics, "race", 1) {
  Device<float> x(4, 1), parts(4), out(1);
  Device<unsigned> done(1, 0);
  right ? count_blocks<true><<<4, 32>>>(x, parts, done, out)
        : count_blocks<false><<<4, 32>>>(x, parts, done, out);
}

template <bool right>
__global__ void grid_stride(float* x, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (right ? gridDim.x : 1) * blockDim.x)
    x[i] += 1;
}
BUG(stride_of_one_block, "race") {
  Device<float> x(256, 1);
  right ? grid_stride<true><<<2, 64>>>(x, 256) : grid_stride<false><<<2, 64>>>(x, 256);
}

template <bool right>
__global__ void reverses(int* s) {
  int n = 0;
  while (s[n]) ++n;
  if constexpr (right) __syncthreads();
  if (int(threadIdx.x) < n / 2) {
    const int first = s[threadIdx.x];
    s[threadIdx.x] = s[n - 1 - threadIdx.x];
    s[n - 1 - threadIdx.x] = first;
  }
}
BUG(length_taken_while_others_write, "race", 1) {
  Device<int> s(32, 0);
  int host[32] = {};
  for (int i = 0; i < 24; ++i) host[i] = i + 1;
  cudaMemcpy(s, host, sizeof host, cudaMemcpyHostToDevice);
  right ? reverses<true><<<1, 32>>>(s) : reverses<false><<<1, 32>>>(s);
}

template <int size>
__global__ void counts_plainly(int* bins, int mask) {
  if (threadIdx.x < size) bins[threadIdx.x & mask] += 1;
}
BUG(counts_without_atomics_in_two_instances, "race", 1) {
  Device<int> bins(64, 0), more(64, 0);
  int mask = right ? 63 : 1;
  int* data[] = {bins, more};
  void* first[] = {&data[0], &mask};
  void* second[] = {&data[1], &mask};
  cudaLaunchKernel(counts_plainly<32>, dim3(1), dim3(64), first, 0, nullptr);
  cudaLaunchKernel(counts_plainly<64>, dim3(1), dim3(64), second, 0, nullptr);
}

__global__ void scatter(const int* where, float* out) { out[where[threadIdx.x]] = threadIdx.x; }
BUG(scatter_with_duplicates, "race") {
  std::vector<int> host(64);
  for (int i = 0; i < 64; ++i) host[i] = right ? i : i / 2;
  Device<int> where(64, 0);
  cudaMemcpy(where, host.data(), 64 * sizeof(int), cudaMemcpyHostToDevice);
  Device<float> out(64);
  scatter<<<1, 64>>>(where, out);
}

// Threads that all store the same value do no harm.
template <bool right>
__global__ void raise_flags(int* flag, char* near) {
  __shared__ int found;
  found = 1;
  __syncthreads();
  if (threadIdx.x % 3 == 0) *flag = right ? found : threadIdx.x;
  near[1] = 'y';
}
BUG(one_flag_of_many_values, "race") {
  Device<int> flag(1);
  Device<char> near(4, 'n');
  right ? raise_flags<true><<<2, 64>>>(flag, near) : raise_flags<false><<<2, 64>>>(flag, near);
}

template <bool right>
__global__ void counter(int* count, int* out) {
  const int before = atomicAdd(count, 1);
  if constexpr (right)
    out[before] = 1;
  else
    out[threadIdx.x] = *count;
}
BUG(plain_read_of_an_atomic, "race") {
  Device<int> count(1, 0), out(64);
  right ? counter<true><<<1, 64>>>(count, out) : counter<false><<<1, 64>>>(count, out);
}

template <bool right>
__global__ void count_all(int* count) {
  __shared__ int own;
  if (threadIdx.x == 0) own = 0;
  __syncthreads();
  atomicAdd_block(right ? &own : count, 1);
  __syncthreads();
  if (right && threadIdx.x == 0) atomicAdd(count, own);
}
BUG(block_atomic_across_blocks, "race") {
  Device<int> count(1, 0);
  right ? count_all<true><<<4, 64>>>(count) : count_all<false><<<4, 64>>>(count);
}

enum class Heap { right, freed, too_far, freed_twice };
__device__ __attribute__((noinline)) void give_back(int* p) { free(p); }  // unseen by the compiler
template <Heap how>
__global__ void from_the_heap(int* out) {
  int* p = static_cast<int*>(malloc(7 * sizeof(int)));
  for (int i = 0; i < 7; ++i) p[i] = i;
  if (how == Heap::too_far) *static_cast<volatile int*>(p + 7) = 7;
  if (how == Heap::freed) give_back(p);
  out[threadIdx.x] = *static_cast<volatile int*>(p + 3);
  if (how != Heap::freed) give_back(p);
  if (how == Heap::freed_twice) give_back(p);
}
BUG(heap_of_kernels_used_when_freed, "use-after-free", 1) {
  Device<int> out(32);
  right ? from_the_heap<Heap::right><<<1, 32>>>(out) : from_the_heap<Heap::freed><<<1, 32>>>(out);
}
BUG(heap_of_kernels_past_the_end, "out-of-bounds", 1) {
  Device<int> out(32);
  right ? from_the_heap<Heap::right><<<1, 32>>>(out) : from_the_heap<Heap::too_far><<<1, 32>>>(out);
}
BUG(heap_of_kernels_freed_twice, "use-after-free", 1) {
  Device<int> out(32);
  right ? from_the_heap<Heap::right><<<1, 32>>>(out) : from_the_heap<Heap::freed_twice><<<1, 32>>>(out);
}

__global__ void roots(const float* x, float* out) {
  assert(x[threadIdx.x] >= 0);
  out[threadIdx.x] = sqrtf(x[threadIdx.x]);
}
BUG(assertion_that_fails, "assert") {
  Device<float> x(64, right ? 1 : -1), out(64);
  roots<<<1, 64>>>(x, out);
}

}  // namespace
