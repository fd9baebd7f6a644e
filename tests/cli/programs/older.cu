// C++17 as nvcc takes it, where C++20 would not: names that are the library's or the language's since, the
// members that allocators lost, destructors with arguments, `register`, literals in UTF-8 of char,
// enumerations mixed.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <vector>
using namespace std;

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

// Templates of names that std has for the same arguments.
template <class T>
__host__ __device__ T rotl(T x, int n) {
  return (x << n) | (x >> (8 * sizeof(T) - n));
}
template <class T>
__host__ __device__ int popcount(T x) {
  int n = 0;
  for (; x; x >>= 1) n += x & 1;
  return n;
}
template <class To, class From>
__host__ __device__ To bit_cast(const From& from) {
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}
template <class T>
__host__ __device__ T midpoint(T a, T b) {
  return (a + b) / 2;
}
template <class T>
unsigned countl_zero(T) {
  return 77;
}
template <class Container, class Predicate>
void erase_if(Container& c, Predicate p) {
  for (auto i = c.begin(); i != c.end();) i = p(*i) ? c.erase(i) : next(i);
}
template <class T>
struct counted_iterator {
  T* p;
};

__global__ void bits(unsigned* out) {
  out[1] = rotl(out[0], 3);
  out[2] = popcount(out[0]);
  out[3] = bit_cast<unsigned>(1.0f);
  out[4] = midpoint(out[2], 7u);
}

int names_of_std() {
  unsigned* out;
  REQUIRE(cudaMallocManaged(&out, 5 * sizeof *out) == cudaSuccess);
  out[0] = 0xf0000001;
  bits<<<1, 1>>>(out);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(out[1] == 0x8000000f && out[2] == 5 && out[3] == 0x3f800000 && out[4] == 6);
  map<int, int> m{{1, 2}, {2, 3}};
  erase_if(m, [](const pair<const int, int>& p) { return p.first == 1; });
  REQUIRE(m.size() == 1 && countl_zero(3u) == 77);
  counted_iterator<unsigned> i{out};
  REQUIRE(*i.p == 0xf0000001);
  return cudaFree(out);
}

// The language's new words.
struct concept {
  int requires;
  bool constinit[2];
};
int consteval(int x) { return x + 1; }

int new_words() {
  concept c = {3, {true, false}}, *p = &c;
  p->requires += 2;
  int requires = consteval(c.requires);
  const int constinit = requires * requires;
  REQUIRE(constinit == 36 && c.constinit[0] && !c.constinit[1]);
  REQUIRE(strlen(u8"é") == 2);
  return 0;
}

// An allocator that has std's members, and one that derives from it.
template <class T>
class Managed : public std::allocator<T> {
 public:
  typedef typename std::allocator<T>::pointer pointer;
  typedef typename std::allocator<T>::size_type size_type;
  template <class U>
  struct rebind {
    typedef Managed<U> other;
  };
  Managed() throw() {}
  template <class U>
  Managed(const Managed<U>&) throw() {}
  pointer allocate(size_type n, std::allocator<void>::const_pointer = 0) {
    void* p = nullptr;
    if (n > this->max_size() || cudaMallocManaged(&p, n * sizeof(T)) != cudaSuccess) throw std::bad_alloc();
    return static_cast<pointer>(p);
  }
  void deallocate(pointer p, size_type) { cudaFree(p); }
};
template <class T, class Allocator = std::allocator<T>>
class Stack {
  typedef typename Allocator::template rebind<T>::other Own;
  Own own_;
  typename Own::pointer p_;
  int n_ = 0;

 public:
  Stack() : p_(own_.allocate(8, nullptr)) {}
  ~Stack<T, Allocator>();
  void push(typename Own::const_reference x) { own_.construct(p_ + n_++, x); }
  typename Own::reference top() { return p_[n_ - 1]; }
};
template <class T, class Allocator>
Stack<T, Allocator>::~Stack<T, Allocator>() {
  while (n_ > 0) own_.destroy(p_ + --n_);
  own_.deallocate(p_, 8);
}

__global__ void twice(register float* x, int n) {
  for (register int i = threadIdx.x; i < n; i += blockDim.x) x[i] *= 2;
}

int allocators() {
  vector<float, Managed<float>> x(100, 1.5f);
  twice<<<1, 32>>>(x.data(), 100);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess && x[99] == 3);
  list<int, Managed<int>> l(3, 4);
  REQUIRE(accumulate(l.begin(), l.end(), 0) == 12);
  Stack<vector<int>> s;
  s.push(vector<int>(3));
  s.push(vector<int>(5));
  REQUIRE(s.top().size() == 5);
  return 0;
}

enum Colour { red, green = 4 };
enum Shape { circle = 2, square };
struct Counter {
  volatile int n = 0;
  int a[4] = {1, 2, 3, 4};
  int count() {
    auto f = [=] { return n++, n += red + square, a[n, 1]; };
    return f() * (green | circle);
  }
};

int main() {
  Counter c;
  REQUIRE(c.count() == 12 && c.n == 4);
  return names_of_std() || new_words() || allocators();
}
