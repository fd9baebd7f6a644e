// All cores: OpenMP gives each thread one contiguous run of elements.
//
//   core 0            core 1            core 2
//   |x0 … x(n/3)      |…                |… x(n-1)|
//
// No element depends on another, so any split is right. Contiguous runs keep each core's reads sequential,
// which is what its prefetcher follows, and let no two cores write to the same cache line except at the
// seams.
//
// Predicted gain: the cores share one memory, so the time falls until bytes / bandwidth is reached, and no
// further. Waking the threads costs microseconds: below some 10,000 elements the plain loop wins.
#include "problem.hpp"

static void saxpy(const Saxpy::Args& p, const bench::Context&) {
#pragma omp parallel for simd schedule(static)
  for (std::int64_t i = 0; i < p.n; ++i) p.y[i] = p.a * p.x[i] + p.y[i];
}

static const bench::Rung<Saxpy> rung({
    .title = "OpenMP CPU",
    .idea = "all cores at once: from one core's share of the memory bandwidth to all of it",
    .run = saxpy,
    .where = bench::Where::cpu,
});
