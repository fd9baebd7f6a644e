// How the program is spoken to: a message is a line of JSON, followed by as many floats, little-endian, as
// its field "floats" says (none where it is absent). Every request has one answer; {"error": "…"} where it
// failed.
#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace train {

using Json = nlohmann::json;

struct Message {
  Json json;
  std::vector<float> floats;
};

// The next message; nullopt at the end of the input. Throws BadInput for one that is cut off or no JSON.
std::optional<Message> read_message(std::istream& in);
void write_message(std::ostream& out, Json json, const std::vector<float>& floats = {});

}  // namespace train
