// What PTX releases and acquires hand over: between blocks, under locks, and within a block.
#include <cstdio>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

// A semaphore that blocks take in their order, spelt with the space in front of the semantics.
class Turn {
 public:
  __device__ Turn(int* lock) : lock_(lock), waits_(threadIdx.x == 0) {}
  __device__ void wait(int turn) {
    while (__syncthreads_and(state_ != turn))
      if (waits_) asm volatile("ld.global.acquire.gpu.b32 %0, [%1];\n" : "=r"(state_) : "l"(lock_));
    __syncthreads();
  }
  __device__ void release(int turn) {
    __syncthreads();
    if (waits_) asm volatile("st.global.release.gpu.b32 [%0], %1;\n" ::"l"(lock_), "r"(turn));
  }

 private:
  int* lock_;
  bool waits_;
  int state_ = -1;
};
__global__ void in_turn(int* lock, float* sums) {
  Turn turn(lock);
  turn.wait(blockIdx.x);
  float* mine = sums + blockIdx.x * blockDim.x;
  mine[threadIdx.x] = blockIdx.x == 0 ? 1 : 2 * mine[-1 - int(threadIdx.x)];
  turn.release(blockIdx.x + 1);
}

// Stream-K: all blocks but the last leave their parts of a tile for it.
enum class Arrive { fence, red, atom };
template <Arrive arrive>
__global__ void fixed_up(int* arrived, float* parts, float* tile) {
  if (blockIdx.x + 1 < gridDim.x) {
    parts[blockIdx.x * blockDim.x + threadIdx.x] = blockIdx.x + threadIdx.x;
    __syncthreads();
    if (threadIdx.x > 0) return;
    if constexpr (arrive == Arrive::fence) {
      asm volatile("fence.acq_rel.gpu;\n");
      asm volatile("red.relaxed.gpu.global.add.s32 [%0], %1;\n" ::"l"(arrived), "r"(1));
    } else if constexpr (arrive == Arrive::red) {
      asm volatile("red.global.release.gpu.add.s32 [%0], %1;\n" ::"l"(arrived), "r"(1));
    } else {
      int before;
      asm volatile("{ .reg .pred p; setp.eq.u32 p, %2, 0; @p atom.global.acq_rel.sys.add.s32 %0, [%1], 1; }"
                   : "=r"(before)
                   : "l"(arrived), "r"(threadIdx.x));
    }
    return;
  }
  int count = 0;
  if (threadIdx.x == 0)
    while (count < int(gridDim.x) - 1)
      asm volatile("ld.acquire.gpu.global.s32 %0, [%1];" : "=r"(count) : "l"(arrived) : "memory");
  __syncthreads();
  float sum = 0;
  for (unsigned b = 0; b + 1 < gridDim.x; ++b) sum += parts[b * blockDim.x + threadIdx.x];
  tile[threadIdx.x] = sum;
}

__device__ void lock(int* mutex) {
  int before;
  do asm volatile("atom.acquire.gpu.cas.b32 %0, [%1], 0, 1;" : "=r"(before) : "l"(mutex) : "memory");
  while (before != 0);
}
__device__ void unlock(int* mutex) {
  asm volatile("st.release.gpu.b32 [%0], %1;" ::"l"(mutex), "r"(0) : "memory");
}
__global__ void locked(int* mutex, long long* total) {
  if (threadIdx.x % 32 != 0) return;
  lock(mutex);
  *total += blockIdx.x + threadIdx.x;
  unlock(mutex);
}

// A status and its value in one access, which no fence has to order.
__global__ void looked_back(ulonglong2* status, unsigned long long* before) {
  const unsigned long long own = blockIdx.x + 1;
  unsigned long long ready = 0, value = 0;
  while (blockIdx.x > 0 && !ready)
    asm volatile("ld.relaxed.gpu.global.v2.u64 {%0, %1}, [%2];"
                 : "=l"(ready), "=l"(value)
                 : "l"(status + blockIdx.x - 1));
  asm volatile("st.relaxed.gpu.global.v2.u64 [%0], {%1, %2};" ::"l"(status + blockIdx.x), "l"(1ull),
               "l"(value + own));
  before[blockIdx.x] = value;
}

// Warps of a block hand over by flags that only the block sees.
__global__ void relayed(int* out) {
  __shared__ int data[32];
  __shared__ unsigned flag;
  const unsigned warp = threadIdx.x / 32, address = unsigned(__cvta_generic_to_shared(&flag));
  if (threadIdx.x == 0) flag = 0;
  __syncthreads();
  unsigned seen = 0;
  while (seen != warp)
    asm volatile("ld.acquire.cta.shared::cta.u32 %0, [%1];" : "=r"(seen) : "r"(address) : "memory");
  const int lane = threadIdx.x % 32;
  data[lane] = warp == 0 ? lane : data[lane] + 1;
  __syncwarp();
  if (lane == 0)
    asm volatile("st.release.cta.shared::cta.u32 [%0], %1;" ::"r"(address), "r"(warp + 1) : "memory");
  if (warp == 3) out[lane] = data[lane];
}

int main() {
  constexpr int blocks = 6, threads = 64;
  int* flags;
  float *x, *parts;
  long long* total;
  ulonglong2* status;
  unsigned long long* before;
  REQUIRE(cudaMallocManaged(&flags, 32 * sizeof *flags) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&x, blocks * threads * sizeof *x) == cudaSuccess);
  REQUIRE(cudaMalloc(&parts, blocks * threads * sizeof *parts) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&total, sizeof *total) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&status, blocks * sizeof *status) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&before, blocks * sizeof *before) == cudaSuccess);
  const auto cleared = [&] { return cudaMemset(flags, 0, sizeof *flags) == cudaSuccess; };

  REQUIRE(cleared());
  in_turn<<<blocks, threads>>>(flags, x);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && *flags == blocks);
  for (int i = 0; i < threads; ++i) REQUIRE(x[(blocks - 1) * threads + i] == 1 << (blocks - 1));

  for (auto kernel : {fixed_up<Arrive::fence>, fixed_up<Arrive::red>, fixed_up<Arrive::atom>}) {
    REQUIRE(cleared());
    kernel<<<blocks, threads>>>(flags, parts, x);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    for (int i = 0; i < threads; ++i) REQUIRE(x[i] == (blocks - 1) * i + (blocks - 1) * (blocks - 2) / 2);
  }

  REQUIRE(cleared());
  *total = 0;
  locked<<<blocks, threads>>>(flags, total);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(*flags == 0 && *total == blocks * (blocks - 1) + 32 * blocks);

  REQUIRE(cudaMemset(status, 0, blocks * sizeof *status) == cudaSuccess);
  looked_back<<<blocks, 1>>>(status, before);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < blocks; ++i) REQUIRE(before[i] == unsigned(i * (i + 1) / 2));

  relayed<<<1, 128>>>(flags);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 32; ++i) REQUIRE(flags[i] == i + 3);
  for (void* p : {(void*)flags, (void*)x, (void*)parts, (void*)total, (void*)status, (void*)before})
    REQUIRE(cudaFree(p) == cudaSuccess);
  return 0;
}
