// What a checked program leaves behind as JSON: SIMT_REPORT=file.json and SIMT_COUNTS=file.json.
#pragma once

#include <vector>

#include "simt/check.hpp"

namespace simt::checking {

void write_findings(const std::vector<Finding>& findings);
void write_counts(const std::vector<LaunchCounts>& launches);

}  // namespace simt::checking
