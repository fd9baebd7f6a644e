#include "bench/roofline.hpp"

#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>

#include "build_info.hpp"

namespace bench {
namespace {

// Whole words only: "A10" is not in "NVIDIA A100", nor "L4" in "NVIDIA L40S".
bool names(const std::string& device, const std::string& pattern) {
  const auto edge = [&](std::size_t i) { return i >= device.size() || !std::isalnum(device[i]); };
  for (std::size_t at = device.find(pattern); at != std::string::npos; at = device.find(pattern, at + 1))
    if ((at == 0 || edge(at - 1)) && edge(at + pattern.size())) return true;
  return false;
}

}  // namespace

std::optional<Peaks> datasheet_peaks(const std::string& device_name) {
  static const auto table = nlohmann::json::parse(build::kGpus);
  if (device_name.find("Laptop") != std::string::npos)
    return std::nullopt;  // another chip under the same name
  std::size_t longest = 0;
  std::optional<Peaks> peaks;
  for (const auto& gpu : table.at("gpus"))
    for (const std::string pattern : gpu.at("match"))
      if (pattern.size() > longest && names(device_name, pattern)) {
        longest = pattern.size();
        peaks = Peaks{.rates = gpu.at("peaks").get<std::map<std::string, double>>(),
                      .source = "datasheet",
                      .boost_mhz = gpu.at("boost_mhz"),
                      .tensor_boost_mhz = gpu.value("tensor_boost_mhz", gpu.at("boost_mhz").get<double>())};
      }
  return peaks;
}

std::optional<Peaks> measured_peaks(const std::string& path, const std::string& device_name) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(file);
    if (json.at("kind") != "peaks" || json.at("schema") != 1)
      throw BadInput(path + " holds no peaks: measure them with ./ladder peaks");
    if (json.at("device").at("name") != device_name)
      throw BadInput(path + " was measured on " + json.at("device").at("name").get<std::string>() +
                     ", not on " + device_name);
    Peaks peaks{.rates = {}, .source = "measured"};
    for (const auto& row : json.at("rows"))
      if (row.at("unit") != "s") peaks.rates[row.at("id")] = row.at("value");
    return peaks;
  } catch (const nlohmann::json::exception&) {
    throw BadInput(path + " is not a result file: measure it again with ./ladder peaks");
  }
}

std::optional<Limit> limit(const Work& work, const std::string& rate, const Peaks& peaks) {
  const auto time = [&](double amount, const std::string& name) -> std::optional<double> {
    if (amount <= 0) return 0;
    const auto found = peaks.rates.find(name);
    if (found == peaks.rates.end() || !(found->second > 0)) return std::nullopt;
    return amount / found->second;
  };
  const auto compute = time(work.flops, rate), memory = time(work.bytes, "bandwidth");
  if (!compute || !memory || std::max(*compute, *memory) == 0) return std::nullopt;
  return *memory >= *compute ? Limit{*memory, "bandwidth"} : Limit{*compute, rate};
}

std::optional<Limit> floor_of(const Work& work, const std::string& rate, Peaks datasheet,
                              double max_clock_mhz) {
  for (auto& [name, value] : datasheet.rates) {
    const double clock = name == "fp32" || name == "fp64" ? datasheet.boost_mhz : datasheet.tensor_boost_mhz;
    if (name != "bandwidth" && clock > 0 && max_clock_mhz > clock) value *= max_clock_mhz / clock;
  }
  return limit(work, rate, datasheet);
}

std::string slug(const std::string& device_name) {
  std::string s;
  for (const char c : device_name)
    if (std::isalnum(static_cast<unsigned char>(c)))
      s += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!s.empty() && s.back() != '-')
      s += '-';
  while (!s.empty() && s.back() == '-') s.pop_back();
  return s.empty() ? "unknown" : s;
}

}  // namespace bench
