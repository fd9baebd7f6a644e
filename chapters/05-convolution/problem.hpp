// The problems of this chapter: a 2-D convolution, its two gradients, and what is fused to it. The sizes, the
// formula and the layouts are kernels/convolution/sizes.hpp's; the shapes are in shapes.hpp.
#pragma once

#include <array>
#include <cmath>

#include "bench/freivalds.hpp"
#include "bench/rung.hpp"
#include "kernels/convolution/sizes.hpp"
#include "shapes.hpp"

template <class T>
struct Element;  // T's name for the harness; another type is another line here
template <>
struct Element<float> {
  static constexpr bench::DType type = bench::DType::f32;
  static constexpr double mantissa = 0x1p24;  // integers up to here are exact
};

// What the problems share. Derived classes say which of the tensors are read and which one is written.
template <class T>
class Convolution : public bench::Problem {
 public:
  static std::vector<bench::Dim> dims() {
    return {{.name = "n", .fallback = 1},
            {.name = "c", .fallback = 64, .min = 1},
            {.name = "h", .fallback = 56, .min = 1},
            {.name = "w", .fallback = 56, .min = 1},
            {.name = "k", .fallback = 64, .min = 1},
            {.name = "r", .fallback = 3, .min = 1},
            {.name = "s", .fallback = 3, .min = 1},
            {.name = "stride", .fallback = 1, .min = 1},
            {.name = "pad", .fallback = 0},
            {.name = "dilation", .fallback = 1, .min = 1},
            {.name = "groups", .fallback = 1, .min = 1},
            {.name = "nhwc", .fallback = 0, .max = 1}};
  }

  explicit Convolution(const bench::Shape& s);

  bench::Work work() const override {
    return {.flops = flops_, .bytes = double(sizeof(T)) * (x_needed_ + z_.filter_count() + z_.y_count())};
  }
  // Products of integers up to L in sums of `terms`; an eighth is left for algorithms with larger
  // intermediates.
  double largest_integer() const override { return std::sqrt(Element<T>::mantissa / 2 / terms()) / 8; }
  bool integers_are_exact() const override { return terms() <= Element<T>::mantissa; }

  std::string where(std::size_t operand, std::int64_t index) const override;

 protected:
  virtual double terms() const { return double(z_.group_c()) * z_.r * z_.s; }  // in one output's sum
  static bench::Operand array(const char* name, std::int64_t count,
                              bench::Access access = bench::Access::in) {
    return {.name = name, .type = Element<T>::type, .count = count, .access = access};
  }
  // A copy of an array in double, its axes in another order: row-major over `extent`, read with `stride`.
  static std::vector<double> reordered(const std::vector<std::byte>& from, std::array<int, 4> extent,
                                       std::array<int, 4> stride);
  static double largest(const std::vector<double>& values);  // magnitude
  // Adds a . b to the truth, over `count` neighbouring elements.
  static void add_dot(bench::Truth& t, const double* a, const double* b, int count) {
    for (int i = 0; i < count; ++i) t.value += a[i] * b[i], t.scale += std::abs(a[i] * b[i]);
  }

  // What meets what, the definition in one place: oracle.hpp.
  template <class F>
  void each_tap(std::int64_t n, std::int64_t p, std::int64_t q, F f) const;
  template <class F>
  void each_output(std::int64_t n, std::int64_t h, std::int64_t w, F f) const;
  template <class F>
  void each_meeting(std::int64_t r, std::int64_t s, F f) const;

  // The first element of a tensor (n, channels, height, width) in which the sum over channels, times v, is
  // not what want(n, row, column) says; -1: there is none. whole.hpp.
  template <class Want>
  std::int64_t wrong_pixel(int height, int width, int channels, const conv::Strides& at,
                           const std::vector<bench::Word>& v, const std::vector<std::byte>& got,
                           Want want) const;

  conv::Sizes z_{};
  double flops_ = 0, x_needed_ = 0;
};

