// Host threads that have a stream and pinned buffers each, at the same time; what they queue is told apart,
// and so is what they wait for.
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

constexpr int n = 512, threads = 8, rounds = 6;

struct Stream {
  cudaStream_t stream;
  Stream() { cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking); }
  ~Stream() { cudaStreamDestroy(stream); }
};
struct FreeHost {
  void operator()(double* p) const { cudaFreeHost(p); }
};
using Pinned = std::unique_ptr<double[], FreeHost>;

Pinned pinned(int size) {
  double* p;
  if (cudaMallocHost(&p, size * sizeof(double)) != cudaSuccess) return nullptr;
  return Pinned(p);
}

template <class F>
__global__ void map(double* x, F f) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = f(x[i]);
}

// The host works on while the copies may still be on their way: on strings, whose code simt's own threads
// use, too.
bool run(int id) {
  Stream s;
  Pinned in = pinned(n), out = pinned(n);
  double* device;
  if (cudaMallocAsync(&device, n * sizeof(double), s.stream) != cudaSuccess) return false;
  for (int i = 0; i < n; ++i) in[i] = i;
  cudaMemcpyAsync(device, in.get(), n * sizeof(double), cudaMemcpyHostToDevice, s.stream);
  map<<<n / 128, 128, 0, s.stream>>>(device, [id] __device__(double x) { return x * 2 + id; });
  cudaMemcpyAsync(out.get(), device, n * sizeof(double), cudaMemcpyDeviceToHost, s.stream);
  std::string name = "thread ";
  name.insert(0, std::to_string(id) + ", ").append(std::to_string(n)).replace(0, 1, "number");
  cudaFreeAsync(device, s.stream);
  if (cudaStreamSynchronize(s.stream) != cudaSuccess || name.empty()) return false;
  for (int i = 0; i < n; ++i)
    if (out[i] != 2 * i + id) return false;
  return true;
}

// Streams come and go while other threads wait for all there are, as those do that free memory.
void come_and_go() {
  for (int i = 0; i < 1000; ++i) {
    Stream s;
    cudaMemsetAsync(pinned(1).get(), 0, sizeof(double), s.stream);
  }
}

int main() {
  std::vector<std::thread> all;
  for (int id = 0; id < threads; ++id) all.emplace_back(come_and_go);
  for (std::thread& one : all) one.join();
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::future<bool>> all;
    for (int id = 0; id < threads; ++id) all.push_back(std::async(std::launch::async, run, id));
    for (std::future<bool>& one : all)
      if (!one.get()) return std::puts("wrong"), 1;
  }
  return 0;
}
