#include "kernels/sgd/optimizer.cuh"

#include <vector>

#include "tests/catch.hpp"

using sgd::Optimizer;
using sgd::Rule;

namespace {

// The weight after the gradients g(w, t), t = 1 …
template <class T, class G>
std::vector<T> run(const Optimizer& o, T lr, T w, int steps, G gradient) {
  T state[2] = {};
  std::vector<T> path;
  for (int t = 1; t <= steps; ++t) path.push_back(w = sgd::updated(o, lr, t, T(gradient(w, t)), w, state, 1));
  return path;
}
const auto kOne = [](auto, int) { return 1.0; };

}  // namespace

TEST_CASE("Under a constant gradient every rule follows its closed form") {
  constexpr double lr = 0.1, mu = 0.9, beta2 = 0.999, eps = 1e-8;
  constexpr int steps = 50;
  const auto path = [&](Rule rule) { return run<double>({.rule = rule}, lr, 0.0, steps, kOne); };
  const auto plain = path(Rule::sgd), momentum = path(Rule::momentum), nesterov = path(Rule::nesterov),
             adagrad = path(Rule::adagrad), rmsprop = path(Rule::rmsprop), adam = path(Rule::adam);
  double heavy = 0, ahead = 0, root = 0, mean = 0;
  for (int t = 1; t <= steps; ++t) {
    const double v = (1 - std::pow(mu, t)) / (1 - mu);  // the geometric sum of the gradients so far
    heavy += v;
    ahead += 1 + mu * v;
    root += 1 / (std::sqrt(double(t)) + eps);
    mean += 1 / (std::sqrt(1 - std::pow(beta2, t)) + eps);
    CAPTURE(t);
    REQUIRE(plain[t - 1] == Approx(-lr * t).epsilon(1e-12));
    REQUIRE(momentum[t - 1] == Approx(-lr * heavy).epsilon(1e-12));
    REQUIRE(nesterov[t - 1] == Approx(-lr * ahead).epsilon(1e-12));
    REQUIRE(adagrad[t - 1] == Approx(-lr * root).epsilon(1e-12));
    REQUIRE(rmsprop[t - 1] == Approx(-lr * mean).epsilon(1e-10));
    REQUIRE(adam[t - 1] == Approx(-lr * t / (1 + eps)).epsilon(1e-10));  // both moments, corrected, are 1
  }
}

TEST_CASE("Adam is its two published recurrences, under gradients that change") {
  const auto gradient = [](double w, int t) { return std::sin(3.0 * t) + 0.5 * w; };
  const auto path = run<double>({.rule = Rule::adam}, 0.01, 1.0, 100, gradient);
  double w = 1, m = 0, s = 0;
  for (int t = 1; t <= 100; ++t) {
    const double g = gradient(w, t);
    m = 0.9 * m + 0.1 * g;
    s = 0.999 * s + 0.001 * g * g;
    w -= 0.01 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(s / (1 - std::pow(0.999, t))) + 1e-8);
    REQUIRE(path[t - 1] == Approx(w).epsilon(1e-10));
  }
}

TEST_CASE("Weight decay goes through the gradient, and past it in AdamW") {
  const auto zero = [](auto, int) { return 0.0; };
  const auto decayed = run<double>({.rule = Rule::sgd, .decay = 0.5}, 0.1, 1.0, 10, zero);
  REQUIRE(decayed.back() == Approx(std::pow(0.95, 10)));
  const auto w = run<double>({.rule = Rule::adamw, .decay = 0.5}, 0.1, 1.0, 10, zero);
  REQUIRE(w.back() == Approx(std::pow(0.95, 10)));
  // In Adam the decay is normalised away: the first step is lr, whatever the decay.
  for (double decay : {0.01, 1.0})
    REQUIRE(run<double>({.rule = Rule::adam, .decay = decay}, 0.1, 1.0, 1, zero).back() == Approx(0.9));
}

TEST_CASE("Every rule finds the minimum of a badly scaled bowl") {
  for (Rule rule :
       {Rule::sgd, Rule::momentum, Rule::nesterov, Rule::adagrad, Rule::rmsprop, Rule::adam, Rule::adamw})
    for (double curvature : {0.5, 8.0}) {
      const bool adaptive = rule == Rule::rmsprop || rule == Rule::adam || rule == Rule::adamw;
      const double lr = rule == Rule::adagrad ? 1.0 : adaptive ? 0.01 : 0.02;
      const auto path =
          run<double>({.rule = rule}, lr, 3.0, 3000, [&](double w, int) { return curvature * (w - 1); });
      CAPTURE(int(rule), curvature);
      REQUIRE(std::abs(path.back() - 1) <
              (adaptive ? lr : 1e-6));  // a normalised step never gets smaller than lr
    }
}

TEST_CASE("FP32 follows FP64 within its roundings") {
  // A step rounds the new state and the new weight and what they are made of, fewer than 16 operations, each
  // within u of a number no larger than the state or |w| + lr * 2; with gradients that do not depend on w the
  // errors of the steps only add up, and a state forgets (or, in Adagrad, outgrows) them.
  constexpr int steps = 200;
  const auto gradient = [](auto, int t) { return float(std::sin(1.7 * t)) + 1.25f; };
  for (Rule rule :
       {Rule::sgd, Rule::momentum, Rule::nesterov, Rule::adagrad, Rule::rmsprop, Rule::adam, Rule::adamw}) {
    const auto path32 = run<float>({.rule = rule}, 0.01f, 1.0f, steps, gradient);
    const auto path64 = run<double>({.rule = rule}, double(0.01f), 1.0, steps, gradient);
    const double pull = rule == Rule::momentum || rule == Rule::nesterov ? 10 : 1;  // 1 / (1 - mu)
    double moved = 0;
    for (int t = 0; t < steps; ++t) {
      moved += std::abs(path64[t] - (t ? path64[t - 1] : 1.0));
      const double bound = 16 * 0x1p-24 * (pull * moved + (t + 1) * (1 + std::abs(path64[t])));
      CAPTURE(int(rule), t);
      REQUIRE(std::abs(path32[t] - path64[t]) <= bound);
    }
  }
}

TEST_CASE("Learning rates: constant, step, cosine, warm-up") {
  using Kind = sgd::Schedule::Kind;
  REQUIRE(sgd::Schedule{.base = 0.3}(1000) == 0.3);
  const sgd::Schedule step{.kind = Kind::step, .base = 1, .period = 10, .factor = 0.5};
  REQUIRE(step(9) == 1);
  REQUIRE(step(10) == 0.5);
  REQUIRE(step(25) == 0.25);
  const sgd::Schedule cosine{.kind = Kind::cosine, .base = 2, .warmup = 4, .period = 100, .factor = 0.1};
  REQUIRE(cosine(0) == 0.5);
  REQUIRE(cosine(3) == 2);
  REQUIRE(cosine(4) == 2);
  REQUIRE(cosine(54) == Approx(2 * (0.1 + 0.9 / 2)));
  REQUIRE(cosine(104) == Approx(0.2));
  REQUIRE(cosine(5000) == Approx(0.2));
}

TEST_CASE("Clipping shortens what is too long, and lets nothing hide a divergence") {
  REQUIRE(sgd::clip_factor(0.0, 1.0) == 1);
  REQUIRE(sgd::clip_factor(1.0, 1.0) == 1);
  REQUIRE(sgd::clip_factor(4.0, 1.0) == 0.25);
  REQUIRE(std::isnan(sgd::clip_factor(double(NAN), 1.0)));
  REQUIRE(std::isnan(sgd::clip_factor(double(INFINITY), 1.0)));
}
