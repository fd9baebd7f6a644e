// Right before fast: a rung that fails here has no time.
#pragma once

#include <cstdint>
#include <string>

#include "bench/buffers.hpp"
#include "bench/reference.hpp"

namespace bench {

enum class Status { pass, fail, refused };

struct Verdict {
  Status status = Status::fail;
  std::string message;        // why it failed or was refused; one line
  double share_of_bound = 0;  // worst |got - value| / bound over the elements compared; 0 where exact
  std::int64_t compared = 0;  // output elements compared with the oracle one by one
  std::int64_t elements = 0;  // output elements there are
  std::uint64_t digest = 0;   // of the output's bytes, to compare schedules and runs bit for bit
};

// The error a rung may make at an element of scale S and value C, as Numerics describes it.
double error_bound(const Numerics& numerics, std::int64_t roundings, const Truth& truth);

// Runs the entry on poisoned, guarded operands and compares its outputs with the FP64 oracle; then again on
// fresh poison, where a deterministic entry must give the same bits, another a right result once more. Inputs
// and padding must keep their bytes, canaries too. Throws BadInput for a shape that does not fit the memory;
// CUDA errors become a failing verdict. `schedules`: of simt; one run each, and two in all at least, where
// none are given in the schedule that is set.
Verdict verify(const Entry& entry, const Reference& reference,
               const std::vector<std::string>& schedules = {});

// Why the entry does not take this problem on this device, as "needs …"; empty where it does.
std::string refusal(const Entry& entry, const Problem& problem);

// Only the comparison: `got` holds the operands after the run. Fills all of Verdict but a refusal.
Verdict compare(const Entry& entry, const Reference& reference, const HostData& got);

}  // namespace bench
