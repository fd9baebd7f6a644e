#include "chapters/06-minibatch-sgd/mlp.hpp"

#include "bench/buffers.hpp"
#include "bench/verify.hpp"
#include "tests/catch.hpp"

namespace {

constexpr int kActivations = 4, kLosses = 3;

struct Case {
  bench::HostData inputs;
  sgd::MlpOracle oracle;
  std::vector<int> rows;
};
Case make(bench::Shape shape) {
  const bench::Shape s = shape.complete(MlpSgd::dims());
  const MlpSgd problem(s);
  auto inputs = bench::make_inputs(problem, bench::Fill::uniform, 1);
  sgd::MlpOracle oracle = problem.oracle(inputs);
  std::vector<int> rows;
  for (int i = 0; i < s["n"]; ++i) rows.push_back(i);
  return {std::move(inputs), std::move(oracle), rows};
}

}  // namespace

TEST_CASE("Every activation's slope agrees with finite differences") {
  for (int a = 0; a < kActivations; ++a)
    for (double z = -4.05; z < 4; z += 0.1) {  // never 0, where relu has no slope
      constexpr double h = 1e-5;
      double slope = 0, unused = 0;
      const auto act = static_cast<sgd::Activation>(a);
      sgd::activate(act, z, slope);
      const double difference =
          (sgd::activate(act, z + h, unused) - sgd::activate(act, z - h, unused)) / (2 * h);
      REQUIRE(std::abs(difference - slope) < 1e-9);
    }
}

TEST_CASE(
    "FP32 activations stay within the roundings that the bound assumes, and its Lipschitz constants hold") {
  for (int a = 0; a < kActivations; ++a) {
    const auto act = static_cast<sgd::Activation>(a);
    const sgd::Smoothness s = sgd::smoothness(act);
    for (double x = -8; x <= 8; x += 0.0037) {
      const auto z = static_cast<float>(x);
      float slope32 = 0;
      double slope = 0, next = 0;
      const double value = sgd::activate(act, double(z), slope), value32 = sgd::activate(act, z, slope32);
      const double u = 0x1p-24;
      CAPTURE(a, z);
      REQUIRE(std::abs(value32 - value) <= (s.value0 + s.value1 * std::abs(z)) * u);
      REQUIRE(std::abs(double(slope32) - slope) <= (s.slope0 + s.slope1 * std::abs(z)) * u + u * slope);
      REQUIRE(std::abs(slope) <= s.first);
      sgd::activate(act, z + 1e-4, next);
      if (act != sgd::Activation::relu) REQUIRE(std::abs(next - slope) <= s.second * 1e-4 * (1 + 1e-9));
    }
  }
}

TEST_CASE("MLP gradients agree with finite differences, for every activation and loss") {
  for (int a = 0; a < kActivations; ++a)
    for (int loss = 0; loss < kLosses; ++loss) {
      Case c = make({{"n", 7},
                     {"d", 5},
                     {"h", 4},
                     {"layers", 2},
                     {"k", 3},
                     {"batch", 7},
                     {"act", double(a)},
                     {"loss", double(loss)}});
      std::vector<sgd::Matrix> gradient;
      c.oracle.loss(c.rows, &gradient);
      for (std::size_t l = 0; l < gradient.size(); ++l)
        for (std::size_t i = 0; i < gradient[l].v.size(); ++i) {
          constexpr double h = 1e-5;
          double& w = c.oracle.weights()[l].v[i];
          const double old = w;
          w = old + h;
          const double above = c.oracle.loss(c.rows);
          w = old - h;
          const double below = c.oracle.loss(c.rows);
          w = old;
          CAPTURE(a, loss, l, i);
          REQUIRE(std::abs((above - below) / (2 * h) - gradient[l].v[i]) < 1e-9);
        }
    }
}

TEST_CASE("The bound on a singular value is above it, and not far above") {
  // diag(3, -2, 1) turned by a plane rotation on either side has singular values 3, 2, 1.
  sgd::Matrix a(3, 3), turn(3, 3);
  a(0, 0) = 3, a(1, 1) = -2, a(2, 2) = 1;
  turn(0, 0) = turn(1, 1) = 0.6, turn(0, 1) = -0.8, turn(1, 0) = 0.8, turn(2, 2) = 1;
  const sgd::Matrix b = turn * a * turn;
  REQUIRE(sgd::spectral_bound(b) >= 3);
  REQUIRE(sgd::spectral_bound(b) <= 3 * std::pow(3, 1.0 / 16));
  REQUIRE(sgd::spectral_bound(sgd::Matrix(4, 2)) == 0);
  sgd::Matrix wide(1, 5, 2);
  REQUIRE(sgd::spectral_bound(wide) == Approx(std::sqrt(20.0)));
}

TEST_CASE("The MLP's bound notices a sample left out of one step") {
  auto shapes = MlpSgd::shapes(bench::ShapeSet::edge);
  for (const auto& s : MlpSgd::shapes(bench::ShapeSet::count)) shapes.push_back(s);
  int judged = 0;
  for (const auto& partial : shapes) {
    const bench::Shape s = partial.complete(MlpSgd::dims());
    if (s["steps"] == 0 || s["batch"] < 2) continue;
    MlpSgd problem(s);
    const auto inputs = bench::make_inputs(problem, bench::Fill::uniform, 1);
    problem.prepare(inputs);
    sgd::MlpOracle oracle = problem.oracle(inputs);
    std::vector<sgd::Matrix> one;
    oracle.loss({0}, &one);
    std::int64_t begin = 0;
    for (std::size_t l = 0; l < one.size(); ++l) {
      double largest = 0;
      for (double g : one[l].v) largest = std::max(largest, std::abs(g));
      const double bound = bench::error_bound({}, problem.roundings(), *problem.truth(2, begin));
      CAPTURE(s.text(), l, bound, largest);
      REQUIRE(bound < s.real("lr") / s.real("batch") * largest);
      begin += std::int64_t(one[l].v.size());
    }
    ++judged;
  }
  REQUIRE(judged >= 6);
}
