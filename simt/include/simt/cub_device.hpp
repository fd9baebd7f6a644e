#pragma once
// CUB's device-wide algorithms, done by the host when the stream comes to them. The names, the order of the
// arguments and the two calls, of which the first asks for the size of the temporary storage, are CUB's. What
// is missing here does not compile.
#include <algorithm>
#include <bit>
#include <cstring>
#include <cub/thread/thread_operators.cuh>
#include <cub/util_type.cuh>
#include <cuda/std/array>
#include <cuda/std/functional>
#include <cuda/std/tuple>
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

/// What CUB adds up in: flags of 8 bits, added, are an int.
template <class F, class T, class In>
using Total = std::decay_t<std::invoke_result_t<F, Value<In>, T>>;

template <class T>
struct Plain {
  using type = T;
};
template <class T, class Iterator>
struct Plain<cub::FutureValue<T, Iterator>> {  // an initial value that is still on the device
  using type = T;
};

/// Output iterators may have no value type: the input's, then.
template <class Out, class In>
using OutValue = std::conditional_t<std::is_void_v<Value<Out>>, Value<In>, Value<Out>>;

template <class In, class Out, class F, class T>
void reduce(In in, Out out, long long n, F f, T initial) {
  Total<F, T, In> total = initial;
  for (long long i = 0; i < n; ++i) total = f(total, in[i]);
  *out = total;
}
template <class T>
constexpr T lowest = std::numeric_limits<T>::lowest();
template <class T>
constexpr T highest = std::numeric_limits<T>::max();
template <class In, class Better>
long long best(In in, long long n, Better better) {
  long long found = 0;
  for (long long i = 1; i < n; ++i)
    if (better(in[i], in[found])) found = i;
  return found;
}
/// The index and the value as a pair; of nothing, CUB's {1, the value that loses}.
template <class In, class Pair, class Better>
void put_best(In in, Pair out, long long n, Better better) {
  Value<Pair> pair;
  if (n > 0)
    pair.key = best(in, n, better), pair.value = in[pair.key];
  else
    pair.key = 1, pair.value = better(0, 1) ? highest<Value<In>> : lowest<Value<In>>;
  *out = pair;
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

/// `before`: the value that starts the scan; it is the first result of an exclusive one.
template <class In, class Out, class F, class T>
void exclusive_scan(In in, Out out, long long n, F f, T initial) {
  using Scanned = Total<F, typename Plain<T>::type, In>;
  Scanned before = typename Plain<T>::type(initial);
  for (long long i = 0; i < n; ++i) {
    Scanned next = f(before, in[i]);  // `out` may be `in`
    out[i] = before;
    before = next;
  }
}
template <class In, class Out, class F>
void inclusive_scan(In in, Out out, long long n, F f) {
  if (n <= 0) return;
  Total<F, Value<In>, In> total = in[0];
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
template <class In, class Run, class Equal = ::cuda::std::equal_to<>>
long long for_each_run(In in, long long n, Run&& run, Equal equal = {}) {
  long long runs = 0;
  for (long long begin = 0, end; begin < n; begin = end, ++runs) {
    for (end = begin + 1; end < n && equal(in[end - 1], in[end]);) ++end;
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

#include "simt/cub_histogram.hpp"
#include "simt/cub_reduce.hpp"
#include "simt/cub_scan.hpp"
#include "simt/cub_select.hpp"
#include "simt/cub_sort.hpp"
#include "simt/cub_transform.hpp"

#undef SIMT_CUB
#undef SIMT_CUB_WORK
#undef SIMT_CUB_END
