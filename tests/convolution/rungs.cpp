// The rungs by calculus, beside their comparison with the oracles: gradients must be adjoint to the forward
// rungs, and the slopes that finite differences of a forward rung give. On whole numbers both hold to the
// last bit.
#include <cmath>

#include "bench/device.hpp"
#include "bench/verify.hpp"
#include "chapters/05-convolution/problem.hpp"
#include "tests/catch.hpp"

using bench::Entry;
using bench::HostData;
using bench::Problem;
using bench::Shape;

namespace {

bool has_device() {
  try {
    bench::require_device();
    return true;
  } catch (const bench::BadInput&) {
    return false;
  }
}

std::vector<const Entry*> rungs_of(std::string_view problem) {
  std::vector<const Entry*> all;
  for (const Entry& e : bench::Registry::instance().entries())
    if (e.problem == problem && !e.baseline()) all.push_back(&e);
  REQUIRE(all.size() >= 4);
  return all;
}

// The rung's output, which is its last operand.
std::vector<std::byte> run(const Entry& entry, const Problem& problem, const HostData& inputs) {
  bench::Operands operands(problem, entry.where, inputs);
  bench::GuardedBuffer workspace(entry.where, entry.workspace(problem));
  operands.reset(inputs);
  entry.run(problem, operands.pointers(), {nullptr, workspace.data()});
  if (entry.where == bench::Where::gpu) bench::check(cudaDeviceSynchronize(), entry.name.c_str());
  return operands.buffers().back().read();
}

float element(const std::vector<std::byte>& array, std::int64_t i) {
  return static_cast<float>(bench::load(bench::DType::f32, array.data(), i));
}

double dot(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size() / sizeof(float); ++i) sum += double(element(a, i)) * element(b, i);
  return sum;
}

// What may be missing in <y, dy> when each y is within its bound.
double allowed(const Entry& entry, Forward<>& problem, const HostData& inputs,
               const std::vector<std::byte>& dy) {
  if (entry.numerics.exact_integers) return 0;
  problem.prepare(inputs);
  double sum = 0;
  for (std::int64_t i = 0; i < problem.operands()[2].count; ++i)
    sum += std::abs(element(dy, i)) *
           bench::error_bound(entry.numerics, problem.roundings(), *problem.truth(2, i));
  return sum;
}

// One of each kind: padded, strided, dilated, grouped, larger than a tile; in both layouts.
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const char* text :
       {"n=2,c=8,h=7,w=6,k=4,pad=1", "n=1,c=4,h=11,w=9,k=8,stride=2,pad=1",
        "n=2,c=8,h=9,w=10,k=8,r=5,s=2,stride=3,pad=2", "n=1,c=4,h=13,w=12,k=4,stride=2,pad=2,dilation=2",
        "n=2,c=8,h=6,w=7,k=16,pad=1,groups=2", "n=1,c=20,h=12,w=17,k=68,pad=1"})
    for (const char* layout : {",nhwc=0", ",nhwc=1"})
      all.push_back(Shape::parse(std::string(text) + layout, Forward<>::dims()));
  return all;
}

}  // namespace

TEST_CASE("every rung of a gradient is adjoint to every forward rung") {
  if (!has_device()) SKIP_TEST("no GPU");
  for (const Shape& shape : shapes()) {
    Forward<> forward(shape);
    BackwardData<> data(shape);
    BackwardFilter<> filter(shape);
    const HostData xf = bench::make_inputs(forward, bench::Fill::integers, 1);
    const auto dy = bench::make_inputs(data, bench::Fill::integers, 2)[0];
    const double y_dy = dot(run(*rungs_of("conv_forward")[0], forward, xf), dy);
    const auto each = [&](const char* name, const Problem& problem, auto check) {
      for (const Entry* e : rungs_of(name)) {
        CAPTURE(e->id(), shape.text());
        if (bench::refusal(*e, problem).empty()) check(*e);
      }
    };
    each("conv_forward", forward, [&](const Entry& e) {
      CHECK(std::abs(dot(run(e, forward, xf), dy) - y_dy) <= allowed(e, forward, xf, dy));
    });
    each("conv_backward_data", data, [&](const Entry& e) {
      CHECK(dot(xf[0], run(e, data, {dy, xf[1], {}})) == y_dy);
    });
    each("conv_backward_filter", filter, [&](const Entry& e) {
      CHECK(dot(xf[1], run(e, filter, {xf[0], dy, {}})) == y_dy);
    });
  }
}

TEST_CASE("every rung of a gradient gives the slopes of a forward rung") {
  if (!has_device()) SKIP_TEST("no GPU");
  const Entry& reference = *rungs_of("conv_forward")[0];
  for (const Shape& shape : shapes()) {
    Forward<> forward(shape);
    BackwardData<> data(shape);
    BackwardFilter<> filter(shape);
    HostData xf = bench::make_inputs(forward, bench::Fill::integers, 3);
    const auto dy = bench::make_inputs(data, bench::Fill::integers, 4)[0];
    const auto check = [&](const char* name, const Problem& problem, const HostData& inputs, int operand) {
      // <y, dy> is linear in each input, so a central difference has no truncation error.
      const std::int64_t count = forward.operands()[operand].count;
      std::vector<std::pair<std::int64_t, double>> slopes;
      for (std::int64_t i = 0; i < count; i += count / 5 + 1) {
        const float kept = element(xf[operand], i);
        double difference = 0;
        for (const int h : {1, -1}) {
          bench::store(bench::DType::f32, xf[operand].data(), i, kept + h);
          difference += h * dot(run(reference, forward, xf), dy) / 2;
        }
        bench::store(bench::DType::f32, xf[operand].data(), i, kept);
        slopes.emplace_back(i, difference);
      }
      for (const Entry* e : rungs_of(name)) {
        if (!bench::refusal(*e, problem).empty()) continue;
        CAPTURE(e->id(), shape.text());
        const auto gradient = run(*e, problem, inputs);
        for (const auto& [i, slope] : slopes) CHECK(element(gradient, i) == slope);
      }
    };
    check("conv_backward_data", data, {dy, xf[1], {}}, 0);
    check("conv_backward_filter", filter, {xf[0], dy, {}}, 1);
  }
}
