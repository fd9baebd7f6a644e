// Thrust with what its system for CUDA adds: functions that read the device's variables, pinned vectors, and
// temporary memory from the program's own allocator.
#include <thrust/device_vector.h>
#include <thrust/host_vector.h>
#include <thrust/mr/allocator.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/system/cuda/memory.h>
#include <thrust/system/cuda/memory_resource.h>
#include <thrust/system/cuda/vector.h>
#include <thrust/transform.h>

#include <cstdio>
#include <vector>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

struct Parameters {
  float scale[2], offset;
};
__constant__ Parameters parameters;
__device__ int calls;
struct Affine {
  __device__ float operator()(float x) const {
    atomicAdd(&calls, 1);
    return parameters.scale[1] * x + parameters.offset;
  }
};

__global__ void double_calls() { calls *= 2; }

using Pinned = thrust::system::cuda::universal_host_pinned_memory_resource;
template <class T>
using PinnedAllocator = thrust::mr::stateless_resource_allocator<T, Pinned>;

struct Counting {  // what Thrust takes its temporary memory from
  using value_type = char;
  char* allocate(std::ptrdiff_t bytes) {
    ++allocations;
    return thrust::cuda::malloc<char>(bytes).get();
  }
  void deallocate(char* memory, std::size_t) {
    --allocations;
    thrust::cuda::free(thrust::cuda::pointer<char>(memory));
  }
  int allocations = 0;
};

int main() {
  const int n = 100;
  const Parameters p{{0, 3}, 0.5f};
  const int none = 0;
  REQUIRE(cudaMemcpyToSymbol(parameters, &p, sizeof p) == cudaSuccess);
  REQUIRE(cudaMemcpyToSymbol(calls, &none, sizeof none) == cudaSuccess);
  thrust::device_vector<float> x(n);
  thrust::sequence(x.begin(), x.end());
  thrust::transform(x.begin(), x.end(), x.begin(), Affine());
  double_calls<<<1, 1>>>();
  thrust::transform(x.begin(), x.begin() + 1, x.begin() + 1, Affine());
  int counted = 0;
  REQUIRE(cudaMemcpyFromSymbol(&counted, calls, sizeof counted) == cudaSuccess && counted == 2 * n + 1);
  REQUIRE(x[0] == 0.5f && x[1] == 2.f && x[n - 1] == 3.f * (n - 1) + 0.5f);

  thrust::host_vector<float, PinnedAllocator<float>> pinned = x;
  std::vector<int, PinnedAllocator<int>> also(n, 3);
  for (const void* memory :
       {(const void*)thrust::raw_pointer_cast(pinned.data()), (const void*)also.data()}) {
    cudaPointerAttributes attributes;
    REQUIRE(cudaPointerGetAttributes(&attributes, memory) == cudaSuccess);
    REQUIRE(attributes.type == cudaMemoryTypeHost);
  }
  REQUIRE(pinned[2] == 6.5f && also[n - 1] == 3);

  cudaStream_t stream;
  cudaStreamCreate(&stream);
  thrust::cuda::vector<int> keys(n);
  thrust::sequence(keys.rbegin(), keys.rend());
  Counting memory;
  thrust::stable_sort(thrust::cuda::par(memory).on(stream), keys.begin(), keys.end());
  thrust::sort(thrust::cuda::par(memory), keys.begin(), keys.end(), thrust::greater<int>());
  thrust::sort(thrust::cuda::par_nosync.on(stream), keys.begin(), keys.begin() + 2);
  REQUIRE(keys[0] == n - 2 && keys[1] == n - 1 && keys[n - 1] == 0 && memory.allocations == 0);
  cudaStreamDestroy(stream);
  return 0;
}
