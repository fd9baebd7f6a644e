// C++ as programs use it: functors, extended lambdas, packs, function pointers, classes in managed memory,
// virtual calls, new in kernels, references, kernels that launch kernels, __device__ variables of every sort.
#include <cstdio>
#include <new>
#include <nvfunctional>
#include <type_traits>
#include <utility>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

template <class F>
__global__ void for_each(int n, F f) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) f(i);
}
template <class F>
void parallel_for(int n, F&& f, cudaStream_t stream = 0) {
  constexpr int threads = 64;
  for_each<std::decay_t<F>><<<(n + threads - 1) / threads, threads, 0, stream>>>(n, std::forward<F>(f));
}

// Dynamic shared memory by a reference that is cast, by its address, and in lambdas that copy.
struct Storage {
  int first[32], second[32];
};
extern __shared__ char common[];
template <int by>
__global__ void laid_over(int* out) {
  extern __shared__ unsigned char bytes[];
  Storage& storage = reinterpret_cast<Storage&>(bytes);
  int* second = (int*)&bytes + 32;
  storage.first[threadIdx.x] = threadIdx.x;
  second[threadIdx.x] = by * threadIdx.x;
  __syncthreads();
  auto sum = [=](int i) { return storage.first[i] + ((Storage*)&common)->second[i] + bytes[4]; };
  out[threadIdx.x] = sum(31 - threadIdx.x);
}

class Vector {
 public:
  explicit Vector(int n) : n_(n) { cudaMallocManaged(&data_, n * sizeof(float)); }
  ~Vector() { cudaFree(data_); }
  Vector(const Vector&) = delete;
  void ramp(float by) {
    parallel_for(n_, [data = data_, by] __device__(int i) { data[i] = by * i; });
  }
  void double_all() {
    auto* p = data_;
    parallel_for(n_, [=] __host__ __device__(int i) { p[i] *= 2; });
  }
  float operator[](int i) const { return data_[i]; }

 private:
  float* data_ = nullptr;
  int n_;
};

using Op = float (*)(float, float);
__device__ float plus(float a, float b) { return a + b; }
__device__ float times(float a, float b) { return a * b; }
__device__ Op chosen = plus;
__device__ Op ops[2] = {plus, times};
__constant__ struct Settings {
  int n;
  float factor[2];
} settings;
__managed__ int visits = 3;
static __device__ int tally[4];
__device__ volatile int raised;

__global__ void apply(Op op, float* out) {
  const int i = threadIdx.x;
  if (i < settings.n) out[i] = op(i, settings.factor[i & 1]) + ops[i & 1](i, 2);
  atomicAdd(&visits, 1);
  raised = 1;
  atomicAdd(&tally[i & 3], i);
}

struct Shape {
  __device__ virtual float area() const = 0;
  __device__ virtual ~Shape() {}
};
struct Square final : Shape {
  float a;
  __device__ explicit Square(float a) : a(a) {}
  __device__ float area() const override { return a * a; }
};
struct Disc final : Shape {
  float r;
  __device__ explicit Disc(float r) : r(r) {}
  __device__ float area() const override { return 3 * r * r; }
};
__global__ void areas(float* out) {
  Shape* shape = threadIdx.x & 1 ? static_cast<Shape*>(new Disc(threadIdx.x)) : new Square(threadIdx.x);
  out[threadIdx.x] = shape->area();
  delete shape;
  int* scratch = static_cast<int*>(malloc(4 * sizeof(int)));
  for (int i = 0; i < 4; ++i) scratch[i] = i;
  out[threadIdx.x] += scratch[3];
  free(scratch);
}

struct Named {
  char text[16];
  int length;
};
__global__ void shout(Named& name) {
  const int i = threadIdx.x;
  if (i < name.length) name.text[i] -= 'a' - 'A';
}

template <class... T>
__global__ void sum_all(float* out, T... x) {
  *out = (0.f + ... + float(x));
}

__device__ __noinline__ int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
__global__ void child(int* x, int add) { x[threadIdx.x] += add + fibonacci(threadIdx.x); }
__global__ void parent(int* x) {
  x[threadIdx.x] = 0;
  __syncthreads();
  if (threadIdx.x == 0) child<<<1, 16>>>(x, 100);
}
// Every block has streams of its own, while the host holds the one of the launch.
__global__ void parents(int* x) {
  cudaStream_t stream;
  if (cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) != cudaSuccess) return;
  cudaMemsetAsync(x + 16 * blockIdx.x, 0, 16 * sizeof(int), stream);
  child<<<1, 16, 0, stream>>>(x + 16 * blockIdx.x, blockIdx.x);
  cudaStreamDestroy(stream);
}

// An object that one thread makes in shared memory, and memory that each asks for in one kernel and another
// gives back.
struct Figure {
  virtual __device__ int corners() const { return 0; }
};
struct Polygon : Figure {
  int n;
  __device__ explicit Polygon(int n) : n(n) {}
  __device__ int corners() const override { return n; }
};
__global__ void make_lists(int** lists) {
  __shared__ __align__(8) unsigned char room[sizeof(Polygon)];
  __shared__ const Figure* shape;
  if (threadIdx.x == 0) shape = new (room) Polygon(3);
  __syncthreads();
  cudaMalloc((void**)&lists[threadIdx.x], shape->corners() * sizeof(int));
  for (int i = 0; i < shape->corners(); ++i) lists[threadIdx.x][i] = threadIdx.x;
}
__global__ void sum_lists(int** lists, int* x) {
  const int* list = lists[threadIdx.x];
  x[threadIdx.x] = list[0] + list[1] + list[2];
  cudaFree(lists[threadIdx.x]);
}

