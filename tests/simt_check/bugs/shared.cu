// Shared memory: missing barriers, unwritten elements, wrong indices.
#include "bug.hpp"

namespace {

template <bool right>
__global__ void reverse(float* x) {
  __shared__ float tile[64];
  tile[threadIdx.x] = x[threadIdx.x];
  if constexpr (right) __syncthreads();
  x[threadIdx.x] = tile[63 - threadIdx.x];
}
BUG(missing_barrier_after_load, "race") {
  Device<float> x(64, 1);
  right ? reverse<true><<<1, 64>>>(x) : reverse<false><<<1, 64>>>(x);
}

// Called twice, and too long for the compiler to inline it by itself: it stores what the caller is to see.
struct Moments {
  float sum, squares, least, most;
};
__device__ Moments moments_of(const float* x, int n) {
  Moments m = {0, 0, x[0], x[0]};
  for (int i = 0; i < n; ++i) {
    m.sum += x[i];
    m.squares += x[i] * x[i];
    if (x[i] < m.least) m.least = x[i];
    if (x[i] > m.most) m.most = x[i];
  }
  return m;
}
template <bool right>
__global__ void spread(const float* x, float* out) {
  __shared__ Moments of_thread[64];
  of_thread[threadIdx.x] = moments_of(x + threadIdx.x, 4);
  if constexpr (right) __syncthreads();
  const Moments other = of_thread[63 - threadIdx.x];
  out[threadIdx.x] = other.most - other.least;
}
BUG(missing_barrier_after_a_call_that_returns_a_structure, "race") {
  Device<float> x(67, 1), out(64);
  right ? spread<true><<<1, 64>>>(x, out) : spread<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void tiled_sum(const float* x, float* out, int tiles) {
  __shared__ float tile[64];
  float sum = 0;
  for (int t = 0; t < tiles; ++t) {
    tile[threadIdx.x] = x[t * 64 + threadIdx.x];
    __syncthreads();
    for (int i = 0; i < 64; ++i) sum += tile[i];
    if constexpr (right) __syncthreads();
  }
  out[threadIdx.x] = sum;
}
BUG(missing_barrier_before_reuse, "race") {
  Device<float> x(256, 1), out(64);
  right ? tiled_sum<true><<<1, 64>>>(x, out, 4) : tiled_sum<false><<<1, 64>>>(x, out, 4);
}

template <bool right>
__global__ void tree_sum(const float* x, float* out) {
  __shared__ float part[128];
  part[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  for (int step = 64; step > 0; step /= 2) {
    if (int(threadIdx.x) < step) part[threadIdx.x] += part[threadIdx.x + step];
    if (right || step > 32) __syncthreads();
  }
  if (threadIdx.x == 0) *out = part[0];
}
BUG(warp_synchronous_tail, "race") {
  Device<float> x(128, 1), out(1);
  right ? tree_sum<true><<<1, 128>>>(x, out) : tree_sum<false><<<1, 128>>>(x, out);
}

template <bool right>
__global__ void neighbour(float* x) {
  __shared__ float lane[32];
  lane[threadIdx.x] = x[threadIdx.x];
  if constexpr (right) __syncwarp();
  x[threadIdx.x] = lane[threadIdx.x ^ 1];
}
BUG(missing_syncwarp, "race") {
  Device<float> x(32, 1);
  right ? neighbour<true><<<1, 32>>>(x) : neighbour<false><<<1, 32>>>(x);
}

template <bool right>
__global__ void broadcast(const float* x, float* out) {
  __shared__ float first;
  if (threadIdx.x == 0) first = x[0];
  if constexpr (right) __syncthreads();
  out[threadIdx.x] = first;
}
BUG(broadcast_without_barrier, "race") {
  Device<float> x(1, 1), out(64);
  right ? broadcast<true><<<1, 64>>>(x, out) : broadcast<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void scan(float* x) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  for (int step = 1; step < 64; step *= 2) {
    const float left = int(threadIdx.x) >= step ? s[threadIdx.x - step] : 0;
    if constexpr (right) __syncthreads();
    s[threadIdx.x] += left;
    __syncthreads();
  }
  x[threadIdx.x] = s[threadIdx.x];
}
BUG(scan_reads_while_others_write, "race") {
  Device<float> x(64, 1);
  right ? scan<true><<<1, 64>>>(x) : scan<false><<<1, 64>>>(x);
}

template <bool right>
__global__ void histogram(const int* x, int* out) {
  __shared__ int bins[8];
  if (threadIdx.x < 8) bins[threadIdx.x] = 0;
  __syncthreads();
  if constexpr (right)
    atomicAdd(&bins[x[threadIdx.x]], 1);
  else
    ++bins[x[threadIdx.x]];
  __syncthreads();
  if (threadIdx.x < 8) out[threadIdx.x] = bins[threadIdx.x];
}
BUG(histogram_without_atomics, "race") {
  Device<int> x(64, 3), out(8);
  right ? histogram<true><<<1, 64>>>(x, out) : histogram<false><<<1, 64>>>(x, out);
}

template <bool right>
__global__ void double_buffer(const float* x, float* out, int tiles) {
  __shared__ float buffer[2][64];
  float sum = 0;
  buffer[0][threadIdx.x] = x[threadIdx.x];
  for (int t = 0; t < tiles; ++t) {
    __syncthreads();
    if (t + 1 < tiles) buffer[right ? (t + 1) % 2 : t % 2][threadIdx.x] = x[(t + 1) * 64 + threadIdx.x];
    sum += buffer[right ? t % 2 : 0][63 - threadIdx.x];
  }
  out[threadIdx.x] = sum;
}
BUG(double_buffer_writes_the_wrong_half, "race") {
  Device<float> x(256, 1), out(64);
  right ? double_buffer<true><<<1, 64>>>(x, out, 4) : double_buffer<false><<<1, 64>>>(x, out, 4);
}

template <bool right>
__global__ void bytes(unsigned char* x) {
  __shared__ unsigned char tile[64];
  tile[threadIdx.x] = x[threadIdx.x];
  if constexpr (right) __syncthreads();
  x[threadIdx.x] = tile[63 - threadIdx.x];
}
BUG(missing_barrier_between_bytes, "race") {
  Device<unsigned char> x(64, 1);
  right ? bytes<true><<<1, 64>>>(x) : bytes<false><<<1, 64>>>(x);
}

// Bytes of one word that several threads read beside one that only its writer does.
template <bool right>
__global__ void one_colour(signed char* x) {
  __shared__ signed char spins[130];
  spins[threadIdx.x] = spins[threadIdx.x + 64] = x[threadIdx.x];
  if (threadIdx.x < 2) spins[threadIdx.x + 128] = 1;
  __syncthreads();
  const int i = right ? 2 * threadIdx.x + 1 : threadIdx.x + 1;
  spins[i] = spins[i - 1] + spins[i + 1] < 0 ? -spins[i] : spins[i];
  __syncthreads();
  x[threadIdx.x] = spins[threadIdx.x + 1];
}
BUG(both_colours_of_a_checkerboard_at_once, "race") {
  Device<signed char> x(64, 1);
  right ? one_colour<true><<<1, 64>>>(x) : one_colour<false><<<1, 64>>>(x);
}

template <bool right>
__global__ void last_reader_writes(float* x) {
  __shared__ float sum;
  if (threadIdx.x == 0) sum = x[0];
  __syncwarp();
  x[threadIdx.x] = sum;
  if constexpr (right) __syncwarp();
  if (threadIdx.x == 31) sum = sum + 1;
  __syncwarp();
  x[threadIdx.x] += sum;
}
BUG(last_lane_that_reads_writes_at_once, "race") {
  Device<float> x(32, 1);
  right ? last_reader_writes<true><<<1, 32>>>(x) : last_reader_writes<false><<<1, 32>>>(x);
}

template <bool right>
__global__ void stencil(const float* x, float* out, int n) {
  __shared__ float tile[66];
  const int i = blockIdx.x * 64 + threadIdx.x;
  tile[threadIdx.x + 1] = x[i];
  if (threadIdx.x == 0) tile[0] = i > 0 ? x[i - 1] : 0;
  if (right && threadIdx.x == 63) tile[65] = i + 1 < n ? x[i + 1] : 0;
  __syncthreads();
  out[i] = tile[threadIdx.x] + tile[threadIdx.x + 1] + tile[threadIdx.x + 2];
}
BUG(halo_not_loaded, "uninitialised") {
  Device<float> x(128, 1), out(128);
  right ? stencil<true><<<2, 64>>>(x, out, 128) : stencil<false><<<2, 64>>>(x, out, 128);
}

template <bool right>
__global__ void guarded(const float* x, float* out, int n) {
  __shared__ float tile[64];
  if (int(threadIdx.x) < n)
    tile[threadIdx.x] = x[threadIdx.x];
  else if (right)
    tile[threadIdx.x] = 0;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < 64; ++i) sum += tile[i];
  out[threadIdx.x] = sum;
}
BUG(guard_without_zero, "uninitialised") {
  Device<float> x(50, 1), out(64);
  right ? guarded<true><<<1, 64>>>(x, out, 50) : guarded<false><<<1, 64>>>(x, out, 50);
}

template <bool right>
__global__ void stale(const float* x, float* out) {  // shared memory does not outlive its block
  __shared__ float first;
  if ((right || blockIdx.x == 0) && threadIdx.x == 0) first = x[0];
  __syncthreads();
  out[blockIdx.x * 32 + threadIdx.x] = first;
}
BUG(shared_memory_of_another_block, "uninitialised") {
  Device<float> x(1, 1), out(128);
  right ? stale<true><<<4, 32>>>(x, out) : stale<false><<<4, 32>>>(x, out);
}

template <bool right>
__global__ void overrun(float* x) {
  __shared__ float tile[32];
  tile[threadIdx.x + (right ? 0 : 1)] = x[threadIdx.x];
  __syncthreads();
  x[threadIdx.x] = tile[threadIdx.x > 0 ? threadIdx.x : 1];
}
BUG(shared_index_off_by_one, "out-of-bounds") {
  Device<float> x(32, 1);
  right ? overrun<true><<<1, 32>>>(x) : overrun<false><<<1, 32>>>(x);
}

template <int columns>  // of 16
__global__ void rows_too_short(float* x) {
  __shared__ float tile[16][columns];
  const unsigned i = threadIdx.y, j = threadIdx.x;
  tile[0][i * columns + j] = x[i * 16 + j];
  __syncthreads();
  x[i * 16 + j] = tile[0][j * columns + i];
}
BUG(rows_of_a_tile_too_short, "out-of-bounds", 1) {
  Device<float> x(256);
  std::vector<float> host(256);
  for (int i = 0; i < 256; ++i) host[i] = float(i);
  cudaMemcpy(x, host.data(), 256 * sizeof(float), cudaMemcpyHostToDevice);
  right ? rows_too_short<16><<<1, dim3(16, 16)>>>(x) : rows_too_short<15><<<1, dim3(16, 16)>>>(x);
}

template <bool right>
__global__ void counts_of(const int* x, int* out) {
  __shared__ int counts[64];
  if (right) counts[threadIdx.x] = 0;
  __syncthreads();
  if (threadIdx.x < 48) atomicAdd(&counts[x[threadIdx.x]], 1);
  __syncthreads();
  atomicAdd(&out[threadIdx.x], counts[threadIdx.x]);
}
BUG(counts_never_cleared, "uninitialised", 1) {
  Device<int> x(64, 5), out(64, 0);
  right ? counts_of<true><<<2, 64>>>(x, out) : counts_of<false><<<2, 64>>>(x, out);
}

__global__ void dynamic(float* x) {
  extern __shared__ float all[];
  all[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  x[threadIdx.x] = all[31 - threadIdx.x];
}
BUG(dynamic_shared_in_elements_not_bytes, "out-of-bounds") {
  Device<float> x(32, 1);
  dynamic<<<1, 32, right ? 32 * sizeof(float) : 32>>>(x);
}

__device__ __noinline__ float* forty_thousand_bytes() {
  __shared__ float fixed[10000];
  return fixed;
}
// A structure that a function returns is stored by the call.
struct alignas(16) Eight {
  short value[8];
};
__device__ __noinline__ Eight eight(const float* x) {
  Eight e;
  for (int i = 0; i < 8; ++i) e.value[i] = short(x[i]);
  return e;
}
template <bool right>
__global__ void stored_by_a_call(float* x) {
  __shared__ Eight all[32];
  if (right || threadIdx.x < 31) all[threadIdx.x] = eight(x);
  __syncthreads();
  const Eight e = all[31 - threadIdx.x];
  x[threadIdx.x] = e.value[threadIdx.x % 8];
}
BUG(structure_that_no_call_has_stored, "uninitialised") {
  Device<float> x(32, 1);
  right ? stored_by_a_call<true><<<1, 32>>>(x) : stored_by_a_call<false><<<1, 32>>>(x);
}

template <bool in_its_body>
__global__ void both_sorts(float* x) {
  float* fixed;
  if constexpr (in_its_body) {
    __shared__ float own[10000];
    fixed = own;
  } else {
    fixed = forty_thousand_bytes();
  }
  extern __shared__ float more[];
  fixed[threadIdx.x] = more[threadIdx.x] = x[threadIdx.x];
  x[threadIdx.x] += fixed[threadIdx.x] - more[threadIdx.x];
}
BUG(static_and_dynamic_shared_past_the_limit, "unread-error") {  // 48 KiB
  Device<float> x(32, 1);
  both_sorts<true><<<1, 32, right ? 9000 : 9200>>>(x);
}
BUG(static_shared_of_a_function_past_the_limit, "fault") {  // seen when the kernel gets there
  Device<float> x(32, 1);
  both_sorts<false><<<1, 32, right ? 9000 : 9200>>>(x);
}

template <bool right>
__global__ void early_return(const float* x, float* out, int n) {
  __shared__ float tile[64];
  if (!right && int(threadIdx.x) >= n) return;
  tile[threadIdx.x] = int(threadIdx.x) < n ? x[threadIdx.x] : 0;
  __syncthreads();
  if (int(threadIdx.x) < n) out[threadIdx.x] = tile[n - 1 - threadIdx.x];
}
// What the others would have loaded.
template <bool right>
__global__ void early_return_from_a_tile(const float* x, float* out, int n) {
  __shared__ float tile[64];
  if (!right && int(threadIdx.x) >= n) return;
  tile[threadIdx.x] = int(threadIdx.x) < 60 ? x[threadIdx.x] : 0;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < 64; ++i) sum += tile[i];
  if (int(threadIdx.x) < n) out[threadIdx.x] = sum;
}
BUG(early_return_before_a_tile_is_loaded, "barrier", 1) {
  Device<float> x(60, 1), out(50);
  right ? early_return_from_a_tile<true><<<1, 64>>>(x, out, 50)
        : early_return_from_a_tile<false><<<1, 64>>>(x, out, 50);
}
BUG(early_return_before_a_barrier, "barrier") {
  Device<float> x(50, 1), out(50);
  right ? early_return<true><<<1, 64>>>(x, out, 50) : early_return<false><<<1, 64>>>(x, out, 50);
}

template <bool right>
__global__ void misaligned(float4* out) {
  __shared__ alignas(16) float tile[36];
  for (int i = threadIdx.x; i < 36; i += 32) tile[i] = i;
  __syncthreads();
  if (threadIdx.x < 8)
    out[threadIdx.x] = *reinterpret_cast<float4*>(tile + threadIdx.x * 4 + (right ? 0 : 1));
}
BUG(misaligned_shared_vector, "misaligned") {
  Device<float4> out(8);
  right ? misaligned<true><<<1, 32>>>(out) : misaligned<false><<<1, 32>>>(out);
}

}  // namespace
