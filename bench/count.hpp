// The count verb: what rungs do, counted on simt: deterministic, so that a page may quote it and CI may hold
// it.
#pragma once

#include <iosfwd>

#include "bench/verbs.hpp"

namespace bench {

// Runs every selected GPU rung once at each shape and writes a result file of kind "counts" to `out_path`
// (none where empty). Prints "plan", "case" and "end" lines. Returns 1 when a rung failed or none was
// counted. Throws BadInput on any build but simt-check.
int count_all(const Selection& selection, const std::string& out_path, const std::vector<std::string>& argv,
              std::ostream& out);

}  // namespace bench
