// Algorithms for the whole device: CUB's with their two calls, on streams and in a graph; Thrust's on raw
// pointers, streams and vectors that kernels have just been asked to change.
#include <thrust/device_vector.h>
#include <thrust/execution_policy.h>
#include <thrust/functional.h>
#include <thrust/sort.h>
#include <thrust/transform_reduce.h>

#include <algorithm>
#include <cstdio>
#include <cub/cub.cuh>
#include <numeric>
#include <vector>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

template <class T>
std::vector<T> host(const T* device, int n) {
  std::vector<T> copy(n);
  cudaMemcpy(copy.data(), device, n * sizeof(T), cudaMemcpyDeviceToHost);
  return copy;
}
template <class T>
T* device(const std::vector<T>& values) {
  T* memory = nullptr;
  cudaMalloc(&memory, values.size() * sizeof(T));
  cudaMemcpy(memory, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice);
  return memory;
}
// Asks for the temporary storage, and calls again with it.
template <class F>
cudaError_t twice(F&& f) {
  void* storage = nullptr;
  size_t bytes = 0;
  if (cudaError_t error = f(storage, bytes)) return error;
  cudaMalloc(&storage, bytes);
  const cudaError_t error = f(storage, bytes);
  cudaFree(storage);
  return error;
}

__global__ void negate(int* x, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) x[i] = -x[i];
}
struct Smaller {
  template <class T>
  __device__ T operator()(const T& a, const T& b) const {
    return b < a ? b : a;
  }
};
struct Odd {
  __host__ __device__ bool operator()(int x) const { return x & 1; }
};
struct Square : thrust::unary_function<int, long long> {
  __host__ __device__ long long operator()(int x) const { return 1ll * x * x; }
};

