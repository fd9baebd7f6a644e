// CUB's rarer algorithms for the device: sorts by segment, transforms, differences, merges, histograms of
// channels, and sums of narrow flags.
#include <algorithm>
#include <cstdio>
#include <cub/cub.cuh>
#include <cub/util_allocator.cuh>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

constexpr int n = 1500;
int wrong = 0;

#define REQUIRE(...)                                                              \
  do {                                                                            \
    if (!(__VA_ARGS__)) ++wrong, std::printf("%d: %s\n", __LINE__, #__VA_ARGS__); \
  } while (0)

template <class T>
struct Managed {
  T* data = nullptr;
  std::size_t size;
  explicit Managed(std::size_t count) : size(count) {
    REQUIRE(cudaMallocManaged(&data, count * sizeof(T)) == 0);
  }
  explicit Managed(const std::vector<T>& from) : Managed(from.size()) {
    std::copy(from.begin(), from.end(), data);
  }
  Managed(const Managed&) = delete;
  ~Managed() { cudaFree(data); }
  operator T*() const { return data; }
  std::vector<T> host() const { return {data, data + size}; }
};

/// Asks for the size, allocates, does it, waits.
template <class F>
void run(F f) {
  std::size_t bytes = 0;
  REQUIRE(f(nullptr, bytes) == cudaSuccess);
  Managed<char> temporary(bytes);
  REQUIRE(f(temporary.data, bytes) == cudaSuccess);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
}
#define RUN(call, ...) run([&](void* t, std::size_t& bytes) { return cub::call(t, bytes, __VA_ARGS__); })

std::vector<int> random_ints(int limit) {
  std::mt19937 engine(limit);
  std::vector<int> out(n);
  for (int& x : out) x = int(engine() % unsigned(limit));
  return out;
}

std::vector<int> segments() {
  std::mt19937 engine(1);
  std::vector<int> ends{0, 0};  // the first is empty
  while (ends.back() < n) ends.push_back(std::min<int>(n, ends.back() + int(engine() % 60)));
  return ends;
}

void by_segment() {
  const std::vector<int> values = random_ints(1000), limits = segments();
  const int count = int(limits.size()) - 1;
  std::vector<int> up = values, down = values;
  for (int s = 0; s < count; ++s) {
    std::sort(up.begin() + limits[s], up.begin() + limits[s + 1]);
    std::sort(down.begin() + limits[s], down.begin() + limits[s + 1], std::greater<>());
  }
  Managed<int> in(values), out(n), index(n), other(n), begins(limits);
  RUN(DeviceSegmentedSort::SortKeys, in.data, out.data, n, count, begins.data, begins + 1);
  REQUIRE(out.host() == up);
  RUN(DeviceSegmentedRadixSort::SortKeysDescending, in.data, out.data, n, count, begins.data, begins + 1, 0,
      10);
  REQUIRE(out.host() == down);

  std::iota(index.data, index + n, 0);
  cub::DoubleBuffer<int> keys(in, out), places(index, other);
  RUN(DeviceSegmentedSort::StableSortPairs, keys, places, n, count, begins.data, begins + 1);
  REQUIRE(std::equal(up.begin(), up.end(), keys.Current()));
  for (int i = 0; i < n; ++i) REQUIRE(values[std::size_t(places.Current()[i])] == up[std::size_t(i)]);

  Managed<int> again(values);
  Managed<cub::KeyValuePair<int, int>> least((std::size_t(count)));
  RUN(DeviceSegmentedReduce::ArgMin, again.data, least.data, count, begins.data, begins + 1);
  for (int s = 0; s < count; ++s) {
    const auto first = values.begin() + limits[s], last = values.begin() + limits[s + 1];
    REQUIRE(least[s].key == (first == last ? 1 : int(std::min_element(first, last) - first)));
  }
}

void totals() {
  std::vector<unsigned char> flags(n);
  for (int i = 0; i < n; ++i) flags[std::size_t(i)] = i % 4 != 1;
  Managed<unsigned char> in(flags);
  Managed<int> ranks(n), total(1);
  RUN(DeviceScan::ExclusiveSum, in.data, ranks.data, n);  // more than 8 bits hold
  RUN(DeviceReduce::Sum, in.data, total.data, n);
  REQUIRE(ranks[n - 1] == std::accumulate(flags.begin(), flags.end() - 1, 0));
  REQUIRE(*total == std::accumulate(flags.begin(), flags.end(), 0));

  Managed<float> large(std::vector<float>{16777216.f, 1.f, 1.f});
  Managed<double> sum(1);
  RUN(DeviceReduce::Sum, large.data, sum.data, 3);
  REQUIRE(*sum == 16777218.0);

  Managed<int> ones(std::vector<int>(n, 1)), first(std::vector<int>{100});
  RUN(DeviceScan::ExclusiveScan, ones.data, ranks.data, cub::Sum(), cub::FutureValue<int>(first.data), n);
  REQUIRE(ranks[0] == 100 && ranks[n - 1] == 99 + n);
  RUN(DeviceScan::InclusiveScanInit, ones.data, ranks.data, cub::Sum(), 5, n);
  REQUIRE(ranks[0] == 6 && ranks[n - 1] == 5 + n);
  RUN(DeviceScan::ExclusiveScan, ones.data, cub::Sum(), 7, n);
  REQUIRE(ones[n - 1] == 6 + n);
}

void item_by_item() {
  const std::vector<int> values = random_ints(500);
  Managed<int> in(values), out(n), merged(2 * n);
  REQUIRE(cub::DeviceTransform::Transform(
              cuda::std::make_tuple(in.data, thrust::counting_iterator<int>(0)), out.data, n,
              [] __host__ __device__(int x, int i) { return i % 2 ? x : -x; }) == 0);
  REQUIRE(cub::DeviceFor::ForEach(in.data, in + n, [] __device__(int& x) { x += 1; }) == cudaSuccess);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < n; ++i) {
    const int x = values[std::size_t(i)];
    REQUIRE(out[i] == (i % 2 ? x : -x) && in[i] == x + 1);
  }
  RUN(DeviceAdjacentDifference::SubtractLeftCopy, in.data, out.data, n);
  REQUIRE(out[0] == values[0] + 1 && out[9] == values[9] - values[8]);
  RUN(DeviceAdjacentDifference::SubtractRight, in.data, n);
  REQUIRE(in[n - 1] == values[n - 1] + 1 && in[9] == values[9] - values[10]);

  std::vector<int> a = random_ints(300), b = random_ints(700), both(2 * n);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), both.begin());
  Managed<int> first(a), second(b);
  RUN(DeviceMerge::MergeKeys, first.data, n, second.data, n, merged.data);
  REQUIRE(merged.host() == both);
}

