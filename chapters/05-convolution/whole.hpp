// Checks of a whole output at once, for shapes whose elements are too many for the oracle. On whole numbers a
// convolution is linear modulo 2^64 as well, so the sum of all filters' outputs, each times a random word,
// must be the output of the sum of those filters times the same words: one filter's work instead of K.
// Freivalds 1979, as in bench/freivalds.hpp. Part of problem.cpp.
#pragma once

template <class T>
std::optional<std::int64_t> Forward<T>::find_wrong(std::size_t, const std::vector<std::byte>& got,
                                                   std::uint64_t seed) const {
  const auto& z = this->z_;
  const std::int64_t taps = std::int64_t(z.r) * z.s, channels = z.group_c();
  const auto v = bench::random_words(z.k, seed);
  std::vector<bench::Word> sum_filter(static_cast<std::size_t>(taps * z.c));  // R S C
  for (std::int64_t k = 0; k < z.k; ++k)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t c = 0; c < channels; ++c)
        sum_filter[tap * z.c + k / z.group_k() * channels + c] +=
            v[k] * bench::word(filter_[(k * taps + tap) * channels + c]);
  return this->wrong_pixel(z.p, z.q, z.k, z.y_strides(), v, got, [&](int n, int p, int q) {
    bench::Word want = 0;
    this->each_tap(n, p, q, [&](std::int64_t tap, std::int64_t pixel) {
      for (int c = 0; c < z.c; ++c) want += sum_filter[tap * z.c + c] * bench::word(x_[pixel * z.c + c]);
    });
    return want;
  });
}

template <class T>
std::optional<std::int64_t> BackwardData<T>::find_wrong(std::size_t, const std::vector<std::byte>& got,
                                                        std::uint64_t seed) const {
  const auto& z = this->z_;
  const std::int64_t taps = std::int64_t(z.r) * z.s, channels = z.group_c();
  const auto v = bench::random_words(z.c, seed);
  std::vector<bench::Word> sum_filter(static_cast<std::size_t>(taps * z.k));  // R S K
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t k = 0; k < z.k; ++k)
        sum_filter[tap * z.k + k] +=
            v[k / z.group_k() * channels + c] * bench::word(filter_[(c * taps + tap) * z.k + k]);
  return this->wrong_pixel(z.h, z.w, z.c, z.x_strides(), v, got, [&](int n, int h, int w) {
    bench::Word want = 0;
    this->each_output(n, h, w, [&](std::int64_t tap, std::int64_t output) {
      for (int k = 0; k < z.k; ++k) want += sum_filter[tap * z.k + k] * bench::word(dy_[output * z.k + k]);
    });
    return want;
  });
}

// Here the sum is over the filters of dy, and a weight is checked together with those of the other filters.
template <class T>
std::optional<std::int64_t> BackwardFilter<T>::find_wrong(std::size_t, const std::vector<std::byte>& got,
                                                          std::uint64_t seed) const {
  const auto& z = this->z_;
  const std::int64_t outputs = std::int64_t(z.n) * z.p * z.q, pixels = std::int64_t(z.n) * z.h * z.w;
  const auto v = bench::random_words(z.k, seed);
  std::vector<bench::Word> sum_dy(static_cast<std::size_t>(z.groups * outputs));
#pragma omp parallel for
  for (std::int64_t i = 0; i < outputs; ++i)
    for (std::int64_t k = 0; k < z.k; ++k)
      sum_dy[k / z.group_k() * outputs + i] += v[k] * bench::word(dy_[k * outputs + i]);
  const conv::Strides f = z.filter_strides();
  const int taps = z.r * z.s;
  const auto first = [&](std::int64_t i) {  // of the group's filters: where it has weight i of C R S
    const auto c = static_cast<int>(i / taps), tap = static_cast<int>(i % taps);
    return f.at(c / z.group_c() * z.group_k(), c % z.group_c(), tap / z.s, tap % z.s);
  };
  const std::int64_t wrong = bench::first_wrong(std::int64_t(z.c) * taps, [&](std::int64_t i) {
    const std::int64_t c = i / taps, group = c / z.group_c(), tap = i % taps;
    bench::Fingerprint weights;
    for (int k = 0; k < z.group_k(); ++k)
      weights.add(v[group * z.group_k() + k],
                  bench::load(Element<T>::type, got.data(), first(i) + std::int64_t(k) * f.i));
    bench::Word want = 0;
    this->each_meeting(tap / z.s, tap % z.s, [&](std::int64_t pixel, std::int64_t output) {
      want += sum_dy[group * outputs + output] * bench::word(x_[c * pixels + pixel]);
    });
    return weights == want;
  });
  return wrong < 0 ? -1 : first(wrong);
}

template <class T>
template <class Want>
std::int64_t Convolution<T>::wrong_pixel(int height, int width, int channels, const conv::Strides& at,
                                         const std::vector<bench::Word>& v, const std::vector<std::byte>& got,
                                         Want want) const {
  const auto place = [&](std::int64_t pixel) {
    return std::array{static_cast<int>(pixel / width / height), static_cast<int>(pixel / width % height),
                      static_cast<int>(pixel % width)};
  };
  const std::int64_t wrong = bench::first_wrong(std::int64_t(z_.n) * height * width, [&](std::int64_t pixel) {
    const auto [n, row, column] = place(pixel);
    bench::Fingerprint sum;
    for (int c = 0; c < channels; ++c)
      sum.add(v[c], bench::load(Element<T>::type, got.data(), at.at(n, c, row, column)));
    return sum == want(n, row, column);
  });
  if (wrong < 0) return -1;
  const auto [n, row, column] = place(wrong);
  return at.at(n, 0, row, column);
}
