// Objects that are made before main and destroyed after it, and that use the device at both times: memory, a
// stream, kernels.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

static void need(bool right, int line) {
  if (right) return;
  std::printf("line %d\n", line);
  std::_Exit(1);  // what is left to do counts no longer
}
#define NEED(condition) need(condition, __LINE__)
#define OK(call) need((call) == cudaSuccess, __LINE__)

__device__ int table[4];

__global__ void add(int* p, int n, int by) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) p[i] += by;
}

class Buffer {
 public:
  constexpr Buffer() = default;  // no code runs for a static one before main
  explicit Buffer(int n) : n_(n) {
    OK(cudaMalloc(&p_, n * sizeof(int))), OK(cudaMemset(p_, 0, n * sizeof(int)));
  }
  Buffer(Buffer&& other) noexcept : p_(std::exchange(other.p_, nullptr)), n_(other.n_) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(p_, other.p_), std::swap(n_, other.n_);
    return *this;
  }
  ~Buffer() {
    if (p_) OK(cudaFree(p_));
  }
  void add(int by, cudaStream_t stream = nullptr) {
    ::add<<<(n_ + 63) / 64, 64, 0, stream>>>(p_, n_, by);
    OK(cudaGetLastError());
  }
  int last() const {
    int value;
    OK(cudaMemcpy(&value, p_ + n_ - 1, sizeof value, cudaMemcpyDeviceToHost));
    return value;
  }

 private:
  int* p_ = nullptr;
  int n_ = 0;
};

struct Stream {
  cudaStream_t stream = nullptr;
  Stream() { OK(cudaStreamCreate(&stream)); }
  ~Stream() { OK(cudaStreamDestroy(stream)); }
};

// Computes in its constructor, and once more when main and its thread's objects are gone.
struct Worker {
  Buffer data{1000};
  Stream stream;
  int *managed = nullptr, *pinned = nullptr;
  Worker() {
    OK(cudaMallocManaged(&managed, sizeof(int)));
    OK(cudaMemAdvise(managed, sizeof(int), cudaMemAdviseSetReadMostly, 0));
    OK(cudaMallocHost(&pinned, sizeof(int)));
    void* address;
    OK(cudaGetSymbolAddress(&address, table));
    OK(cudaMemset(address, 0, sizeof table));
    data.add(5, stream.stream);
  }
  ~Worker() {
    data.add(7, stream.stream);
    OK(cudaStreamSynchronize(stream.stream));
    NEED(data.last() == 112);
    OK(cudaFree(managed)), OK(cudaFreeHost(pinned));
  }
};

static Buffer late;
static Worker worker;
thread_local std::unique_ptr<Stream> own;

int main() {
  own = std::make_unique<Stream>();
  late = Buffer(100);
  late.add(1, own->stream);
  OK(cudaStreamSynchronize(own->stream));
  worker.data.add(100, worker.stream.stream);
  static std::vector<Buffer> many;
  for (int i = 1; i < 5; ++i) many.emplace_back(i), many.back().add(i);
  NEED(late.last() == 1 && many[3].last() == 4);
  return 0;
}
