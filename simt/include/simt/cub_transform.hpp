#pragma once
// Included by cub_device.hpp alone.
CUB_NAMESPACE_BEGIN

/// Item by item: no temporary storage, or none that is used.
struct DeviceTransform {
  template <class... In, class Out, class N, class F>
  static cudaError_t Transform(::cuda::std::tuple<In...> inputs, Out out, N n, F f,
                               cudaStream_t stream = nullptr) {
    return simt::library_call(stream, [=]() mutable {
      ::cuda::std::apply(
          [&](auto... in) {
            for (N i = 0; i < n; ++i) out[i] = f(in[i]...);
          },
          inputs);
    });
  }
  template <class In, class Out, class N, class F>
  static cudaError_t Transform(In in, Out out, N n, F f, cudaStream_t stream = nullptr) {
    return Transform(::cuda::std::make_tuple(in), out, n, f, stream);
  }
  template <class... In, class Out, class N, class F>
  static cudaError_t TransformStableArgumentAddresses(::cuda::std::tuple<In...> inputs, Out out, N n, F f,
                                                      cudaStream_t stream = nullptr) {
    return Transform(inputs, out, n, f, stream);
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
  template <class In, class F>
  static cudaError_t ForEach(In begin, In end, F f, cudaStream_t stream = nullptr) {
    return ForEachN(begin, (long long)(end - begin), f, stream);
  }
  template <class In, class N, class F>
  static cudaError_t ForEachCopyN(In in, N n, F f, cudaStream_t stream = nullptr) {
    return ForEachN(in, n, f, stream);
  }
  template <class In, class F>
  static cudaError_t ForEachCopy(In begin, In end, F f, cudaStream_t stream = nullptr) {
    return ForEach(begin, end, f, stream);
  }
};

struct DeviceAdjacentDifference {
  template <class In, class Out, class N, class F = ::cuda::std::minus<>>
  SIMT_CUB(SubtractLeftCopy, In in, Out out, N n, F f = {}) {
    SIMT_CUB_WORK {
      for (long long i = n; --i > 0;) out[i] = f(in[i], in[i - 1]);
      if (n > 0) out[0] = in[0];
    }
    SIMT_CUB_END;
  }
  template <class In, class Out, class N, class F = ::cuda::std::minus<>>
  SIMT_CUB(SubtractRightCopy, In in, Out out, N n, F f = {}) {
    SIMT_CUB_WORK {
      for (long long i = 0; i + 1 < (long long)n; ++i) out[i] = f(in[i], in[i + 1]);
      if (n > 0) out[n - 1] = in[n - 1];
    }
    SIMT_CUB_END;
  }
  template <class In, class N, class F = ::cuda::std::minus<>>
  SIMT_CUB(SubtractLeft, In data, N n, F f = {}) {
    return SubtractLeftCopy(temporary, bytes, data, data, n, f, stream);
  }
  template <class In, class N, class F = ::cuda::std::minus<>>
  SIMT_CUB(SubtractRight, In data, N n, F f = {}) {
    return SubtractRightCopy(temporary, bytes, data, data, n, f, stream);
  }
};

struct DeviceMerge {
  template <class A, class B, class Out, class F = ::cuda::std::less<>>
  SIMT_CUB(MergeKeys, A a, ::cuda::std::int64_t a_size, B b, ::cuda::std::int64_t b_size, Out out,
           F less = {}) {
    SIMT_CUB_WORK { std::merge(a, a + a_size, b, b + b_size, out, less); }
    SIMT_CUB_END;
  }
  template <class A, class AValues, class B, class BValues, class Out, class OutValues,
            class F = ::cuda::std::less<>>
  SIMT_CUB(MergePairs, A a, AValues a_values, ::cuda::std::int64_t a_size, B b, BValues b_values,
           ::cuda::std::int64_t b_size, Out out, OutValues out_values, F less = {}) {
    SIMT_CUB_WORK {
      for (long long i = 0, j = 0, to = 0; to < a_size + b_size; ++to) {
        const bool second = i == a_size || (j < b_size && less(b[j], a[i]));
        if (second)
          out[to] = b[j], out_values[to] = b_values[j++];
        else
          out[to] = a[i], out_values[to] = a_values[i++];
      }
    }
    SIMT_CUB_END;
  }
};

struct DeviceMemcpy {
  template <class From, class To, class Sizes>
  SIMT_CUB(Batched, From from, To to, Sizes sizes, ::cuda::std::int64_t buffers) {
    SIMT_CUB_WORK {
      for (long long i = 0; i < buffers; ++i) std::memcpy(to[i], from[i], sizes[i]);
    }
    SIMT_CUB_END;
  }
};
struct DeviceCopy {
  template <class From, class To, class Sizes>
  SIMT_CUB(Batched, From from, To to, Sizes sizes, ::cuda::std::int64_t ranges) {
    SIMT_CUB_WORK {
      for (long long i = 0; i < ranges; ++i) std::copy_n(from[i], sizes[i], to[i]);
    }
    SIMT_CUB_END;
  }
};

CUB_NAMESPACE_END
