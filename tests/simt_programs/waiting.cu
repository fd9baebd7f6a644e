// Threads that wait for others of their block, or of other blocks: with libcu++'s atomics, latches,
// semaphores and barriers, and in loops with a barrier in them.
#include <cstdio>
#include <cuda/atomic>
#include <cuda/barrier>
#include <cuda/latch>
#include <cuda/semaphore>
#include <cuda/std/barrier>

constexpr int blocks = 6, threads = 64;

// Blocks take turns, as those do that add their share of a sum in order: one thread looks, all decide.
struct Turn {
  volatile int* turn;
  __device__ void wait_for(int mine) {
    int seen = -1;
    while (__syncthreads_and(seen != mine)) seen = *turn;
    __syncthreads();
  }
  __device__ void pass_to(int next) {
    __syncthreads();
    if (threadIdx.x == 0) {
      __threadfence();
      *turn = next;
    }
  }
};

__global__ void in_turn(int* turn, int* list) {
  Turn order{turn};
  order.wait_for(blockIdx.x);
  list[blockIdx.x * threads + threadIdx.x] =
      blockIdx.x ? list[(blockIdx.x - 1) * threads + threadIdx.x] * 3 + 1 : 1;
  order.pass_to(blockIdx.x + 1);
}

using Flag = cuda::atomic<int, cuda::thread_scope_device>;
__global__ void backwards(Flag* done, int* value) {
  if (threadIdx.x != 0) return;
  const int mine = gridDim.x - 1 - blockIdx.x;
  for (int seen = done->load(); seen != mine; seen = done->load()) done->wait(seen);
  *value = *value * 2 + mine;
  done->store(mine + 1, cuda::std::memory_order_release);
  done->notify_all();
}

using Latch = cuda::latch<cuda::thread_scope_block>;
using Semaphore = cuda::counting_semaphore<cuda::thread_scope_block, 4>;
__global__ void within_a_block(int* sum) {
  __shared__ int parts[threads / 32];
  __shared__ Latch* all;
  __shared__ Semaphore* one;
  if (threadIdx.x == 0) {
    all = new Latch(threads / 32);
    one = new Semaphore(1);
  }
  __syncthreads();
  if (threadIdx.x % 32 == 0) {
    parts[threadIdx.x / 32] = threadIdx.x + 1;
    all->arrive_and_wait();
    one->acquire();
    for (int part : parts) *sum += part;
    one->release();
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    delete all;
    delete one;
  }
}

// Barriers of a wider scope, and with a function that the last to come calls.
using DeviceBarrier = cuda::barrier<cuda::thread_scope_device>;
__global__ void across_blocks(DeviceBarrier* barrier, int* from, int* to) {
  if (threadIdx.x != 0) return;
  for (int phase = 0; phase < 3; ++phase) {
    from[blockIdx.x] = 10 * phase + blockIdx.x;
    barrier->wait(barrier->arrive());
    to[blockIdx.x] = from[(blockIdx.x + 1) % gridDim.x];
    barrier->arrive_and_wait();
  }
}
struct Count {
  int* phases;
  __device__ void operator()() { ++*phases; }
};
__global__ void with_completion(int* seen) {
  using Barrier = cuda::barrier<cuda::thread_scope_block, Count>;
  __shared__ int phases;
  __shared__ alignas(Barrier) char storage[sizeof(Barrier)];
  Barrier& barrier = reinterpret_cast<Barrier&>(storage);
  if (threadIdx.x == 0) {
    phases = 0;
    init(&barrier, blockDim.x, Count{&phases});
  }
  __syncthreads();
  for (int i = 1; i <= 3; ++i) {
    barrier.arrive_and_wait();
    if (phases != i) atomicAdd(seen, 100);
    barrier.arrive_and_wait();
    if (threadIdx.x == 0) phases = i;
    __syncthreads();
  }
  if (threadIdx.x == 0) atomicAdd(seen, phases);
}

int main() {
  int *turn, *list, *value;
  Flag* done;
  cudaMallocManaged(&turn, sizeof(int));
  cudaMallocManaged(&list, blocks * threads * sizeof(int));
  cudaMallocManaged(&value, 2 * sizeof(int));
  cudaMallocManaged(&done, sizeof(Flag));
  *turn = value[0] = value[1] = 0;
  new (done) Flag(0);
  in_turn<<<blocks, threads>>>(turn, list);
  backwards<<<blocks, threads>>>(done, value);
  within_a_block<<<1, threads>>>(value + 1);
  DeviceBarrier host_barrier(blocks), *barrier;
  int *shifted, *phases;
  cudaMalloc(&barrier, sizeof *barrier);
  cudaMemcpy(barrier, &host_barrier, sizeof *barrier, cudaMemcpyHostToDevice);
  cudaMallocManaged(&shifted, 2 * blocks * sizeof(int));
  cudaMallocManaged(&phases, sizeof(int));
  *phases = 0;
  across_blocks<<<blocks, threads>>>(barrier, shifted + blocks, shifted);
  with_completion<<<1, threads>>>(phases);
  if (cudaDeviceSynchronize() != cudaSuccess) return 1;
  int expected = 0, power = 0, wrong = 0;
  for (int b = 0; b < blocks; ++b) {
    power = power * 3 + 1;
    expected = expected * 2 + b;
    for (int t = 0; t < threads; ++t) wrong += list[b * threads + t] != power;
  }
  wrong += value[0] != expected;
  wrong += value[1] != threads / 32 * (1 + 33);
  for (int b = 0; b < blocks; ++b) wrong += shifted[b] != 20 + (b + 1) % blocks;
  wrong += *phases != 3;
  std::printf("%d wrong\n", wrong);
  cudaFree(turn);
  cudaFree(list);
  cudaFree(value);
  cudaFree(done);
  cudaFree(barrier);
  cudaFree(shifted);
  cudaFree(phases);
  return wrong != 0;
}