int main() {
  const int n = 1000;
  std::vector<int> x(n), index(n), from(n);
  for (int i = 0; i < n; ++i) x[i] = i * 7919 % 601 - 300;
  std::iota(index.begin(), index.end(), 0);
  int *in = device(x), *out = device(x), *values = device(index), *order = device(index), *count;
  cudaMalloc(&count, sizeof(int));
  using cub::DeviceReduce, cub::DeviceScan, cub::DeviceRadixSort, cub::DeviceSelect;

  REQUIRE(twice([&](void* t, size_t& b) { return DeviceReduce::Sum(t, b, in, out, n); }) == cudaSuccess);
  REQUIRE(host(out, 1)[0] == std::accumulate(x.begin(), x.end(), 0));
  REQUIRE(twice([&](void* t, size_t& b) { return DeviceReduce::Reduce(t, b, in, out, n, Smaller(), 500); }) ==
          cudaSuccess);
  REQUIRE(host(out, 1)[0] == *std::min_element(x.begin(), x.end()));
  cub::KeyValuePair<int, int>* largest;
  cudaMalloc(&largest, sizeof *largest);
  REQUIRE(twice([&](void* t, size_t& b) { return DeviceReduce::ArgMax(t, b, in, largest, n); }) ==
          cudaSuccess);
  REQUIRE(host(largest, 1)[0].key == std::max_element(x.begin(), x.end()) - x.begin());
  REQUIRE(twice([&](void* t, size_t& b) { return DeviceScan::ExclusiveSum(t, b, in, out, n); }) ==
          cudaSuccess);
  std::exclusive_scan(x.begin(), x.end(), from.begin(), 0);
  REQUIRE(host(out, n) == from);
  REQUIRE(twice([&](void* t, size_t& b) {
            return DeviceScan::InclusiveScan(t, b, in, out, cub::Max(), n);
          }) == cudaSuccess);
  REQUIRE(host(out, n)[n - 1] == *std::max_element(x.begin(), x.end()));

  REQUIRE(twice([&](void* t, size_t& b) {
            return DeviceRadixSort::SortPairsDescending(t, b, in, out, values, order, n);
          }) == cudaSuccess);
  from = index;
  std::stable_sort(from.begin(), from.end(), [&](int a, int b) { return x[a] > x[b]; });
  REQUIRE(host(order, n) == from);
  cub::DoubleBuffer<int> keys(out, order);  // sorted already, the other way round; by 8 bits, of which 0..7
  REQUIRE(twice([&](void* t, size_t& b) { return DeviceRadixSort::SortKeys(t, b, keys, n, 0, 8); }) ==
          cudaSuccess);
  from = host(keys.Current(), n);
  REQUIRE(keys.Current() == order &&
          std::is_sorted(from.begin(), from.end(), [](int a, int b) { return (a & 255) < (b & 255); }));

  std::vector<float> samples(x.begin(), x.end());
  float* real = device(samples);
  REQUIRE(twice([&](void* t, size_t& b) {
            return cub::DeviceHistogram::HistogramEven(t, b, real, values, 5, -200.f, 200.f, n);
          }) == cudaSuccess);
  for (int bin = 0; bin < 4; ++bin) {
    const auto inside = [&](int v) { return v >= 100 * bin - 200 && v < 100 * bin - 100; };
    REQUIRE(host(values, 4)[bin] == std::count_if(x.begin(), x.end(), inside));
  }
  // On a stream, behind a kernel and before another, and once more in a graph.
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  void* storage = nullptr;
  size_t bytes = 0;
  REQUIRE(DeviceSelect::If(storage, bytes, in, out, count, n, Odd(), stream) == cudaSuccess);
  cudaMalloc(&storage, bytes);
  const auto work = [&] {
    negate<<<1, 128, 0, stream>>>(in, n);
    const cudaError_t error = DeviceSelect::If(storage, bytes, in, out, count, n, Odd(), stream);
    negate<<<1, 128, 0, stream>>>(out, 1);
    return error;
  };
  REQUIRE(work() == cudaSuccess && cudaStreamSynchronize(stream) == cudaSuccess);
  const int first = *std::find_if(x.begin(), x.end(), Odd());
  REQUIRE(host(count, 1)[0] == std::count_if(x.begin(), x.end(), Odd()) && host(out, 1)[0] == first);
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal) == cudaSuccess &&
          work() == cudaSuccess);
  REQUIRE(cudaStreamEndCapture(stream, &graph) == cudaSuccess &&
          cudaGraphInstantiate(&exec, graph, 0) == cudaSuccess);
  REQUIRE(cudaGraphLaunch(exec, stream) == cudaSuccess && cudaStreamSynchronize(stream) == cudaSuccess);
  REQUIRE(host(out, 1)[0] == -first);
  cudaGraphExecDestroy(exec), cudaGraphDestroy(graph), cudaFree(storage);

  // Thrust comes after the kernels that the program has asked for, and works in their memory.
  negate<<<1, 128, 0, stream>>>(in, n);
  thrust::sort(thrust::cuda::par.on(stream), in, in + n, thrust::greater<int>());
  thrust::device_ptr<int> p(in);
  REQUIRE(p[0] == -*std::min_element(x.begin(), x.end()));
  p[1] = 12345;
  negate<<<1, 128, 0, stream>>>(in, n);
  cudaStreamSynchronize(stream);
  REQUIRE(host(in, 2)[1] == -12345);
  thrust::device_vector<int> d(x.begin(), x.end());
  negate<<<1, 128>>>(thrust::raw_pointer_cast(d.data()), n);
  REQUIRE(d[3] == -x[3]);
  negate<<<1, 128>>>(thrust::raw_pointer_cast(d.data()), n);
  const long long squares =
      thrust::transform_reduce(d.begin(), d.end(), Square(), 0ll, thrust::plus<long long>());
  REQUIRE(squares == std::inner_product(x.begin(), x.end(), x.begin(), 0ll));

  cudaStreamDestroy(stream);
  for (void* memory :
       {(void*)in, (void*)out, (void*)values, (void*)order, (void*)count, (void*)largest, (void*)real})
    cudaFree(memory);
  return 0;
}