// y = x (*) filter
template <class T = float>
class Forward : public Convolution<T> {
 public:
  static constexpr std::string_view kName = "conv_forward";
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) {
    auto all = conv_shapes(set);
    if (set == bench::ShapeSet::edge)  // more weights than constant memory takes at once
      all.push_back(ConvShape{.c = 512, .h = 3, .w = 3, .k = 5, .r = 3, .s = 3, .pad = 1});
    return all;
  }
  struct Args : conv::Sizes {
    const T *x, *filter;
    T* y;
  };
  using Convolution<T>::Convolution;
  Args bind(std::span<void* const> d) const {
    return {this->z_, static_cast<const T*>(d[0]), static_cast<const T*>(d[1]), static_cast<T*>(d[2])};
  }
  std::vector<bench::Operand> operands() const override {
    const auto& z = this->z_;
    return {this->array("x", z.x_count()), this->array("filter", z.filter_count()),
            this->array("y", z.y_count(), bench::Access::out)};
  }
  std::int64_t roundings() const override { return static_cast<std::int64_t>(this->terms()); }
  void prepare(const bench::HostData& inputs) override;
  std::optional<bench::Truth> truth(std::size_t, std::int64_t index) const override;
  std::optional<std::int64_t> find_wrong(std::size_t, const std::vector<std::byte>& got,
                                         std::uint64_t seed) const override;

 private:
  std::vector<double> x_, filter_;  // N H W C and K R S C
  double largest_ = 0;              // product of an x and a filter element
};

// y = max(0, x (*) filter + bias), the layer as networks use it: bias has one element for each filter.
template <class T = float>
class BiasRelu : public Forward<T> {
 public:
  static constexpr std::string_view kName = "conv_bias_relu";
  struct Args : conv::Sizes {
    const T *x, *filter, *bias;
    T* y;
  };
  using Forward<T>::Forward;
  Args bind(std::span<void* const> d) const {
    return {this->z_, static_cast<const T*>(d[0]), static_cast<const T*>(d[1]), static_cast<const T*>(d[2]),
            static_cast<T*>(d[3])};
  }
  std::vector<bench::Operand> operands() const override {
    auto all = Forward<T>::operands();
    all.insert(all.begin() + 2, this->array("bias", this->z_.k));
    return all;
  }
  bench::Work work() const override {
    bench::Work w = Forward<T>::work();
    return {.flops = w.flops + 2.0 * this->z_.y_count(), .bytes = w.bytes + double(sizeof(T)) * this->z_.k};
  }
  std::int64_t roundings() const override { return Forward<T>::roundings() + 1; }
  void prepare(const bench::HostData& inputs) override {
    Forward<T>::prepare(inputs);
    bias_ = &inputs[2];
  }
  // max(0, .) never enlarges an error, so the bound of the sum holds for what is left of it.
  std::optional<bench::Truth> truth(std::size_t operand, std::int64_t index) const override {
    const auto& z = this->z_;
    const int k = conv::position(static_cast<int>(index), z.k, z.p, z.q, z.nhwc).channel;
    const double b = bench::load(Element<T>::type, bias_->data(), k);
    const auto y = Forward<T>::truth(operand, index);
    return bench::Truth{std::max(0.0, y->value + b), y->scale + std::abs(b), y->norm + std::abs(b)};
  }
  // A maximum is not linear: no sum over its results tells whether all are right.
  std::optional<std::int64_t> find_wrong(std::size_t, const std::vector<std::byte>&,
                                         std::uint64_t) const override {
    return std::nullopt;
  }

 private:
  const std::vector<std::byte>* bias_ = nullptr;
};

// A convolution with groups = c = k, which moves about as many bytes as it computes: its own ladder, its own
// shapes.
template <class T = float>
class Depthwise : public Forward<T> {
 public:
  static constexpr std::string_view kName = "conv_depthwise";
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) { return depthwise_shapes(set); }
  explicit Depthwise(const bench::Shape& s) : Forward<T>(s) {
    if (s["groups"] != s["c"] || s["k"] != s["c"]) throw bench::BadInput("groups and k must equal c");
  }
};

