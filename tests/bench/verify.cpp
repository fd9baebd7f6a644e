#include "bench/verify.hpp"

#include <cmath>
#include <cstring>

#include "chapters/01-first-kernel/problem.hpp"
#include "chapters/03-gemm/problem.hpp"
#include "tests/bench/fake.hpp"
#include "tests/catch.hpp"

using namespace bench;

namespace {

void saxpy(const Saxpy::Args& p) {
  for (std::int64_t i = 0; i < p.n; ++i) p.y[i] = p.a * p.x[i] + p.y[i];
}

void gemm(const Sgemm::Args& p) {
  for (int i = 0; i < p.m; ++i)
    for (int j = 0; j < p.n; ++j) {
      float sum = 0;
      for (int q = 0; q < p.k; ++q) sum += p.a[i * p.lda + q] * p.b[q * p.ldb + j];
      p.c[i * p.ldc + j] = p.alpha * sum + (p.beta == 0 ? 0 : p.beta * p.c[i * p.ldc + j]);
    }
}

template <class P>
Verdict judge(std::function<void(const typename P::Args&)> run, const Shape& shape, Fill fill = Fill::uniform,
              double oracle_budget = 4e9) {
  const Entry e = fake_entry<P>([run](const typename P::Args& p, const Context&) { run(p); });
  return verify(e, Reference(e, shape, {.fill = fill, .oracle_budget = oracle_budget}));
}

const Shape kN{{"n", 1000}, {"a", 0.7}};

}  // namespace

TEST_CASE("a right rung passes and uses some of its bound") {
  const Verdict v = judge<Saxpy>(saxpy, kN);
  CHECK(v.status == Status::pass);
  CHECK(v.share_of_bound > 0);
  CHECK(v.share_of_bound <= 1);
  CHECK(v.compared == 1000);
  CHECK(v.elements == 1000);
  CHECK(judge<Saxpy>(saxpy, {{"n", 0}}).status == Status::pass);
  CHECK(judge<Saxpy>(saxpy, {{"n", 1000}, {"a", 0.5}}, Fill::integers).share_of_bound == 0);
}

TEST_CASE("an error of one part in a hundred thousand fails") {
  const Verdict v = judge<Saxpy>([](auto& p) { saxpy(p), p.y[999] *= 1.00001f; }, kN);
  CHECK(v.status == Status::fail);
  CHECK(v.message.find("y[999] is") == 0);
  CHECK(v.share_of_bound > 1);
}

TEST_CASE("a NaN, an infinity and an unwritten output fail") {
  CHECK(judge<Saxpy>([](auto& p) { saxpy(p), p.y[3] = NAN; }, kN).status == Status::fail);
  CHECK(judge<Saxpy>([](auto& p) { saxpy(p), p.y[3] = INFINITY; }, kN).status == Status::fail);
  const Shape shape{{"m", 5}, {"n", 7}, {"k", 3}};
  CHECK(judge<Sgemm>(gemm, shape).status == Status::pass);
  CHECK(judge<Sgemm>([](auto&) {}, shape).status == Status::fail);
  CHECK(judge<Sgemm>([](auto p) { --p.n, gemm(p); }, shape).message.find("C[row 0, column 6] is NaN") == 0);
}

TEST_CASE("whoever writes where it must not is caught") {
  CHECK(judge<Saxpy>([](auto& p) { saxpy(p), p.y[p.n] = 0; }, kN).message == "wrote outside y");
  CHECK(judge<Saxpy>([](auto& p) { saxpy(p), p.y[-1] = 0; }, kN).message == "wrote outside y");
  CHECK(judge<Saxpy>([](auto& p) { saxpy(p), const_cast<float*>(p.x)[5] = 0; }, kN).message ==
        "input x was changed");
  const Verdict v =
      judge<Sgemm>([](auto& p) { gemm(p), p.c[7] = 0; }, {{"m", 5}, {"n", 7}, {"k", 3}, {"ldc", 8}});
  CHECK(v.message.find("C[row 0, column 7] is padding") == 0);
}

TEST_CASE("a claim of determinism is tested") {
  int calls = 0;
  const auto wobbles = [&](const Saxpy::Args& p) {
    saxpy(p);
    if (++calls % 2 == 0) p.y[0] = std::nextafter(p.y[0], 10.f);
  };
  CHECK(judge<Saxpy>(wobbles, kN).message ==
        "run a second time: the result differs, yet it claims to be deterministic");
}

