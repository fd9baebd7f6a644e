// The problems' checks of a shape, and their truth: each output's sum by the formula, in double. Part of
// problem.cpp.
#pragma once

template <class T>
Convolution<T>::Convolution(const bench::Shape& s) {
  const std::int64_t stride = s["stride"], pad = s["pad"], dilation = s["dilation"], groups = s["groups"];
  if (s["c"] % groups || s["k"] % groups)
    throw bench::BadInput("groups = " + std::to_string(groups) + " must divide both c = " +
                          std::to_string(s["c"]) + " and k = " + std::to_string(s["k"]));
  const auto outputs = [&](const char* image, const char* filter) {
    const std::int64_t padded = s[image] + 2 * pad, extent = (s[filter] - 1) * dilation + 1;
    if (padded > INT32_MAX) throw bench::BadInput(std::string(image) + " + 2 * pad must fit into 32 bits");
    if (extent > padded)
      throw bench::BadInput("the dilated filter spans " + std::to_string(extent) + " pixels along " + image +
                            ", more than the padded image's " + std::to_string(padded) + ": enlarge " +
                            image + " or pad");
    return (padded - extent) / stride + 1;
  };
  const std::int64_t p = outputs("h", "r"), q = outputs("w", "s");
  const auto fits = [](const char* name, std::initializer_list<double> factors) {
    double count = 1;
    for (double f : factors) count *= f;
    if (count > INT32_MAX)
      throw bench::BadInput(std::string(name) +
                            " would have more than 2^31 - 1 elements: use a smaller shape");
  };
  fits("x", {double(s["n"]), double(s["c"]), double(s["h"]), double(s["w"])});
  fits("filter", {double(s["k"]), double(s["c"] / groups), double(s["r"]), double(s["s"])});
  fits("y", {double(s["n"]), double(s["k"]), double(p), double(q)});
  // One image's, which an empty batch does not bound.
  fits("x", {double(s["c"]), double(s["h"]), double(s["w"])});
  fits("y", {double(s["k"]), double(p), double(q)});
  const auto i = [&](const char* name) { return static_cast<int>(s[name]); };
  z_ = {.n = i("n"),
        .c = i("c"),
        .h = i("h"),
        .w = i("w"),
        .k = i("k"),
        .r = i("r"),
        .s = i("s"),
        .p = static_cast<int>(p),
        .q = static_cast<int>(q),
        .stride = i("stride"),
        .pad = i("pad"),
        .dilation = i("dilation"),
        .groups = i("groups"),
        .nhwc = s["nhwc"] == 1};

  // Along one axis: the taps that fall inside the image, over all outputs, and how many of its pixels they
  // touch.
  struct Axis {
    double taps = 0, touched = 0;
  };
  const auto axis = [&](std::int64_t image, std::int64_t filter, std::int64_t output) {
    Axis a;
    std::vector<bool> seen(static_cast<std::size_t>(image));
    for (std::int64_t o = 0; o < output; ++o)
      for (std::int64_t t = 0; t < filter; ++t)
        if (const std::int64_t at = o * stride - pad + t * dilation; at >= 0 && at < image)
          ++a.taps, a.touched += !seen[at], seen[at] = true;
    return a;
  };
  const Axis rows = axis(z_.h, z_.r, p), columns = axis(z_.w, z_.s, q);
  flops_ = 2.0 * z_.n * z_.k * z_.group_c() * rows.taps * columns.taps;
  x_needed_ = double(z_.n) * z_.c * rows.touched * columns.touched;
}

template <class T>
std::string Convolution<T>::where(std::size_t operand, std::int64_t index) const {
  const bench::Operand o = this->operands()[operand];
  const auto tuple = [&](int channels, int height, int width, const char* names) {
    const auto at = conv::position(static_cast<int>(index), channels, height, width, z_.nhwc);
    const int values[] = {at.n, at.channel, at.row, at.column};
    std::string text = o.name + "[";
    for (int i = 0; i < 4; ++i)
      text += (i ? ", " : "") + std::string(1, names[i]) + " " + std::to_string(values[i]);
    return text + "]";
  };
  if (o.name.ends_with("x")) return tuple(z_.c, z_.h, z_.w, "nchw");
  if (o.name.ends_with("y")) return tuple(z_.k, z_.p, z_.q, "nkpq");
  return tuple(z_.group_c(), z_.r, z_.s, "kcrs");
}

template <class T>
std::vector<double> Convolution<T>::reordered(const std::vector<std::byte>& from, std::array<int, 4> extent,
                                              std::array<int, 4> stride) {
  std::vector<double> to(from.size() / sizeof(T));
  const std::int64_t rows = std::int64_t(extent[0]) * extent[1];
#pragma omp parallel for
  for (std::int64_t row = 0; row < rows; ++row) {
    double* out = to.data() + row * extent[2] * extent[3];
    for (int c = 0; c < extent[2]; ++c)
      for (int d = 0; d < extent[3]; ++d)
        *out++ = bench::load(Element<T>::type, from.data(),
                             row / extent[1] * stride[0] + row % extent[1] * stride[1] +
                                 std::int64_t(c) * stride[2] + std::int64_t(d) * stride[3]);
  }
  return to;
}

template <class T>
double Convolution<T>::largest(const std::vector<double>& values) {
  double most = 0;
  for (double v : values) most = std::max(most, std::abs(v));
  return most;
}

