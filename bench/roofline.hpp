// What physics allows: peak rates of a GPU, and the least time they leave a problem.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "bench/problem.hpp"

namespace bench {

// Peak rates by name: "bandwidth" in bytes/s; "fp32", "tf32", "fp16", … in FLOP/s.
struct Peaks {
  std::map<std::string, double> rates;
  std::string source;                          // "measured" or "datasheet"
  double boost_mhz = 0, tensor_boost_mhz = 0;  // datasheet: the clocks they hold at
};

// The row of gpus.json for a device's name as CUDA gives it ("NVIDIA H200"); nothing for a GPU it does not
// list.
std::optional<Peaks> datasheet_peaks(const std::string& device_name);

// What `warpladder peaks` wrote. Nothing where there is no such file; throws BadInput for one that is broken
// or is of another device.
std::optional<Peaks> measured_peaks(const std::string& path, const std::string& device_name);

struct Limit {
  double seconds = 0;
  std::string limiter;  // "bandwidth" or the rate's name
};

// The least time for the work: max(flops / rate, bytes / bandwidth). Nothing where a rate it needs is not
// known, and for no work at all.
std::optional<Limit> limit(const Work& work, const std::string& rate, const Peaks& peaks);

// The loosest floor, which no honest time can undercut: datasheet peaks, raised where the clock may go above
// the one they hold at (max_clock_mhz; NaN where not known).
std::optional<Limit> floor_of(const Work& work, const std::string& rate, Peaks datasheet,
                              double max_clock_mhz);

// "NVIDIA H200" → "nvidia-h200": the folder of a device's results.
std::string slug(const std::string& device_name);

}  // namespace bench