void chosen() {
  const std::vector<int> values = random_ints(1000);
  const auto below = [&](int limit) {
    return int(std::count_if(values.begin(), values.end(), [=](int x) { return x < limit; }));
  };
  Managed<int> in(values), third(n), a(n), b(n), c(n), count(2);
  RUN(
      DevicePartition::If, in.data, a.data, b.data, c.data, count.data, n,
      [] __device__(int x) { return x < 100; }, [] __device__(int x) { return x < 300; });
  REQUIRE(count[0] == below(100) && count[1] == below(300) - below(100));

  for (int i = 0; i < n; ++i) third[i] = i / 3;
  RUN(DeviceSelect::UniqueByKey, third.data, in.data, a.data, b.data, count.data, n);
  REQUIRE(count[0] == n / 3 && a[7] == 7 && b[7] == values[21]);
  RUN(DeviceSelect::If, in.data, count.data, n, [] __device__(int x) { return x < 500; });
  REQUIRE(count[0] == below(500));
}

void histograms() {
  constexpr int pixels = 300;
  std::vector<unsigned char> image(4 * pixels);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<unsigned char>(i * i % 251);
  Managed<unsigned char> in(image);
  Managed<int> red(256), green(256);
  int* bins[] = {red, green};
  const int levels[] = {257, 257}, lower[] = {0, 0}, upper[] = {256, 256};
  run([&](void* t, std::size_t& bytes) {
    return cub::DeviceHistogram::MultiHistogramEven<4, 2>(t, bytes, in.data, bins, levels, lower, upper,
                                                          pixels);
  });
  std::vector<int> want(256);
  for (int i = 0; i < pixels; ++i) ++want[image[std::size_t(4 * i + 1)]];
  REQUIRE(green.host() == want);

  Managed<float> limits(std::vector<float>{0, 2, 4, 6, 8}),
      samples(20);  // two rows of ten, seven of each count
  Managed<int> four(4);
  for (int i = 0; i < 20; ++i) samples[i] = float(i % 10);
  RUN(DeviceHistogram::HistogramRange, samples.data, four.data, 5, limits.data, 7, 2, 10 * sizeof(float));
  REQUIRE(four.host() == std::vector<int>{4, 4, 4, 2});
}

// As CUB's own examples have it: one that leaves what it keeps to the end of the process.
cub::CachingDeviceAllocator allocator(true);
void cached() {
  int *in = nullptr, *sum = nullptr;
  void* scratch = nullptr;
  std::size_t bytes = 0;
  REQUIRE(allocator.DeviceAllocate(reinterpret_cast<void**>(&in), n * sizeof(int)) == 0);
  REQUIRE(allocator.DeviceAllocate(reinterpret_cast<void**>(&sum), sizeof(int)) == 0);
  const std::vector<int> ones(n, 1);
  REQUIRE(cudaMemcpy(in, ones.data(), n * sizeof(int), cudaMemcpyHostToDevice) == 0);
  REQUIRE(cub::DeviceReduce::Sum(nullptr, bytes, in, sum, n) == 0);
  REQUIRE(allocator.DeviceAllocate(&scratch, bytes) == 0);
  REQUIRE(cub::DeviceReduce::Sum(scratch, bytes, in, sum, n) == 0);
  int total = 0;
  REQUIRE(cudaMemcpy(&total, sum, sizeof total, cudaMemcpyDeviceToHost) == 0 && total == n);
  for (void* memory : {static_cast<void*>(in), static_cast<void*>(sum), scratch})
    REQUIRE(allocator.DeviceFree(memory) == 0);
}

int main() {
  cached();
  by_segment();
  totals();
  item_by_item();
  chosen();
  histograms();
  return wrong != 0;
}
