#include "train/device/protocol.hpp"

#include <istream>
#include <ostream>
#include <string>

#include "bench/shape.hpp"

namespace train {

std::optional<Message> read_message(std::istream& in) {
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  Message message{.json = Json::parse(line, nullptr, false), .floats = {}};
  if (!message.json.is_object()) throw bench::BadInput("a request is a line with a JSON object");
  message.floats.resize(message.json.value("floats", std::size_t(0)));
  const auto bytes = static_cast<std::streamsize>(message.floats.size() * sizeof(float));
  if (!in.read(reinterpret_cast<char*>(message.floats.data()), bytes))
    throw bench::BadInput("a request was cut off");
  return message;
}

void write_message(std::ostream& out, Json json, const std::vector<float>& floats) {
  if (!floats.empty()) json["floats"] = floats.size();
  // A loss may be infinite or no number, which JSON has no word for; dump() writes null.
  out << json.dump() << '\n';
  out.write(reinterpret_cast<const char*>(floats.data()),
            static_cast<std::streamsize>(floats.size() * sizeof(float)));
  out.flush();
}

}  // namespace train
