// Atomics that name their order and scope (nvcc's __nv_atomic_…), and atomics on 16 bytes.
#include <cstdio>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

__global__ void counted(int* i, unsigned long long* u, float* f, unsigned* found) {
  const int t = threadIdx.x;
  const int before = __nv_atomic_fetch_add(i, 1, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_DEVICE);
  found[before] = 1;
  __nv_atomic_sub(i + 1, t, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_DEVICE);
  __nv_atomic_fetch_max(i + 2, t, __NV_ATOMIC_RELAXED);
  __nv_atomic_min(i + 3, t - 20, __NV_ATOMIC_RELAXED);
  __nv_atomic_or(u, 1ull << t, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_DEVICE);
  __nv_atomic_fetch_xor(u + 1, 1ull << t, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_SYSTEM);
  __nv_atomic_and(u + 2, ~(1ull << t), __NV_ATOMIC_RELAXED);
  __nv_atomic_add(f, 0.5f, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_DEVICE);
}

// Blocks pass a token on, with data behind it.
__global__ void passed(int* token, int* data) {
  if (threadIdx.x > 0) return;
  const int own = blockIdx.x;
  while (__nv_atomic_load_n(token, __NV_ATOMIC_ACQUIRE, __NV_THREAD_SCOPE_DEVICE) != own) {
  }
  *data = 3 * *data + own;
  __nv_atomic_store_n(token, own + 1, __NV_ATOMIC_RELEASE, __NV_THREAD_SCOPE_DEVICE);
}

__global__ void locked(int* mutex, int* data) {
  int free = 0;
  while (!__nv_atomic_compare_exchange_n(mutex, &free, 1, false, __NV_ATOMIC_ACQUIRE, __NV_ATOMIC_RELAXED,
                                         __NV_THREAD_SCOPE_DEVICE))
    free = 0;
  *data += 1;
  int zero = 0, was;
  __nv_atomic_thread_fence(__NV_ATOMIC_RELEASE, __NV_THREAD_SCOPE_DEVICE);
  __nv_atomic_exchange(mutex, &zero, &was, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_DEVICE);
}

// A sum and its count, which nobody may see apart.
struct alignas(16) Mean {
  double sum;
  long long count;
};
__global__ void means(Mean* mean, double* last) {
  Mean seen;
  __nv_atomic_load(mean, &seen, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_DEVICE);
  for (;;) {
    const Mean next{seen.sum + threadIdx.x, seen.count + 1};
    const Mean old = atomicCAS(mean, seen, next);
    if (old.count == seen.count && old.sum == seen.sum) break;
    seen = old;
  }
  if (blockIdx.x > 0) return;
  __shared__ Mean latest;
  if (threadIdx.x == 0) latest = {0, -1};
  __syncthreads();
  const Mean mine{double(threadIdx.x), threadIdx.x}, other = atomicExch(&latest, mine);
  last[threadIdx.x] = other.count < 0 ? -1 : other.sum - other.count;
}

// The same by PTX: pairs of a pointer and its version.
__global__ void versions(ulonglong2* top) {
  unsigned long long low, high, was_low, was_high;
  asm volatile("{ .reg .b128 x; ld.relaxed.gpu.global.b128 x, [%2]; mov.b128 {%0, %1}, x; }"
               : "=l"(low), "=l"(high)
               : "l"(top));
  for (;;) {
    asm volatile(
        "{ .reg .b128 from, to, was;\n"
        "mov.b128 from, {%3, %4}; mov.b128 to, {%5, %6};\n"
        "atom.acq_rel.gpu.global.cas.b128 was, [%2], from, to;\n"
        "mov.b128 {%0, %1}, was; }"
        : "=l"(was_low), "=l"(was_high)
        : "l"(top), "l"(low), "l"(high), "l"(low ^ threadIdx.x), "l"(high + 1)
        : "memory");
    if (was_low == low && was_high == high) return;
    low = was_low, high = was_high;
  }
}

int main() {
  int* i;
  unsigned long long* u;
  float* f;
  unsigned* found;
  Mean* mean;
  double* last;
  ulonglong2* top;
  REQUIRE(cudaMallocManaged(&i, 4 * sizeof *i) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&u, 3 * sizeof *u) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&f, sizeof *f) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&found, 128 * sizeof *found) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&mean, sizeof *mean) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&last, 64 * sizeof *last) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&top, sizeof *top) == cudaSuccess);

  i[0] = i[1] = i[2] = i[3] = 0, u[0] = u[1] = 0, u[2] = ~0ull, *f = 0;
  for (int k = 0; k < 128; ++k) found[k] = 0;
  counted<<<2, 64>>>(i, u, f, found);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(i[0] == 128 && i[1] == -64 * 63 && i[2] == 63 && i[3] == -20);
  REQUIRE(u[0] == ~0ull && u[1] == 0 && u[2] == 0 && *f == 64);
  for (int k = 0; k < 128; ++k) REQUIRE(found[k] == 1);

  i[0] = i[1] = 0;
  passed<<<5, 32>>>(i, i + 1);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && i[0] == 5 && i[1] == 27 + 2 * 9 + 3 * 3 + 4);
  i[0] = i[1] = 0;
  locked<<<8, 1>>>(i, i + 1);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && i[0] == 0 && i[1] == 8);

  *mean = {0, 0};
  means<<<4, 64>>>(mean, last);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && mean->sum == 4 * 63 * 32 && mean->count == 256);
  int first = 0;
  for (int k = 0; k < 64; ++k) {
    REQUIRE(last[k] == 0 || last[k] == -1);
    first += last[k] == -1;
  }
  REQUIRE(first == 1);
  *top = {7, 0};
  versions<<<4, 64>>>(top);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && top->x == 7 && top->y == 256);
  for (void* p : {(void*)i, (void*)u, (void*)f, (void*)found, (void*)mean, (void*)last, (void*)top})
    REQUIRE(cudaFree(p) == cudaSuccess);
  return 0;
}
