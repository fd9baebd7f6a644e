// B = A transposed as the definition reads: row by row through A, column by column through B.
//
//   A, row-major          B, row-major
//   → → → →               ↓ ↓
//   → → → →               ↓ ↓       every write lands ldb floats after the one before
//
// Each write touches another cache line and uses 4 of its 64 bytes. While the lines of one column of B stay
// in the cache, the next row of A fills them further; once B's columns outgrow it, every line is fetched and
// written back for each float in turn.
#include "problem.hpp"

static void transpose(const Transpose::Args& p, const bench::Context&) {
  for (std::int64_t i = 0; i < p.m; ++i)
    for (std::int64_t j = 0; j < p.n; ++j) p.b[j * p.ldb + i] = p.a[i * p.lda + j];
}

static const bench::Rung<Transpose> rung({
    .title = "Sequential CPU transpose",
    .idea = "the definition: reads in order, writes a whole row apart",
    .run = transpose,
    .where = bench::Where::cpu,
});
