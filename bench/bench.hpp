// The bench verb: what to time, in which order, and where the rows go.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "bench/session.hpp"
#include "bench/verbs.hpp"

namespace bench {

struct BenchRequest {
  SamplerOptions sampler;
  bool hot = false;
  std::string where;             // "gpu", "cpu", or both where empty
  std::string out;               // the result file; empty: events only
  std::string peaks;             // of `warpladder peaks`; empty: the device's own, if there
  std::string google_benchmark;  // where to write Google Benchmark's JSON; empty: nowhere
  std::vector<std::string> argv;
};

// Times the selected entries beside the baselines of their problems. Prints one JSON object a line: "plan",
// then a "repetition" after each, a "case" (a row without its samples) when one is done, and "end". Returns 1
// when a case failed or none had a time. Throws BadInput, DeviceError.
int bench_all(const Selection& selection, const BenchRequest& request, std::ostream& out);

}  // namespace bench