// dx, the gradient by x of <y, dy>: every input pixel gathers what it gave to the outputs.
template <class T = float>
class BackwardData : public Convolution<T> {
 public:
  static constexpr std::string_view kName = "conv_backward_data";
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) {
    auto all = conv_shapes(set);
    if (set == bench::ShapeSet::count)  // where a tap meets one pixel of four
      for (double nhwc : {0, 1})
        all.push_back(ConvShape{
            .c = 32, .h = 32, .w = 32, .k = 64, .r = 3, .s = 3, .stride = 2, .pad = 1, .nhwc = nhwc});
    return all;
  }
  struct Args : conv::Sizes {
    const T *dy, *filter;
    T* dx;
  };
  using Convolution<T>::Convolution;
  Args bind(std::span<void* const> d) const {
    return {this->z_, static_cast<const T*>(d[0]), static_cast<const T*>(d[1]), static_cast<T*>(d[2])};
  }
  std::vector<bench::Operand> operands() const override {
    const auto& z = this->z_;
    return {this->array("dy", z.y_count()), this->array("filter", z.filter_count()),
            this->array("dx", z.x_count(), bench::Access::out)};
  }
  // All of dx is written, also where no output looks.
  bench::Work work() const override {
    const auto& z = this->z_;
    return {.flops = this->flops_,
            .bytes = double(sizeof(T)) * (z.x_count() + z.filter_count() + z.y_count())};
  }
  std::int64_t roundings() const override { return static_cast<std::int64_t>(terms()); }
  void prepare(const bench::HostData& inputs) override;
  std::optional<bench::Truth> truth(std::size_t, std::int64_t index) const override;
  std::optional<std::int64_t> find_wrong(std::size_t, const std::vector<std::byte>& got,
                                         std::uint64_t seed) const override;

 protected:
  double terms() const override { return double(this->z_.group_k()) * this->z_.r * this->z_.s; }

 private:
  std::vector<double> dy_, filter_;  // N P Q K and C R S K
};

// dfilter, the gradient by the filter of <y, dy>: sums over all images and output pixels.
template <class T = float>
class BackwardFilter : public Convolution<T> {
 public:
  static constexpr std::string_view kName = "conv_backward_filter";
  static std::vector<bench::Shape> shapes(bench::ShapeSet set) { return conv_shapes(set); }
  struct Args : conv::Sizes {
    const T *x, *dy;
    T* dfilter;
  };
  using Convolution<T>::Convolution;
  Args bind(std::span<void* const> d) const {
    return {this->z_, static_cast<const T*>(d[0]), static_cast<const T*>(d[1]), static_cast<T*>(d[2])};
  }
  std::vector<bench::Operand> operands() const override {
    const auto& z = this->z_;
    return {this->array("x", z.x_count()), this->array("dy", z.y_count()),
            this->array("dfilter", z.filter_count(), bench::Access::out)};
  }
  std::int64_t roundings() const override { return static_cast<std::int64_t>(terms()); }
  void prepare(const bench::HostData& inputs) override;
  std::optional<bench::Truth> truth(std::size_t, std::int64_t index) const override;
  std::optional<std::int64_t> find_wrong(std::size_t, const std::vector<std::byte>& got,
                                         std::uint64_t seed) const override;

 protected:
  double terms() const override { return double(this->z_.n) * this->z_.p * this->z_.q; }

 private:
  std::vector<double> x_, dy_;  // C N H W and K N P Q
};

// Compiled once, in problem.cpp.
extern template class Convolution<float>;
extern template class Forward<float>;
extern template class BiasRelu<float>;
extern template class Depthwise<float>;
extern template class BackwardData<float>;
extern template class BackwardFilter<float>;
