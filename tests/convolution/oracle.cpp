// The oracles are what every rung is held to, so they are held to the definition, to one another, and to
// calculus.
#include <cmath>

#include "bench/buffers.hpp"
#include "chapters/05-convolution/problem.hpp"
#include "tests/catch.hpp"

using bench::HostData;
using bench::Shape;

namespace {

std::vector<std::byte> bytes(const std::vector<float>& values) {
  const auto* data = reinterpret_cast<const std::byte*>(values.data());
  return {data, data + values.size() * sizeof(float)};
}
float& element(std::vector<std::byte>& array, std::int64_t i) {
  return reinterpret_cast<float*>(array.data())[i];
}

// Every element of the (last) output.
std::vector<double> result(bench::Problem& problem, const HostData& inputs) {
  problem.prepare(inputs);
  const std::size_t output = problem.operands().size() - 1;
  std::vector<double> all;
  for (std::int64_t i = 0; i < problem.operands()[output].count; ++i)
    all.push_back(problem.truth(output, i)->value);
  return all;
}

double dot(const std::vector<std::byte>& a, const std::vector<double>& b, double& scale) {
  double sum = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double term = bench::load(bench::DType::f32, a.data(), i) * b[i];
    sum += term, scale += std::abs(term);
  }
  return sum;
}

std::vector<Shape> edge_shapes() {
  std::vector<Shape> all;
  for (const Shape& s : Forward<>::shapes(bench::ShapeSet::edge))
    all.push_back(s.complete(Forward<>::dims()));
  return all;
}

}  // namespace