// Shared memory that several functions name.
__shared__ float row[32], corner[4][5];
__shared__ unsigned arrived;
struct Sum {
  float value;
  int terms;
  __device__ void add(float x) { value += x, ++terms; }
  __device__ float operator[](int) const { return value; }
};
__shared__ Sum sum;
namespace inner {
__shared__ float4 corners;
}
__shared__ Sum* behind;
__device__ void arrive(float value) {
  row[threadIdx.x] = value;
  if (threadIdx.x < 20) corner[threadIdx.x / 5][threadIdx.x % 5] = value;
  atomicAdd(&arrived, 1u);
}
__device__ float last(const float* values, int n) { return values[n - 1]; }
__global__ void assembly_of_a_block(float* out) {
  if (threadIdx.x == 0) arrived = 0, ++arrived;
  __syncthreads();
  arrive(10.0f * blockIdx.x + threadIdx.x);
  __syncthreads();
  if (threadIdx.x > 0) return;
  arrived += 100;
  sum.value = 0, sum.terms = -1;
  sum.add(1), behind = &sum, behind->add(2);
  inner::corners = make_float4(1, 2, 3, 4);
  arrived += ::sum.terms - 1 + static_cast<int>(sum[0] - inner::corners.z);
  constexpr int n = sizeof(row) / sizeof(row[0]);
  out[blockIdx.x] = last(row, n) + *row + corner[3][4] + static_cast<float>(arrived);
}

__device__ float halved(float x) { return x / 2; }
__global__ void wrapped(float* out) {
  const float by = 3;
  nvstd::function<float(float)> f = [by](float x) { return by * x; }, g = halved, none;
  nvstd::function<float(float)> both = [&](float x) { return f(g(x)) + 1; };
  *out = none ? 0 : both(4);
}

// The launch reads what a member points to; the kernel's threads cannot.
template <class K>
class Stage {
 public:
  explicit Stage(K kernel) : kernel_(kernel) {}
  void operator()(float* out) const { kernel_<<<1, 1>>>(out); }

 private:
  K kernel_;
};
// The host's own assembly, as timers have it.
static unsigned long long ticks() {
  unsigned low = 0, high = 0;
#ifdef __x86_64__
  asm volatile("lfence" ::: "memory");
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
#endif
  return high * (1ull << 32) + low;
}

int main() {
  const unsigned long long start = ticks();
  Vector v(200);
  v.ramp(3);
  v.double_all();
  float* out;
  cudaMallocManaged(&out, 64 * sizeof(float));
  Op op;
  cudaMemcpyFromSymbol(&op, chosen, sizeof op);
  const Settings s = {20, {10, 20}};
  cudaMemcpyToSymbol(settings, &s, sizeof s);
  const int tens[2] = {10, 10};
  cudaMemcpyToSymbol(tally, tens, sizeof tens, 2 * sizeof(int));
  apply<<<1, 32>>>(op, out);
  cudaDeviceSynchronize();
  REQUIRE(v[7] == 42);
  for (int i = 0; i < 20; ++i) REQUIRE(out[i] == i + s.factor[i & 1] + (i & 1 ? i * 2 : i + 2));
  int counted[4];
  cudaMemcpyFromSymbol(counted, tally, sizeof counted);
  int flag = 0;
  cudaMemcpyFromSymbol(&flag, raised, sizeof flag);
  REQUIRE(flag == 1);
  REQUIRE(visits == 35 && counted[0] == 112 && counted[3] == 10 + 136);

  Stage<void (*)(float*)> stage(wrapped);
  stage(out);
  cudaDeviceSynchronize();
  REQUIRE(*out == 7 && ticks() >= start);

  areas<<<1, 32>>>(out);
  cudaDeviceSynchronize();
  REQUIRE(out[4] == 16 + 3 && out[5] == 75 + 3);

  Named* name;
  cudaMallocManaged(&name, sizeof *name);
  *name = {"warpladder", 10};
  shout<<<1, 32>>>(*name);
  sum_all<<<1, 1>>>(out, 1, 2.5, 3u, 4L);
  cudaDeviceSynchronize();
  REQUIRE(name->text[0] == 'W' && name->text[9] == 'R' && *out == 10.5f);

  assembly_of_a_block<<<3, 32>>>(out);
  cudaDeviceSynchronize();
  for (int b = 0; b < 3; ++b) REQUIRE(out[b] == 31 + 0 + 19 + 30 * b + 133);

  int* x;
  cudaMallocManaged(&x, 32 * sizeof(int));
  laid_over<2><<<1, 32, sizeof(Storage)>>>(x);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 32; ++i) REQUIRE(x[i] == 3 * (31 - i) + 1);
  parent<<<1, 32>>>(x);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(x[10] == 155 && x[20] == 0);

  int* many;
  cudaMallocManaged(&many, 64 * 16 * sizeof(int));
  parents<<<64, 1>>>(many);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 64; ++i) REQUIRE(many[16 * i + 10] == i + 55);
  cudaFree(many);

  int** lists;
  cudaMalloc(&lists, 32 * sizeof(int*));
  make_lists<<<1, 32>>>(lists);
  sum_lists<<<1, 32>>>(lists, x);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 32; ++i) REQUIRE(x[i] == 3 * i);
  cudaFree(lists);
  cudaFree(out), cudaFree(name), cudaFree(x);
  return 0;
}
