#pragma once
// Included by cub_device.hpp alone.
CUB_NAMESPACE_BEGIN

struct DeviceRadixSort {
#define SIMT_CUB_SORT(suffix, descending)                                                                    \
  template <class Key, class N>                                                                              \
  SIMT_CUB(SortKeys##suffix, const Key* in, Key* out, N n, int begin = 0, int end = 8 * sizeof(Key)) {       \
    SIMT_CUB_WORK { simt::cubs::sort<Key, NullType>(in, out, nullptr, nullptr, n, begin, end, descending); } \
    SIMT_CUB_END;                                                                                            \
  }                                                                                                          \
  template <class Key, class T, class N>                                                                     \
  SIMT_CUB(SortPairs##suffix, const Key* in, Key* out, const T* values, T* values_out, N n, int begin = 0,   \
           int end = 8 * sizeof(Key)) {                                                                      \
    SIMT_CUB_WORK { simt::cubs::sort(in, out, values, values_out, n, begin, end, descending); }              \
    SIMT_CUB_END;                                                                                            \
  }                                                                                                          \
  template <class Key, class N>                                                                              \
  SIMT_CUB(SortKeys##suffix, DoubleBuffer<Key>& keys, N n, int begin = 0, int end = 8 * sizeof(Key)) {       \
    Key *in = keys.Current(), *out = keys.Alternate();                                                       \
    if (temporary) keys.selector ^= 1;                                                                       \
    return SortKeys##suffix(temporary, bytes, (const Key*)in, out, n, begin, end, stream);                   \
  }                                                                                                          \
  template <class Key, class T, class N>                                                                     \
  SIMT_CUB(SortPairs##suffix, DoubleBuffer<Key>& keys, DoubleBuffer<T>& values, N n, int begin = 0,          \
           int end = 8 * sizeof(Key)) {                                                                      \
    Key *in = keys.Current(), *out = keys.Alternate();                                                       \
    T *from = values.Current(), *to = values.Alternate();                                                    \
    if (temporary) keys.selector ^= 1, values.selector ^= 1;                                                 \
    return SortPairs##suffix(temporary, bytes, (const Key*)in, out, (const T*)from, to, n, begin, end,       \
                             stream);                                                                        \
  }
  SIMT_CUB_SORT(, false)
  SIMT_CUB_SORT(Descending, true)
#undef SIMT_CUB_SORT
};

struct DeviceMergeSort {
  template <class Keys, class N, class F>
  SIMT_CUB(StableSortKeys, Keys keys, N n, F less) {
    SIMT_CUB_WORK { std::stable_sort(keys, keys + n, less); }
    SIMT_CUB_END;
  }
  template <class Keys, class N, class F>
  SIMT_CUB(SortKeys, Keys keys, N n, F less) {
    return StableSortKeys(temporary, bytes, keys, n, less, stream);
  }
  template <class Keys, class Values, class N, class F>
  SIMT_CUB(StableSortPairs, Keys keys, Values values, N n, F less) {
    SIMT_CUB_WORK {
      std::vector<long long> order(n);
      std::iota(order.begin(), order.end(), 0ll);
      std::vector<simt::cubs::Value<Keys>> k(keys, keys + n);
      std::vector<simt::cubs::Value<Values>> v(values, values + n);
      std::stable_sort(order.begin(), order.end(),
                       [&](long long a, long long b) { return less(k[a], k[b]); });
      for (long long i = 0; i < (long long)n; ++i) keys[i] = k[order[i]], values[i] = v[order[i]];
    }
    SIMT_CUB_END;
  }
  template <class Keys, class Values, class N, class F>
  SIMT_CUB(SortPairs, Keys keys, Values values, N n, F less) {
    return StableSortPairs(temporary, bytes, keys, values, n, less, stream);
  }
  template <class In, class Keys, class N, class F>
  SIMT_CUB(StableSortKeysCopy, In in, Keys keys, N n, F less) {
    SIMT_CUB_WORK {
      std::copy(in, in + n, keys);
      std::stable_sort(keys, keys + n, less);
    }
    SIMT_CUB_END;
  }
  template <class In, class Keys, class N, class F>
  SIMT_CUB(SortKeysCopy, In in, Keys keys, N n, F less) {
    return StableSortKeysCopy(temporary, bytes, in, keys, n, less, stream);
  }
  template <class In, class ValuesIn, class Keys, class Values, class N, class F>
  SIMT_CUB(SortPairsCopy, In in, ValuesIn values_in, Keys keys, Values values, N n, F less) {
    if (temporary)
      simt::library_call(stream,
                         [=] { std::copy(in, in + n, keys), std::copy(values_in, values_in + n, values); });
    return StableSortPairs(temporary, bytes, keys, values, n, less, stream);
  }
};

