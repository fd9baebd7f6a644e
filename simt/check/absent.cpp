// The checker's interface in a program without it; weak, so that simt_check's own definitions win in any
// order.
#include "simt/check.hpp"

namespace simt {

[[gnu::weak]] bool checked() { return false; }
[[gnu::weak]] std::vector<Finding> take_findings() { return {}; }
[[gnu::weak]] void report_equal_stores(bool) {}
[[gnu::weak]] void count_launches(bool) {}
[[gnu::weak]] std::vector<LaunchCounts> take_counts() { return {}; }

}  // namespace simt
