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
};

struct DeviceHistogram {
  template <class In, class Counter, class Level, class N>
  SIMT_CUB(HistogramEven, In samples, Counter* histogram, int levels, Level lower, Level upper, N n) {
    SIMT_CUB_WORK {
      std::fill(histogram, histogram + levels - 1, Counter{});
      for (long long i = 0; i < (long long)n; ++i) {
        const auto sample = samples[i];
        if (sample < lower || sample >= upper) continue;
        long long bin;
        if constexpr (std::is_floating_point_v<Level>)
          bin = (long long)((Level(sample) - lower) * (Level(levels - 1) / (upper - lower)));
        else
          bin = (long long)((__int128)(sample - lower) * (levels - 1) / (upper - lower));
        ++histogram[std::min(bin, (long long)levels - 2)];
      }
    }
    SIMT_CUB_END;
  }
  template <class In, class Counter, class Level, class N>
  SIMT_CUB(HistogramRange, In samples, Counter* histogram, int count, const Level* levels, N n) {
    SIMT_CUB_WORK {
      std::fill(histogram, histogram + count - 1, Counter{});
      for (long long i = 0; i < (long long)n; ++i) {
        const long long bin = std::upper_bound(levels, levels + count, Level(samples[i])) - levels - 1;
        if (bin >= 0 && bin < count - 1) ++histogram[bin];
      }
    }
    SIMT_CUB_END;
  }
};

struct DeviceSelect {
  template <class In, class Flags, class Out, class Count, class N>
  SIMT_CUB(Flagged, In in, Flags flags, Out out, Count count, N n) {
    SIMT_CUB_WORK {
      simt::cubs::select(in, out, count, n, [&](long long i) { return bool(flags[i]); });
    }
    SIMT_CUB_END;
  }
  template <class In, class Out, class Count, class N, class F>
  SIMT_CUB(If, In in, Out out, Count count, N n, F keep) {
    SIMT_CUB_WORK {
      simt::cubs::select(in, out, count, n, [&](long long i) { return keep(in[i]); });
    }
    SIMT_CUB_END;
  }
  template <class In, class Out, class Count, class N>
  SIMT_CUB(Unique, In in, Out out, Count count, N n) {
    SIMT_CUB_WORK {
      *count = simt::cubs::for_each_run(in, n, [&](long long run, long long begin, long long) {
        out[run] = simt::cubs::Value<In>(in[begin]);
      });
    }
    SIMT_CUB_END;
  }
};

/// Those that are not chosen follow at the end, backwards.
struct DevicePartition {
  template <class In, class Flags, class Out, class Count, class N>
  SIMT_CUB(Flagged, In in, Flags flags, Out out, Count count, N n) {
    SIMT_CUB_WORK {
      part(in, out, count, n, [&](long long i) { return bool(flags[i]); });
    }
    SIMT_CUB_END;
  }
  template <class In, class Out, class Count, class N, class F>
  SIMT_CUB(If, In in, Out out, Count count, N n, F first) {
    SIMT_CUB_WORK {
      part(in, out, count, n, [&](long long i) { return first(in[i]); });
    }
    SIMT_CUB_END;
  }

 private:
  template <class In, class Out, class Count, class F>
  static void part(In in, Out out, Count count, long long n, F&& first) {
    long long front = 0, back = n;
    for (long long i = 0; i < n; ++i) out[first(i) ? front++ : --back] = simt::cubs::Value<In>(in[i]);
    *count = front;
  }
};

struct DeviceRunLengthEncode {
  template <class In, class UniqueOut, class Lengths, class Count, class N>
  SIMT_CUB(Encode, In in, UniqueOut unique, Lengths lengths, Count count, N n) {
    SIMT_CUB_WORK {
      *count = simt::cubs::for_each_run(in, n, [&](long long run, long long begin, long long end) {
        unique[run] = simt::cubs::Value<In>(in[begin]);
        lengths[run] = end - begin;
      });
    }
    SIMT_CUB_END;
  }
  template <class In, class Offsets, class Lengths, class Count, class N>
  SIMT_CUB(NonTrivialRuns, In in, Offsets offsets, Lengths lengths, Count count, N n) {
    SIMT_CUB_WORK {
      long long kept = 0;
      simt::cubs::for_each_run(in, n, [&](long long, long long begin, long long end) {
        if (end - begin > 1) offsets[kept] = begin, lengths[kept++] = end - begin;
      });
      *count = kept;
    }
    SIMT_CUB_END;
  }
};

struct DeviceFor {
  template <class N, class F>
  static cudaError_t Bulk(N n, F f, cudaStream_t stream = nullptr) {
    return simt::library_call(stream, [=]() mutable {
      for (N i = 0; i < n; ++i) f(i);
    });
  }
  template <class In, class N, class F>
  static cudaError_t ForEachN(In in, N n, F f, cudaStream_t stream = nullptr) {
    return simt::library_call(stream, [=]() mutable {
      for (N i = 0; i < n; ++i) f(in[i]);
    });
  }
};

CUB_NAMESPACE_END