template <class T>
void Forward<T>::prepare(const bench::HostData& inputs) {
  const auto& z = this->z_;
  const conv::Strides x = z.x_strides(), f = z.filter_strides();
  x_ = this->reordered(inputs[0], {z.n, z.h, z.w, z.c}, {x.i, x.row, x.column, x.j});
  filter_ = this->reordered(inputs[1], {z.k, z.r, z.s, z.group_c()}, {f.i, f.row, f.column, f.j});
  largest_ = this->largest(x_) * this->largest(filter_);
}

// Calls f(tap, pixel) for the taps of output (n, p, q) that lie inside the image: tap = r * S + s, and the
// pixel under it.
template <class T>
template <class F>
void Convolution<T>::each_tap(std::int64_t n, std::int64_t p, std::int64_t q, F f) const {
  for (std::int64_t r = 0; r < z_.r; ++r)
    for (std::int64_t s = 0; s < z_.s; ++s) {
      const std::int64_t h = p * z_.stride - z_.pad + r * z_.dilation;
      const std::int64_t w = q * z_.stride - z_.pad + s * z_.dilation;
      if (h >= 0 && h < z_.h && w >= 0 && w < z_.w) f(r * z_.s + s, (n * z_.h + h) * z_.w + w);
    }
}

// Calls f(tap, output) for the outputs that had pixel (n, h, w) under a tap.
template <class T>
template <class F>
void Convolution<T>::each_output(std::int64_t n, std::int64_t h, std::int64_t w, F f) const {
  for (std::int64_t r = 0; r < z_.r; ++r)
    for (std::int64_t s = 0; s < z_.s; ++s) {
      const std::int64_t above = h + z_.pad - r * z_.dilation, left = w + z_.pad - s * z_.dilation;
      if (above < 0 || above % z_.stride || above / z_.stride >= z_.p) continue;
      if (left < 0 || left % z_.stride || left / z_.stride >= z_.q) continue;
      f(r * z_.s + s, (n * z_.p + above / z_.stride) * z_.q + left / z_.stride);
    }
}

// Calls f(pixel, output) for the pixels that tap (r, s) has met.
template <class T>
template <class F>
void Convolution<T>::each_meeting(std::int64_t r, std::int64_t s, F f) const {
  for (std::int64_t n = 0; n < z_.n; ++n)
    for (std::int64_t p = 0; p < z_.p; ++p) {
      const std::int64_t h = p * z_.stride - z_.pad + r * z_.dilation;
      if (h < 0 || h >= z_.h) continue;
      for (std::int64_t q = 0; q < z_.q; ++q)
        if (const std::int64_t w = q * z_.stride - z_.pad + s * z_.dilation; w >= 0 && w < z_.w)
          f((n * z_.h + h) * z_.w + w, (n * z_.p + p) * z_.q + q);
    }
}

template <class T>
std::optional<bench::Truth> Forward<T>::truth(std::size_t, std::int64_t index) const {
  const auto& z = this->z_;
  const auto [n, k, p, q] = conv::position(static_cast<int>(index), z.k, z.p, z.q, z.nhwc);
  const std::int64_t taps = std::int64_t(z.r) * z.s, channels = z.group_c();
  const std::int64_t first = k / z.group_k() * channels, filter = k * taps;
  bench::Truth t{.norm = this->terms() * largest_};
  this->each_tap(n, p, q, [&](std::int64_t tap, std::int64_t pixel) {
    this->add_dot(t, &x_[pixel * z.c + first], &filter_[(filter + tap) * channels], z.group_c());
  });
  return t;
}

template <class T>
void BackwardData<T>::prepare(const bench::HostData& inputs) {
  const auto& z = this->z_;
  const conv::Strides y = z.y_strides(), f = z.filter_strides();
  dy_ = this->reordered(inputs[0], {z.n, z.p, z.q, z.k}, {y.i, y.row, y.column, y.j});
  filter_ = this->reordered(inputs[1], {z.group_c(), z.r, z.s, z.k}, {f.j, f.row, f.column, f.i});
}

template <class T>
std::optional<bench::Truth> BackwardData<T>::truth(std::size_t, std::int64_t index) const {
  const auto& z = this->z_;
  const auto [n, c, h, w] = conv::position(static_cast<int>(index), z.c, z.h, z.w, z.nhwc);
  const std::int64_t first = c / z.group_c() * z.group_k(), filter = c % z.group_c() * z.r * z.s;
  bench::Truth t;
  this->each_output(n, h, w, [&](std::int64_t tap, std::int64_t output) {
    this->add_dot(t, &dy_[output * z.k + first], &filter_[(filter + tap) * z.k + first], z.group_k());
  });
  return t;
}

template <class T>
void BackwardFilter<T>::prepare(const bench::HostData& inputs) {
  const auto& z = this->z_;
  const conv::Strides x = z.x_strides(), y = z.y_strides();
  x_ = this->reordered(inputs[0], {z.c, z.n, z.h, z.w}, {x.j, x.i, x.row, x.column});
  dy_ = this->reordered(inputs[1], {z.k, z.n, z.p, z.q}, {y.j, y.i, y.row, y.column});
}

template <class T>
std::optional<bench::Truth> BackwardFilter<T>::truth(std::size_t, std::int64_t index) const {
  const auto& z = this->z_;
  const auto [k, c, r, s] = conv::position(static_cast<int>(index), z.group_c(), z.r, z.s, z.nhwc);
  const double* x = x_.data() + (k / z.group_k() * z.group_c() + c) * (std::int64_t(z.n) * z.h * z.w);
  const double* dy = dy_.data() + k * (std::int64_t(z.n) * z.p * z.q);
  bench::Truth t;
  this->each_meeting(
      r, s, [&](std::int64_t pixel, std::int64_t output) { this->add_dot(t, x + pixel, dy + output, 1); });
  return t;
}