/// Every segment by itself. What lies in none of them stays as it is.
namespace simt_segments {
template <class Key, class T, class Begin, class End>
cudaError_t sort(void* temporary, std::size_t& bytes, const Key* in, Key* out, const T* values, T* values_out,
                 ::cuda::std::int64_t segments, Begin begins, End ends, int begin, int end, bool descending,
                 cudaStream_t stream) {
  SIMT_CUB_WORK {
    for (long long s = 0; s < segments; ++s) {
      const long long at = begins[s], n = (long long)ends[s] - at;
      if (n > 0) simt::cubs::sort(in + at, out + at, values + at, values_out + at, n, begin, end, descending);
    }
  }
  SIMT_CUB_END;
}
template <class Key, class T, class Begin, class End>
cudaError_t sort(void* temporary, std::size_t& bytes, DoubleBuffer<Key>& keys, DoubleBuffer<T>& values,
                 ::cuda::std::int64_t segments, Begin begins, End ends, int begin, int end, bool descending,
                 cudaStream_t stream) {
  const Key* in = keys.Current();
  const T* from = values.Current();
  Key* out = keys.Alternate();
  T* to = values.Alternate();
  if (temporary) keys.selector ^= 1, values.selector ^= 1;
  return sort(temporary, bytes, in, out, from, to, segments, begins, ends, begin, end, descending, stream);
}
}  // namespace simt_segments

#define SIMT_CUB_SEGMENTS ::cuda::std::int64_t, ::cuda::std::int64_t segments, Begin begins, End ends
#define SIMT_CUB_SORT(keys_name, pairs_name, descending, first, last, ...)                                   \
  template <class Key, class Begin, class End>                                                               \
  SIMT_CUB(keys_name, const Key* in, Key* out, SIMT_CUB_SEGMENTS __VA_OPT__(, ) __VA_ARGS__) {               \
    return simt_segments::sort(temporary, bytes, in, out, (const NullType*)nullptr, (NullType*)nullptr,      \
                               segments, begins, ends, first, last, descending, stream);                     \
  }                                                                                                          \
  template <class Key, class Begin, class End>                                                               \
  SIMT_CUB(keys_name, DoubleBuffer<Key>& keys, SIMT_CUB_SEGMENTS __VA_OPT__(, ) __VA_ARGS__) {               \
    DoubleBuffer<NullType> none;                                                                             \
    return simt_segments::sort(temporary, bytes, keys, none, segments, begins, ends, first, last,            \
                               descending, stream);                                                          \
  }                                                                                                          \
  template <class Key, class T, class Begin, class End>                                                      \
  SIMT_CUB(pairs_name, const Key* in, Key* out, const T* values, T* values_out,                              \
           SIMT_CUB_SEGMENTS __VA_OPT__(, ) __VA_ARGS__) {                                                   \
    return simt_segments::sort(temporary, bytes, in, out, values, values_out, segments, begins, ends, first, \
                               last, descending, stream);                                                    \
  }                                                                                                          \
  template <class Key, class T, class Begin, class End>                                                      \
  SIMT_CUB(pairs_name, DoubleBuffer<Key>& keys, DoubleBuffer<T>& values,                                     \
           SIMT_CUB_SEGMENTS __VA_OPT__(, ) __VA_ARGS__) {                                                   \
    return simt_segments::sort(temporary, bytes, keys, values, segments, begins, ends, first, last,          \
                               descending, stream);                                                          \
  }

struct DeviceSegmentedSort {
  SIMT_CUB_SORT(SortKeys, SortPairs, false, 0, 8 * sizeof(Key))
  SIMT_CUB_SORT(SortKeysDescending, SortPairsDescending, true, 0, 8 * sizeof(Key))
  SIMT_CUB_SORT(StableSortKeys, StableSortPairs, false, 0, 8 * sizeof(Key))
  SIMT_CUB_SORT(StableSortKeysDescending, StableSortPairsDescending, true, 0, 8 * sizeof(Key))
};

struct DeviceSegmentedRadixSort {
  SIMT_CUB_SORT(SortKeys, SortPairs, false, begin, end, int begin = 0, int end = 8 * sizeof(Key))
  SIMT_CUB_SORT(SortKeysDescending, SortPairsDescending, true, begin, end, int begin = 0,
                int end = 8 * sizeof(Key))
};
#undef SIMT_CUB_SORT
#undef SIMT_CUB_SEGMENTS

CUB_NAMESPACE_END
