#pragma once
// Included by cub_device.hpp alone.
CUB_NAMESPACE_BEGIN

struct DeviceReduce {
  template <class In, class Out, class N, class F, class T>
  SIMT_CUB(Reduce, In in, Out out, N n, F f, T initial) {
    SIMT_CUB_WORK { simt::cubs::reduce(in, out, n, f, initial); }
    SIMT_CUB_END;
  }
  template <class In, class Out, class N>
  SIMT_CUB(Sum, In in, Out out, N n) {
    return Reduce(temporary, bytes, in, out, n, ::cuda::std::plus<>{}, simt::cubs::OutValue<Out, In>{},
                  stream);
  }
  template <class In, class Out, class N>
  SIMT_CUB(Min, In in, Out out, N n) {
    return Reduce(temporary, bytes, in, out, n, ::cuda::minimum<>{},
                  simt::cubs::highest<simt::cubs::Value<In>>, stream);
  }
  template <class In, class Out, class N>
  SIMT_CUB(Max, In in, Out out, N n) {
    return Reduce(temporary, bytes, in, out, n, ::cuda::maximum<>{},
                  simt::cubs::lowest<simt::cubs::Value<In>>, stream);
  }
  template <class In, class Out, class N, class F, class G, class T>
  SIMT_CUB(TransformReduce, In in, Out out, N n, F f, G transform, T initial) {
    SIMT_CUB_WORK {
      std::decay_t<std::invoke_result_t<F, decltype(transform(in[0])), T>> total = initial;
      for (long long i = 0; i < (long long)n; ++i) total = f(total, transform(in[i]));
      *out = total;
    }
    SIMT_CUB_END;
  }
  // The index as the key of a pair, or beside the value.
  template <class In, class Pair, class N>
  SIMT_CUB(ArgMin, In in, Pair out, N n) {
    SIMT_CUB_WORK { simt::cubs::put_best(in, out, n, simt::cubs::Less{}); }
    SIMT_CUB_END;
  }
  template <class In, class Pair, class N>
  SIMT_CUB(ArgMax, In in, Pair out, N n) {
    SIMT_CUB_WORK { simt::cubs::put_best(in, out, n, simt::cubs::Greater{}); }
    SIMT_CUB_END;
  }
  template <class In, class Out, class Index>
  SIMT_CUB(ArgMin, In in, Out out, Index index, ::cuda::std::int64_t n) {
    SIMT_CUB_WORK { *out = in[*index = simt::cubs::best(in, n, simt::cubs::Less{})]; }
    SIMT_CUB_END;
  }
  template <class In, class Out, class Index>
  SIMT_CUB(ArgMax, In in, Out out, Index index, ::cuda::std::int64_t n) {
    SIMT_CUB_WORK { *out = in[*index = simt::cubs::best(in, n, simt::cubs::Greater{})]; }
    SIMT_CUB_END;
  }
  template <class Keys, class UniqueOut, class Values, class Out, class Count, class F, class N>
  SIMT_CUB(ReduceByKey, Keys keys, UniqueOut unique, Values values, Out out, Count count, F f, N n) {
    SIMT_CUB_WORK {
      *count = simt::cubs::for_each_run(keys, n, [&](long long run, long long begin, long long end) {
        simt::cubs::Total<F, simt::cubs::Value<Values>, Values> total = values[begin];
        for (long long i = begin + 1; i < end; ++i) total = f(total, values[i]);
        unique[run] = simt::cubs::Value<Keys>(keys[begin]);
        out[run] = total;
      });
    }
    SIMT_CUB_END;
  }
};

struct DeviceSegmentedReduce {
  template <class In, class Out, class Begin, class End, class F, class T>
  SIMT_CUB(Reduce, In in, Out out, ::cuda::std::int64_t segments, Begin begin, End end, F f, T initial) {
    SIMT_CUB_WORK {
      for (long long s = 0; s < segments; ++s)
        simt::cubs::reduce(in + begin[s], out + s, (long long)end[s] - (long long)begin[s], f, initial);
    }
    SIMT_CUB_END;
  }
  template <class In, class Out, class Begin, class End>
  SIMT_CUB(Sum, In in, Out out, ::cuda::std::int64_t segments, Begin begin, End end) {
    using T = simt::cubs::OutValue<Out, In>;
    return Reduce(temporary, bytes, in, out, segments, begin, end, ::cuda::std::plus<>{}, T{}, stream);
  }
  template <class In, class Out, class Begin, class End>
  SIMT_CUB(Min, In in, Out out, ::cuda::std::int64_t segments, Begin begin, End end) {
    using T = simt::cubs::Value<In>;
    return Reduce(temporary, bytes, in, out, segments, begin, end, ::cuda::minimum<>{},
                  simt::cubs::highest<T>, stream);
  }
  template <class In, class Out, class Begin, class End>
  SIMT_CUB(Max, In in, Out out, ::cuda::std::int64_t segments, Begin begin, End end) {
    using T = simt::cubs::Value<In>;
    return Reduce(temporary, bytes, in, out, segments, begin, end, ::cuda::maximum<>{}, simt::cubs::lowest<T>,
                  stream);
  }
  template <class In, class Pair, class Begin, class End>
  SIMT_CUB(ArgMin, In in, Pair out, ::cuda::std::int64_t segments, Begin begin, End end) {
    SIMT_CUB_WORK {
      for (long long s = 0; s < segments; ++s)
        simt::cubs::put_best(in + begin[s], out + s, (long long)end[s] - (long long)begin[s],
                             simt::cubs::Less{});
    }
    SIMT_CUB_END;
  }
  template <class In, class Pair, class Begin, class End>
  SIMT_CUB(ArgMax, In in, Pair out, ::cuda::std::int64_t segments, Begin begin, End end) {
    SIMT_CUB_WORK {
      for (long long s = 0; s < segments; ++s)
        simt::cubs::put_best(in + begin[s], out + s, (long long)end[s] - (long long)begin[s],
                             simt::cubs::Greater{});
    }
    SIMT_CUB_END;
  }
};

CUB_NAMESPACE_END
