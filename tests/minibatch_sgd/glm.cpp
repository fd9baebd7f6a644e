// The oracle that judges the rungs, judged: its gradients by finite differences, its training by a closed
// form, its error bound by what it lets through.
#include "bench/buffers.hpp"
#include "bench/verify.hpp"
#include "chapters/06-minibatch-sgd/problem.hpp"
#include "tests/catch.hpp"

namespace {

std::vector<float> random(std::size_t n, std::uint32_t seed) {
  std::vector<float> values(n);
  const sgd::Permutation mixed(1u << 24, seed, 0);
  for (std::size_t i = 0; i < n; ++i) values[i] = float(mixed(std::uint32_t(i))) * 0x1p-23f - 1;
  return values;
}

struct Data {
  int n, d, k;
  sgd::Loss loss;
  std::vector<float> x = random(std::size_t(n) * d, 1), y = random(std::size_t(n) * k, 2);
  std::vector<float> w = random(std::size_t(k) * (d + 1), 3);
  std::vector<int> rows;

  Data(int n, int d, int k, sgd::Loss loss) : n(n), d(d), k(k), loss(loss) {
    const auto hidden = sgd::hidden_model(k, d);
    for (int i = 0; i < n; ++i) {
      sgd::label(loss, d, k, hidden.data(), &x[std::size_t(i) * d], &y[std::size_t(i) * k]);
      rows.push_back(i);
    }
  }
  sgd::GlmOracle oracle() const {
    return sgd::GlmOracle(
        {.loss = loss, .d = d, .k = k, .x = x.data(), .y = y.data(), .w = {w.begin(), w.end()}});
  }
};

}  // namespace

TEST_CASE("Gradients agree with finite differences") {
  for (auto loss : {sgd::Loss::squared, sgd::Loss::logistic, sgd::Loss::softmax}) {
    const Data data(9, 6, 4, loss);
    sgd::GlmOracle oracle = data.oracle();
    std::vector<double> gradient;
    oracle.loss(data.rows, &gradient);
    const std::vector<double> w = oracle.weights();
    for (std::size_t i = 0; i < w.size(); ++i) {
      // Central differences err by h^2 / 6 times the third derivative (below 1 here) and by 2^-52 / h.
      constexpr double h = 1e-5;
      std::vector<double> moved = w;
      moved[i] = w[i] + h;
      oracle.set_weights(moved);
      const double above = oracle.loss(data.rows);
      moved[i] = w[i] - h;
      oracle.set_weights(moved);
      const double below = oracle.loss(data.rows);
      REQUIRE(std::abs((above - below) / (2 * h) - gradient[i]) < 1e-9);
    }
  }
}

TEST_CASE("Full-batch linear regression ends at the solution of the normal equations") {
  const Data data(40, 5, 2, sgd::Loss::squared);
  sgd::GlmOracle oracle = data.oracle();
  oracle.train(sgd::Order(data.n, data.n, 1), data.n, 4000, 0.5f);
  // X^T (X w - y) = 0: the residuals are orthogonal to every column of (X, 1), and to nothing else would they
  // be.
  for (int c = 0; c < data.k; ++c)
    for (int j = 0; j <= data.d; ++j) {
      double dot = 0;
      for (int i = 0; i < data.n; ++i) {
        const double* w = &oracle.weights()[std::size_t(c) * (data.d + 1)];
        double z = w[data.d];
        for (int q = 0; q < data.d; ++q) z += w[q] * data.x[std::size_t(i) * data.d + q];
        dot += (z - data.y[std::size_t(i) * data.k + c]) *
               (j < data.d ? data.x[std::size_t(i) * data.d + j] : 1);
      }
      REQUIRE(std::abs(dot) < 1e-10);
    }
}

TEST_CASE("Training learns: the loss of every kind of regression falls") {
  for (auto loss : {sgd::Loss::squared, sgd::Loss::logistic, sgd::Loss::softmax}) {
    const Data data(256, 8, 3, loss);
    sgd::GlmOracle oracle = data.oracle();
    const double before = oracle.loss(data.rows);
    oracle.train(sgd::Order(data.n, 16, 1), 16, 160, 0.3f);
    REQUIRE(oracle.loss(data.rows) < 0.6 * before);
  }
}

TEST_CASE("The bound is tight enough to notice one sample or one feature gone wrong") {
  // Every edge and count shape with a step to take: the weights' bound, against what one step moves them when
  // one sample of the batch is left out of its gradient. Were the bound larger, a rung could drop samples
  // unnoticed.
  auto shapes = Sgd::shapes(bench::ShapeSet::edge);
  for (const auto& s : Sgd::shapes(bench::ShapeSet::count)) shapes.push_back(s);
  int judged = 0;
  for (const auto& partial : shapes) {
    const bench::Shape s = partial.complete(Sgd::dims());
    if (s["steps"] == 0 || s.real("lr") == 0 || s["batch"] < 2) continue;
    Sgd problem(s);
    const auto inputs = bench::make_inputs(problem, bench::Fill::uniform, 1);
    problem.prepare(inputs);
    const bench::Truth last = *problem.truth(2, 0);
    const double bound = bench::error_bound({}, problem.roundings(), last);

    sgd::GlmOracle oracle = problem.oracle(inputs);
    std::vector<double> one;
    oracle.loss({0}, &one);
    double largest = 0;
    for (double g : one) largest = std::max(largest, std::abs(g));
    CAPTURE(s.text(), bound, largest);
    REQUIRE(bound < s.real("lr") / s.real("batch") * largest);
    ++judged;
  }
  REQUIRE(judged >= 8);
}

TEST_CASE("Nonsense shapes are refused") {
  const auto make = [](bench::Shape s) { return Sgd(s.complete(Sgd::dims())); };
  REQUIRE_THROWS_AS(make({{"n", 4}, {"batch", 5}}), bench::BadInput);
  REQUIRE_THROWS_AS(make({{"lr", -1}}), bench::BadInput);
  REQUIRE_THROWS_AS(make({{"n", 0}}), bench::BadInput);
  REQUIRE_THROWS_AS(make({{"loss", 3}}), bench::BadInput);
}
