// SAXPY as everyone writes it first: one core, one element after another. The rungs that follow must give the
// same result; what they change is who does which element.
#include "problem.hpp"

static void saxpy(const Saxpy::Args& p, const bench::Context&) {
  for (std::int64_t i = 0; i < p.n; ++i) p.y[i] = p.a * p.x[i] + p.y[i];
}

static const bench::Rung<Saxpy> rung({
    .title = "Sequential CPU",
    .idea = "the loop, as the definition reads",
    .run = saxpy,
    .where = bench::Where::cpu,
});