TEST_CASE("whatever it claims, the second run is judged too") {
  int calls = 0;
  const auto judge_second = [&](bool deterministic, const std::function<void(const Saxpy::Args&)>& second) {
    calls = 0;
    Entry e =
        fake_entry<Saxpy>([&](const Saxpy::Args& p, const Context&) { ++calls == 1 ? saxpy(p) : second(p); });
    e.deterministic = deterministic;
    return verify(e, Reference(e, kN, {}));
  };
  // No claim of equal bits is no licence to do nothing.
  const auto nothing = [](const Saxpy::Args&) {};
  CHECK(judge_second(false, nothing).status == Status::fail);
  CHECK(judge_second(true, nothing).status == Status::fail);
  CHECK(judge_second(false, [](auto& p) { saxpy(p), p.y[0] = std::nextafter(p.y[0], 10.f); }).status ==
        Status::pass);
  CHECK(judge_second(true, [](auto& p) { saxpy(p), p.y[p.n] = 0; }).message ==
        "run a second time: wrote outside y");
  CHECK(judge_second(true, [](auto& p) { saxpy(p), const_cast<float*>(p.x)[5] = 0; }).message ==
        "run a second time: input x was changed");
}

TEST_CASE("what a result was computed from once does not do for the second run") {
  std::vector<float> cache;  // a result kept from the first call
  const auto cheat = [&](const Sgemm::Args& p) {
    if (cache.empty()) gemm(p), cache.assign(p.c, p.c + p.m * p.n);
  };
  CHECK(judge<Sgemm>(cheat, {{"m", 5}, {"n", 7}, {"k", 3}}).status == Status::fail);
}

TEST_CASE("large outputs are compared in part, and always at the end") {
  const Shape shape{{"m", 40}, {"n", 50}, {"k", 30}};                 // 120000 operations
  const Verdict v = judge<Sgemm>(gemm, shape, Fill::uniform, 12000);  // one of ten
  CHECK(v.status == Status::pass);
  CHECK(v.compared == 201);
  CHECK(v.elements == 2000);
  const auto wrong_at_the_end = [](const Sgemm::Args& p) { gemm(p), p.c[1999] += 1; };
  CHECK(judge<Sgemm>(wrong_at_the_end, shape, Fill::uniform, 12000).status == Status::fail);
  // Ten divides a row's 50, so that "every tenth" would never meet any of these.
  for (int column = 0; column < 10; ++column) {
    const auto wrong_column = [column](const Sgemm::Args& p) {
      gemm(p);
      for (int i = 0; i < p.m; ++i) p.c[i * p.ldc + column] += 1;
    };
    CHECK(judge<Sgemm>(wrong_column, shape, Fill::uniform, 12000).status == Status::fail);
  }
}

TEST_CASE("which elements are compared depends on the seed, and nothing is out of reach") {
  const Entry e = fake_entry<Sgemm>([](const Sgemm::Args&, const Context&) {});
  for (const std::int64_t columns : {1, 9, 10, 11, 99, 100, 101}) {
    std::vector<int> met(static_cast<std::size_t>(columns));
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const Reference r(e, {{"m", 1}, {"n", double(columns)}, {"k", 50}},
                        {.seed = seed, .oracle_budget = 10.0 * columns});  // one of ten
      CHECK(r.compared(2) == (columns + 8) / 10 + 1);
      for (std::int64_t i = 0, before = -1; i < r.compared(2); ++i) {
        CHECK(r.element(2, i) > before);
        ++met[before = r.element(2, i)];
      }
      CHECK(r.element(2, r.compared(2) - 1) == columns - 1);
    }
    for (const int times : met) CHECK(times > 0);
  }
}

TEST_CASE("on whole numbers every element of a large product is checked") {
  for (const Shape& shape :
       {Shape{{"m", 40}, {"n", 50}, {"k", 30}},
        Shape{{"m", 40}, {"n", 50}, {"k", 30}, {"alpha", -0.5}, {"beta", 0.125}, {"ldc", 53}}}) {
    CHECK(judge<Sgemm>(gemm, shape, Fill::integers, 12000).status == Status::pass);
    for (const float error : {1.f, -0.125f, 64.f, NAN, INFINITY, 1e30f}) {
      const Verdict v =
          judge<Sgemm>([&](auto& p) { gemm(p), p.c[7 * p.ldc + 11] += error; }, shape, Fill::integers, 12000);
      CHECK(v.status == Status::fail);
      CHECK(v.message == "there is a wrong element near C[row 7, column 0]");
    }
  }
  // Two elements of a row exchanged: the row's sum is right.
  const auto swapped = [](const Sgemm::Args& p) { gemm(p), std::swap(p.c[100 + 3], p.c[100 + 4]); };
  CHECK(judge<Sgemm>(swapped, {{"m", 40}, {"n", 50}, {"k", 30}}, Fill::integers, 12000).status ==
        Status::fail);
}

TEST_CASE("the bound is the published one") {
  const Numerics a{};
  const double u = 0x1p-24;
  // Few roundings: gamma_n. Many: 6 sqrt(n) u.
  CHECK(error_bound(a, 4, {1, 1}) == Approx(4 * u / (1 - 4 * u) * (1 + u) + u));
  CHECK(error_bound(a, 1 << 20, {0, 10}) == Approx(6 * 1024 * u * 10 * (1 + u)));
  CHECK(error_bound(a, 0, {1, 1}) == 0);
  CHECK(error_bound({.normwise = true}, 1, {0, 1, 16}) == Approx(error_bound(a, 1, {0, 16})));
}
