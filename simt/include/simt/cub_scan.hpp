#pragma once
// Included by cub_device.hpp alone.
CUB_NAMESPACE_BEGIN

struct DeviceScan {
  template <class In, class Out, class F, class T, class N>
  SIMT_CUB(ExclusiveScan, In in, Out out, F f, T initial, N n) {
    SIMT_CUB_WORK { simt::cubs::exclusive_scan(in, out, n, f, initial); }
    SIMT_CUB_END;
  }
  template <class In, class Out, class F, class N>
  SIMT_CUB(InclusiveScan, In in, Out out, F f, N n) {
    SIMT_CUB_WORK { simt::cubs::inclusive_scan(in, out, n, f); }
    SIMT_CUB_END;
  }
  template <class In, class Out, class N>
  SIMT_CUB(ExclusiveSum, In in, Out out, N n) {
    return ExclusiveScan(temporary, bytes, in, out, ::cuda::std::plus<>{}, simt::cubs::Value<In>{}, n,
                         stream);
  }
  template <class In, class Out, class N>
  SIMT_CUB(InclusiveSum, In in, Out out, N n) {
    return InclusiveScan(temporary, bytes, in, out, ::cuda::std::plus<>{}, n, stream);
  }
  template <class In, class Out, class F, class T, class N>
  SIMT_CUB(InclusiveScanInit, In in, Out out, F f, T initial, N n) {
    SIMT_CUB_WORK {
      simt::cubs::Total<F, T, In> total = initial;
      for (long long i = 0; i < (long long)n; ++i) out[i] = total = f(total, in[i]);
    }
    SIMT_CUB_END;
  }
  // In place
  template <class In, class F, class T, class N>
  requires std::is_integral_v<N> SIMT_CUB(ExclusiveScan, In data, F f, T initial, N n) {
    return ExclusiveScan(temporary, bytes, data, data, f, initial, n, stream);
  }
  template <class In, class F, class N>
  requires std::is_integral_v<N> SIMT_CUB(InclusiveScan, In data, F f, N n) {
    return InclusiveScan(temporary, bytes, data, data, f, n, stream);
  }
  template <class In, class N>
  requires std::is_integral_v<N> SIMT_CUB(ExclusiveSum, In data, N n) {
    return ExclusiveSum(temporary, bytes, data, data, n, stream);
  }
  template <class In, class N>
  requires std::is_integral_v<N> SIMT_CUB(InclusiveSum, In data, N n) {
    return InclusiveSum(temporary, bytes, data, data, n, stream);
  }
  template <class Keys, class In, class Out, class F, class N, class Equal = ::cuda::std::equal_to<>>
  SIMT_CUB(InclusiveScanByKey, Keys keys, In in, Out out, F f, N n, Equal equal = {}) {
    SIMT_CUB_WORK {
      simt::cubs::for_each_run(
          keys, n,
          [&](long long, long long begin, long long end) {
            simt::cubs::inclusive_scan(in + begin, out + begin, end - begin, f);
          },
          equal);
    }
    SIMT_CUB_END;
  }
  template <class Keys, class In, class Out, class F, class T, class N, class Equal = ::cuda::std::equal_to<>>
  SIMT_CUB(ExclusiveScanByKey, Keys keys, In in, Out out, F f, T initial, N n, Equal equal = {}) {
    SIMT_CUB_WORK {
      simt::cubs::for_each_run(
          keys, n,
          [&](long long, long long begin, long long end) {
            simt::cubs::exclusive_scan(in + begin, out + begin, end - begin, f, initial);
          },
          equal);
    }
    SIMT_CUB_END;
  }
  template <class Keys, class In, class Out, class N, class Equal = ::cuda::std::equal_to<>>
  SIMT_CUB(InclusiveSumByKey, Keys keys, In in, Out out, N n, Equal equal = {}) {
    return InclusiveScanByKey(temporary, bytes, keys, in, out, ::cuda::std::plus<>{}, n, equal, stream);
  }
  template <class Keys, class In, class Out, class N, class Equal = ::cuda::std::equal_to<>>
  SIMT_CUB(ExclusiveSumByKey, Keys keys, In in, Out out, N n, Equal equal = {}) {
    using T = simt::cubs::Value<In>;
    return ExclusiveScanByKey(temporary, bytes, keys, in, out, ::cuda::std::plus<>{}, T{}, n, equal, stream);
  }
};

CUB_NAMESPACE_END
