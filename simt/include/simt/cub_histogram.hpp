#pragma once
// Included by cub_device.hpp alone.
CUB_NAMESPACE_BEGIN

struct DeviceHistogram {
  template <class In, class Counter, class Level, class N>
  SIMT_CUB(HistogramEven, In samples, Counter* histogram, int levels, Level lower, Level upper, N n) {
    return HistogramEven(temporary, bytes, samples, histogram, levels, lower, upper, n, N(1), 0, stream);
  }
  template <class In, class Counter, class Level, class N>
  SIMT_CUB(HistogramEven, In samples, Counter* histogram, int levels, Level lower, Level upper, N columns,
           N rows, std::size_t stride) {
    return MultiHistogramEven<1, 1>(temporary, bytes, samples, List<Counter*, 1>{histogram},
                                    List<int, 1>{levels}, List<Level, 1>{lower}, List<Level, 1>{upper},
                                    columns, rows, stride, stream);
  }
  template <class In, class Counter, class Level, class N>
  SIMT_CUB(HistogramRange, In samples, Counter* histogram, int count, const Level* levels, N n) {
    return HistogramRange(temporary, bytes, samples, histogram, count, levels, n, N(1), 0, stream);
  }
  template <class In, class Counter, class Level, class N>
  SIMT_CUB(HistogramRange, In samples, Counter* histogram, int count, const Level* levels, N columns, N rows,
           std::size_t stride) {
    return MultiHistogramRange<1, 1>(temporary, bytes, samples, List<Counter*, 1>{histogram},
                                     List<int, 1>{count}, List<const Level*, 1>{levels}, columns, rows,
                                     stride, stream);
  }

  // Pixels of several channels, the first ones of which are counted. Lists are arrays of CUDA's or of C's.
  template <int channels, int active, class In, class Counters, class Counts, class Levels, class N>
  SIMT_CUB(MultiHistogramEven, In samples, const Counters& histogram, const Counts& levels,
           const Levels& lower, const Levels& upper, N pixels) {
    return MultiHistogramEven<channels, active>(temporary, bytes, samples, histogram, levels, lower, upper,
                                                pixels, N(1), 0, stream);
  }
  template <int channels, int active, class In, class Counters, class Counts, class Levels, class N>
  SIMT_CUB(MultiHistogramEven, In samples, const Counters& histogram, const Counts& levels,
           const Levels& lower, const Levels& upper, N columns, N rows, std::size_t stride) {
    const auto bins = copy<active>(histogram);
    const auto many = copy<active>(levels);
    const auto from = copy<active>(lower), to = copy<active>(upper);
    SIMT_CUB_WORK {
      for (int c = 0; c < active; ++c)
        count<channels>(samples, c, bins[c], many[c] - 1, columns, rows, stride,
                        [&](auto sample) { return even(sample, many[c], from[c], to[c]); });
    }
    SIMT_CUB_END;
  }
  template <int channels, int active, class In, class Counters, class Counts, class Levels, class N>
  SIMT_CUB(MultiHistogramRange, In samples, const Counters& histogram, const Counts& count,
           const Levels& levels, N pixels) {
    return MultiHistogramRange<channels, active>(temporary, bytes, samples, histogram, count, levels, pixels,
                                                 N(1), 0, stream);
  }
  template <int channels, int active, class In, class Counters, class Counts, class Levels, class N>
  SIMT_CUB(MultiHistogramRange, In samples, const Counters& histogram, const Counts& counts,
           const Levels& levels, N columns, N rows, std::size_t stride) {
    const auto bins = copy<active>(histogram);
    const auto many = copy<active>(counts);
    const auto limits = copy<active>(levels);
    SIMT_CUB_WORK {
      for (int c = 0; c < active; ++c)
        count<channels>(samples, c, bins[c], many[c] - 1, columns, rows, stride, [&](auto sample) {
          return std::upper_bound(limits[c], limits[c] + many[c], sample) - limits[c] - 1;
        });
    }
    SIMT_CUB_END;
  }

 private:
  template <class T, int n>
  using List = ::cuda::std::array<T, n>;

  template <int n, class From>
  static auto copy(const From& from) {
    List<std::remove_cvref_t<decltype(from[0])>, n> list{};
    std::copy_n(&from[0], n, list.begin());
    return list;
  }
  /// -1 where the sample is outside.
  template <class Sample, class Level>
  static long long even(Sample sample, int levels, Level lower, Level upper) {
    if (sample < lower || sample >= upper) return -1;
    if constexpr (std::is_floating_point_v<Level>)
      return std::min((long long)((Level(sample) - lower) * (Level(levels - 1) / (upper - lower))),
                      levels - 2ll);
    else
      return (long long)((__int128)(sample - lower) * (levels - 1) / (upper - lower));
  }
  /// Rows lie `stride` bytes apart.
  template <int channels, class In, class Counter, class N, class Bin>
  static void count(In samples, int channel, Counter* histogram, int bins, N columns, N rows,
                    std::size_t stride, Bin&& bin_of) {
    std::fill(histogram, histogram + bins, Counter{});
    for (long long r = 0; r < (long long)rows; ++r)
      for (long long i = 0; i < (long long)columns; ++i) {
        const long long row = r * (long long)(stride / sizeof(simt::cubs::Value<In>));
        const long long bin = bin_of(samples[row + i * channels + channel]);
        if (bin >= 0 && bin < bins) ++histogram[bin];
      }
  }
};

CUB_NAMESPACE_END
