// SAXPY as everyone writes it first: y = a*x + y, one element after another on one CPU core. The compiler
// already turns the loop into SIMD instructions; what is left to gain is memory bandwidth, because one core
// cannot keep enough loads in flight to use all of it. The rungs that follow compute the same elements; they
// change who computes which.
#include "problem.hpp"

static void saxpy(const Saxpy::Args& p, const bench::Context&) {
  for (std::int64_t i = 0; i < p.n; ++i) p.y[i] = p.a * p.x[i] + p.y[i];
}

static const bench::Rung<Saxpy> rung({
    .title = "Sequential CPU",
    .idea = "the definition as a loop: 12 bytes moved for 2 flops, so memory decides",
    .run = saxpy,
    .where = bench::Where::cpu,
});
