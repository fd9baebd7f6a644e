// What the program can be asked to do.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/verify.hpp"

namespace bench {

// Which entries, at which shapes.
struct Selection {
  std::vector<std::string> ids;      // "03-gemm", "03-gemm/05_tile", "baselines"; empty: everything
  std::optional<std::string> shape;  // one shape, or
  std::string shapes = "edge";       // a named set
  std::size_t at_most = 0;           // of the set, spread over it; 0: all of it
  std::uint64_t seed = 1;
};

// The entries that the ids name, in order. Throws BadInput for an id that names nothing.
std::vector<const Entry*> select(const Selection& selection);
// The shapes to use for an entry. Throws BadInput.
std::vector<Shape> shapes_for(const Entry& entry, const Selection& selection);

nlohmann::ordered_json to_json(const Shape& shape);
nlohmann::ordered_json to_json(const Verdict& verdict);

// Each verb prints JSON to `out` and returns the exit status: 0, or 1 when something was found wrong.
int list(std::ostream& out);
// On simt in so many processes at once, so that the cases come in no order; "case" in a line is its number.
int verify_all(const Selection& selection, std::ostream& out, std::size_t jobs);

}  // namespace bench
