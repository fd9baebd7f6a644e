// Right before fast: a rung that fails here has no time.
#pragma once

#include <cstdint>
#include <string>

#include "bench/buffers.hpp"

namespace bench {

enum class Status { pass, fail, refused };

struct Verdict {
  Status status = Status::fail;
  std::string message;        // why it failed or was refused; one line
  double share_of_bound = 0;  // worst |got - value| / bound over the elements compared; 0 where exact
  std::int64_t compared = 0;  // output elements compared with the oracle
  std::int64_t elements = 0;  // output elements there are
  std::uint64_t digest = 0;   // of the output's bytes, to compare schedules and runs bit for bit
};

struct VerifyOptions {
  Fill fill = Fill::uniform;
  std::uint64_t seed = 1;
  double oracle_budget = 4e9;  // FP64 operations; above it a seeded sample of the elements is compared
};

// The error a rung may make at an element of scale S and value C, as Numerics describes it.
double error_bound(const Numerics& numerics, std::int64_t roundings, const Truth& truth);

// Runs the entry on poisoned, guarded operands and compares every output element with the FP64 oracle; runs
// it again on fresh poison where it claims to be deterministic. Inputs and padding must keep their bytes,
// canaries too. Throws BadInput for a shape that makes no sense or does not fit; CUDA errors become a failing
// verdict.
Verdict verify(const Entry& entry, const Shape& shape, const VerifyOptions& options = {});

// Only the comparison: `got` holds the operands after the run. Fills all of Verdict but a refusal.
Verdict compare(const Entry& entry, const Problem& problem, const HostData& inputs, const HostData& got,
                const VerifyOptions& options);

}  // namespace bench