TEST_CASE("the filter is not turned: cross-correlation") {
  Forward<> p(Shape{{"c", 1}, {"h", 3}, {"w", 3}, {"k", 1}, {"r", 2}, {"s", 2}}.complete(Forward<>::dims()));
  const auto image = bytes({1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(result(p, {image, bytes({1, 0, 0, 0}), {}}) == std::vector<double>{1, 2, 4, 5});
  CHECK(result(p, {image, bytes({0, 10, 0, 0}), {}}) == std::vector<double>{20, 30, 50, 60});
  CHECK(result(p, {image, bytes({0, 0, 1, -1}), {}}) == std::vector<double>{-1, -1, -1, -1});
}

TEST_CASE("padding, stride and dilation look where they should") {
  Forward<> p(Shape{
      {"c", 1}, {"h", 3}, {"w", 4}, {"k", 1}, {"r", 1}, {"s", 2}, {"stride", 2}, {"pad", 1}, {"dilation", 3}}
                  .complete(Forward<>::dims()));
  // Rows -1, 1, 3 and columns -1 and 2, then 1 and 4: of each pair, the filter takes the first and ten times
  // the second.
  const auto image = bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(result(p, {image, bytes({1, 10}), {}}) == std::vector<double>{0, 0, 70, 6, 0, 0});
}

TEST_CASE("groups see their own channels only, and channels last is the same convolution") {
  const Shape s{{"c", 2}, {"h", 1}, {"w", 2}, {"k", 4}, {"r", 1}, {"s", 1}, {"groups", 2}};
  Forward<> nchw(s.complete(Forward<>::dims()));
  CHECK(result(nchw, {bytes({1, 2, 10, 20}), bytes({1, 2, 3, 4}), {}}) ==
        std::vector<double>{1, 2, 2, 4, 30, 60, 40, 80});
  Shape last = s.complete(Forward<>::dims());
  Forward<> nhwc(Shape::parse("c=2,h=1,w=2,k=4,r=1,s=1,groups=2,nhwc=1", Forward<>::dims()));
  CHECK(result(nhwc, {bytes({1, 10, 2, 20}), bytes({1, 2, 3, 4}), {}}) ==
        std::vector<double>{1, 2, 30, 40, 2, 4, 60, 80});
}

TEST_CASE("both gradients are adjoint to the convolution") {
  for (const Shape& shape : edge_shapes()) {
    CAPTURE(shape.text());
    Forward<> forward(shape);
    BackwardData<> data(shape);
    BackwardFilter<> filter(shape);
    const HostData xf = bench::make_inputs(forward, bench::Fill::uniform, 1);
    const auto dy = bench::make_inputs(data, bench::Fill::uniform, 2)[0];
    double scale = 0;
    const double y_dy = dot(dy, result(forward, xf), scale);
    const double x_dx = dot(xf[0], result(data, {dy, xf[1], {}}), scale);
    const double f_df = dot(xf[1], result(filter, {xf[0], dy, {}}), scale);
    CHECK(std::abs(y_dy - x_dx) <= 1e-12 * scale);
    CHECK(std::abs(y_dy - f_df) <= 1e-12 * scale);
  }
}

TEST_CASE("both gradients are the slopes of <y, dy>") {
  for (const Shape& shape : edge_shapes()) {
    CAPTURE(shape.text());
    Forward<> forward(shape);
    BackwardData<> data(shape);
    BackwardFilter<> filter(shape);
    // Linear in x and in the filter, so a central difference has no truncation error; integers make it exact.
    HostData xf = bench::make_inputs(forward, bench::Fill::integers, 1);
    const auto dy = bench::make_inputs(data, bench::Fill::integers, 2)[0];
    const auto slopes = std::array{result(data, {dy, xf[1], {}}), result(filter, {xf[0], dy, {}})};
    for (const int operand : {0, 1})
      for (std::size_t i = 0; i < slopes[operand].size(); i += slopes[operand].size() / 7 + 1) {
        double unused = 0, difference = 0;
        for (const int h : {1, -1}) {
          element(xf[operand], i) += h;
          difference += h * dot(dy, result(forward, xf), unused) / 2;
          element(xf[operand], i) -= h;
        }
        CHECK(difference == slopes[operand][i]);
      }
  }
}

TEST_CASE("a matrix product over im2col's columns is the convolution") {
  Forward<> p(Shape::parse("n=2,c=3,h=7,w=6,k=4,r=3,s=2,stride=2,pad=1,dilation=2", Forward<>::dims()));
  const HostData inputs = bench::make_inputs(p, bench::Fill::integers, 3);
  const auto a = p.bind(std::vector<void*>(3, nullptr));
  const auto x = [&](int n, int c, int h, int w) {
    const bool inside = h >= 0 && h < a.h && w >= 0 && w < a.w;
    return inside ? bench::load(bench::DType::f32, inputs[0].data(), ((n * a.c + c) * a.h + h) * a.w + w) : 0;
  };
  const int depth = a.c * a.r * a.s;
  std::vector<double> product;
  for (int n = 0; n < a.n; ++n)
    for (int k = 0; k < a.k; ++k)
      for (int pixel = 0; pixel < a.p * a.q; ++pixel) {
        double sum = 0;
        for (int t = 0; t < depth; ++t) {
          const int c = t / (a.r * a.s), r = t / a.s % a.r, s = t % a.s;
          sum += bench::load(bench::DType::f32, inputs[1].data(), k * depth + t) *
                 x(n, c, pixel / a.q * 2 - 1 + r * 2, pixel % a.q * 2 - 1 + s * 2);
        }
        product.push_back(sum);
      }
  CHECK(result(p, inputs) == product);
}

TEST_CASE("work counts what must be done, not what padding and strides leave out") {
  const auto work = [](const char* text) { return Forward<>(Shape::parse(text, Forward<>::dims())).work(); };
  CHECK(work("c=1,h=3,w=3,k=1,r=3,s=3,pad=1").flops == 2 * 49);              // 7 of 9 taps an axis
  CHECK(work("c=1,h=4,w=4,k=1,r=1,s=1,stride=2").bytes == 4 * (4 + 1 + 4));  // a quarter of the pixels
  CHECK(work("n=2,c=4,h=5,w=5,k=8,r=1,s=1,groups=2").flops == 2 * 2 * 8 * 2 * 25);
}

namespace {

// Whether find_wrong sees nothing in the right result, and every wrong one that it is shown.
template <class P>
void check_find_wrong(const Shape& shape) {
  P problem(shape);
  const HostData inputs = bench::make_inputs(problem, bench::Fill::integers, 5);
  const std::vector<double> truth = result(problem, inputs);
  const std::size_t output = inputs.size() - 1;
  std::vector<std::byte> got = bytes({truth.begin(), truth.end()});
  CHECK(problem.find_wrong(output, got, 7) == -1);
  const auto count = static_cast<std::int64_t>(truth.size());
  for (std::int64_t i = 0; i < count; i += count / 4 + 1) {
    const float right = element(got, i);
    for (const float wrong : {right + 1, right - 256, right + 0.5f, NAN, -INFINITY, 1e30f}) {
      element(got, i) = wrong;
      CHECK(problem.find_wrong(output, got, 7).value() >= 0);
    }
    element(got, i) = right;
    if (i + 1 < count && element(got, i + 1) != right) {  // exchanged: their sum is right
      std::swap(element(got, i), element(got, i + 1));
      CHECK(problem.find_wrong(output, got, 7).value() >= 0);
      std::swap(element(got, i), element(got, i + 1));
    }
  }
}

}  // namespace

TEST_CASE("on whole numbers all of an output is checked at once") {
  for (const Shape& shape : edge_shapes()) {
    CAPTURE(shape.text());
    check_find_wrong<Forward<>>(shape);
    check_find_wrong<BackwardData<>>(shape);
    check_find_wrong<BackwardFilter<>>(shape);
  }
  CHECK_FALSE(BiasRelu<>(edge_shapes()[0]).find_wrong(3, {}, 1));  // not linear
}
