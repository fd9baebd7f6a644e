#pragma once
// Included by cub_device.hpp alone.
CUB_NAMESPACE_BEGIN

struct DeviceSelect {
  template <class In, class Flags, class Out, class Count>
  SIMT_CUB(Flagged, In in, Flags flags, Out out, Count count, ::cuda::std::int64_t n) {
    SIMT_CUB_WORK {
      simt::cubs::select(in, out, count, n, [&](long long i) { return bool(flags[i]); });
    }
    SIMT_CUB_END;
  }
  template <class In, class Out, class Count, class F>
  SIMT_CUB(If, In in, Out out, Count count, ::cuda::std::int64_t n, F keep) {
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
  template <class In, class Flags, class Out, class Count, class F>
  SIMT_CUB(FlaggedIf, In in, Flags flags, Out out, Count count, ::cuda::std::int64_t n, F keep) {
    SIMT_CUB_WORK {
      simt::cubs::select(in, out, count, n, [&](long long i) { return bool(keep(flags[i])); });
    }
    SIMT_CUB_END;
  }
  template <class Keys, class Values, class KeysOut, class ValuesOut, class Count, class N>
  SIMT_CUB(UniqueByKey, Keys keys, Values values, KeysOut keys_out, ValuesOut values_out, Count count, N n) {
    return UniqueByKey(temporary, bytes, keys, values, keys_out, values_out, count, n,
                       ::cuda::std::equal_to<>{}, stream);
  }
  template <class Keys, class Values, class KeysOut, class ValuesOut, class Count, class N, class Equal>
  requires(!std::is_convertible_v<Equal, cudaStream_t>)
      SIMT_CUB(UniqueByKey, Keys keys, Values values, KeysOut keys_out, ValuesOut values_out, Count count,
               N n, Equal equal) {
    SIMT_CUB_WORK {
      *count = simt::cubs::for_each_run(
          keys, n,
          [&](long long run, long long begin, long long) {
            keys_out[run] = simt::cubs::Value<Keys>(keys[begin]);
            values_out[run] = simt::cubs::Value<Values>(values[begin]);
          },
          equal);
    }
    SIMT_CUB_END;
  }
  // In place
  template <class In, class Flags, class Count>
  SIMT_CUB(Flagged, In data, Flags flags, Count count, ::cuda::std::int64_t n) {
    return Flagged(temporary, bytes, data, flags, data, count, n, stream);
  }
  template <class In, class Count, class F>
  SIMT_CUB(If, In data, Count count, ::cuda::std::int64_t n, F keep) {
    return If(temporary, bytes, data, data, count, n, keep, stream);
  }
  template <class In, class Flags, class Count, class F>
  SIMT_CUB(FlaggedIf, In data, Flags flags, Count count, ::cuda::std::int64_t n, F keep) {
    return FlaggedIf(temporary, bytes, data, flags, data, count, n, keep, stream);
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

  /// Three parts, each in order; how many are in the first and in the second.
  template <class In, class First, class Second, class Rest, class Counts, class N, class F, class G>
  SIMT_CUB(If, In in, First first, Second second, Rest rest, Counts counts, N n, F is_first, G is_second) {
    SIMT_CUB_WORK {
      long long firsts = 0, seconds = 0, others = 0;
      for (long long i = 0; i < (long long)n; ++i) {
        const simt::cubs::Value<In> value = in[i];
        if (is_first(value))
          first[firsts++] = value;
        else if (is_second(value))
          second[seconds++] = value;
        else
          rest[others++] = value;
      }
      counts[0] = firsts, counts[1] = seconds;
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

CUB_NAMESPACE_END
