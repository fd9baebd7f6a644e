#pragma once
// CUB's device-wide algorithms, done by the host when the stream comes to them. The names, the order of the
// arguments and the two calls, of which the first asks for the size of the temporary storage, are CUB's. What
// is missing here does not compile.
#include <algorithm>
#include <cub/thread/thread_operators.cuh>
#include <cub/util_type.cuh>
#include <iterator>
#include <numeric>
#include <type_traits>
#include <vector>

#include "simt/cub_operators.hpp"
#include "simt/cuda.hpp"

namespace simt::cubs {

template <class Iterator>
using Value = typename std::iterator_traits<Iterator>::value_type;

/// First call: the size. Second call: `work` goes to the stream.
template <class Work>
cudaError_t call(void* temporary, std::size_t& bytes, cudaStream_t stream, Work&& work) {
  if (!temporary) {
    bytes = 1;
    return cudaSuccess;
  }
  return library_call(stream, std::forward<Work>(work));
}

// Every function's first two parameters, and its last.
#define SIMT_CUB(name, ...) \
  static cudaError_t name(void* temporary, std::size_t& bytes, __VA_ARGS__, cudaStream_t stream = nullptr)
#define SIMT_CUB_WORK return simt::cubs::call(temporary, bytes, stream, [=]() mutable
#define SIMT_CUB_END )

template <class In, class Out, class F, class T>
void reduce(In in, Out out, long long n, F f, T total) {
  for (long long i = 0; i < n; ++i) total = f(total, in[i]);
  *out = total;
}
template <class In, class Better>
long long best(In in, long long n, Better better) {
  long long found = 0;
  for (long long i = 1; i < n; ++i)
    if (better(in[i], in[found])) found = i;
  return found;
}
struct Less {
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return a < b;
  }
};
struct Greater {
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return b < a;
  }
};
template <class T>
constexpr T lowest = std::numeric_limits<T>::lowest();
template <class T>
constexpr T highest = std::numeric_limits<T>::max();

/// `before`: the value that starts the scan; it is the first result of an exclusive one.
template <class In, class Out, class F, class T>
void exclusive_scan(In in, Out out, long long n, F f, T before) {
  for (long long i = 0; i < n; ++i) {
    T next = f(before, in[i]);  // `out` may be `in`
    out[i] = before;
    before = next;
  }
}
template <class In, class Out, class F>
void inclusive_scan(In in, Out out, long long n, F f) {
  if (n <= 0) return;
  Value<In> total = in[0];
  out[0] = total;
  for (long long i = 1; i < n; ++i) out[i] = total = f(total, in[i]);
}

/// Keys by the bits [begin, end) of their order, values along; stable.
template <class Key, class T>
void sort(const Key* keys, Key* keys_out, const T* values, T* values_out, long long n, int begin, int end,
          bool descending) {
  std::vector<long long> order(n);
  std::iota(order.begin(), order.end(), 0ll);
  const auto field = [=](const Key& key) {
    using Bits = std::conditional_t<
        sizeof(Key) == 1, std::uint8_t,
        std::conditional_t<sizeof(Key) == 2, std::uint16_t,
                           std::conditional_t<sizeof(Key) == 4, std::uint32_t, std::uint64_t>>>;
    Bits bits = std::bit_cast<Bits>(key);
    constexpr Bits sign = Bits(Bits(1) << (8 * sizeof(Key) - 1));
    if constexpr (std::is_integral_v<Key> && std::is_signed_v<Key>)
      bits ^= sign;
    else if constexpr (!std::is_integral_v<Key>)  // floating point: -0 as 0, negative ones backwards
      bits = bits == sign ? sign : Bits(bits & sign ? ~bits : bits | sign);
    const std::uint64_t shifted = std::uint64_t(bits) >> begin;
    return end - begin >= 64 ? shifted : shifted & ((std::uint64_t{1} << (end - begin)) - 1);
  };
  std::vector<Key> k(keys, keys + n);
  std::stable_sort(order.begin(), order.end(), [&](long long a, long long b) {
    return descending ? field(k[b]) < field(k[a]) : field(k[a]) < field(k[b]);
  });
  for (long long i = 0; i < n; ++i) keys_out[i] = k[order[i]];
  if constexpr (!std::is_same_v<T, cub::NullType>) {
    std::vector<T> v(values, values + n);
    for (long long i = 0; i < n; ++i) values_out[i] = v[order[i]];
  }
}

/// Runs of equal keys: run(begin, end) for each; how many.
template <class In, class Run>
long long for_each_run(In in, long long n, Run&& run) {
  long long runs = 0;
  for (long long begin = 0, end; begin < n; begin = end, ++runs) {
    for (end = begin + 1; end < n && in[end] == in[begin];) ++end;
    run(runs, begin, end);
  }
  return runs;
}

template <class In, class Out, class Count, class Chosen>
void select(In in, Out out, Count count, long long n, Chosen&& chosen) {
  long long kept = 0;
  for (long long i = 0; i < n; ++i) {
    const Value<In> value = in[i];  // `out` may be `in`
    if (chosen(i)) out[kept++] = value;
  }
  *count = kept;
}

}  // namespace simt::cubs

#include "simt/cub_reduce.hpp"
#include "simt/cub_sort.hpp"

#undef SIMT_CUB
#undef SIMT_CUB_WORK
#undef SIMT_CUB_END
