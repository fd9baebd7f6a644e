#include "bench/buffers.hpp"
#include "bench/verify.hpp"
#include "chapters/06-minibatch-sgd/hogwild.hpp"
#include "chapters/06-minibatch-sgd/local_sgd.hpp"
#include "tests/catch.hpp"

namespace {

template <class P>
bench::HostData prepared(P& problem, bench::Fill fill = bench::Fill::uniform) {
  auto inputs = bench::make_inputs(problem, fill, 1);
  problem.prepare(inputs);
  return inputs;
}

}  // namespace

TEST_CASE("Local SGD that meets after every step is SGD with the large batch") {
  LocalSgd local(bench::Shape{
      {"n", 60}, {"d", 7}, {"k", 3}, {"batch", 5}, {"steps", 20}, {"lr", 0.2}, {"workers", 4}, {"period", 1}}
                     .complete(LocalSgd::dims()));
  Sgd large(bench::Shape{{"n", 60}, {"d", 7}, {"k", 3}, {"batch", 20}, {"steps", 20}, {"lr", 0.2}}.complete(
      Sgd::dims()));
  prepared(local);
  prepared(large);
  for (int i = 0; i < 3 * 8; ++i)
    REQUIRE(local.truth(2, i)->value == Approx(large.truth(2, i)->value).epsilon(1e-12));
  for (int t = 0; t < 20; ++t)
    REQUIRE(local.truth(3, t)->value == Approx(large.truth(3, t)->value).epsilon(1e-12));
}

TEST_CASE("Replicas that meet less often end elsewhere") {
  const auto last = [](double period) {
    LocalSgd p(bench::Shape{
        {"n", 60},
        {"d", 7},
        {"k", 3},
        {"batch", 5},
        {"steps", 20},
        {"lr", 0.2},
        {"workers", 4},
        {"period",
         period}}.complete(LocalSgd::dims()));
    prepared(p);
    return p.truth(2, 0)->value;
  };
  REQUIRE(std::abs(last(10) - last(1)) > 1e-6);
}

TEST_CASE("Hogwild's target can be met and can be missed") {
  auto shapes = Hogwild::shapes(bench::ShapeSet::edge);
  for (const auto& s : Hogwild::shapes(bench::ShapeSet::count)) shapes.push_back(s);
  for (const auto& partial : shapes)
    for (auto fill : {bench::Fill::uniform, bench::Fill::integers}) {
      const bench::Shape s = partial.complete(Hogwild::dims());
      Hogwild problem(s);
      const auto inputs = prepared(problem, fill);
      std::vector<int> all;
      for (int i = 0; i < s["n"]; ++i) all.push_back(i);
      const auto loss_after = [&](double visits) {
        const bench::Shape shape{{"n", s.real("n")},  {"d", s.real("d")}, {"k", 1},
                                 {"batch", 1},        {"steps", visits},  {"loss", 0},
                                 {"lr", s.real("lr")}};
        const Sgd one(shape.complete(Sgd::dims()));
        auto oracle = one.oracle(inputs);
        oracle.train(sgd::Order(int(s["n"]), 1, std::uint32_t(s["seed"])), 1, int(visits),
                     float(s.real("lr")));
        return oracle.loss(all);
      };
      CAPTURE(s.text());
      REQUIRE(loss_after(s.real("visits")) < problem.target());      // all updates arrive
      REQUIRE(loss_after(s.real("visits") / 4) > problem.target());  // three of four are lost
      REQUIRE(problem.lowest() < problem.target());
    }
}

TEST_CASE("Where more updates gain nothing, Hogwild has no target and says so") {
  for (double lr : {0.1, 0.5}) {  // wandering about the optimum; diverging
    Hogwild problem(
        bench::Shape{{"n", 200}, {"d", 5}, {"visits", 4000}, {"lr", lr}}.complete(Hogwild::dims()));
    REQUIRE_THROWS_AS(prepared(problem), bench::BadInput);
  }
}

TEST_CASE("The closed form is the minimum: any step away from it costs") {
  Hogwild problem(bench::Shape{{"n", 50}, {"d", 4}, {"lr", 0.005}}.complete(Hogwild::dims()));
  const auto inputs = prepared(problem);
  Sgd one(bench::Shape{{"n", 50}, {"d", 4}, {"k", 1}, {"batch", 1}, {"loss", 0}}.complete(Sgd::dims()));
  auto oracle = one.oracle(inputs);
  std::vector<double> best;
  for (int j = 0; j < 5; ++j) best.push_back(problem.truth(2, j)->value);
  std::vector<int> all;
  for (int i = 0; i < 50; ++i) all.push_back(i);
  std::vector<double> gradient;
  oracle.set_weights(best);
  REQUIRE(oracle.loss(all, &gradient) == Approx(problem.lowest()).epsilon(1e-12));
  for (double g : gradient) REQUIRE(std::abs(g) < 1e-12);
}
