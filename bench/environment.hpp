// Everything about the run that a number may depend on, as the JSON that results.schema.json defines.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/nvml.hpp"

namespace bench {

using Json = nlohmann::ordered_json;

// `gpu`: whether kernels run on a GPU in this run; its state is then recorded as "before", and "after" is
// null until gpu_state() is put there.
Json environment(const std::vector<std::string>& argv, std::uint64_t seed, const Nvml* gpu);
Json gpu_state(const Nvml& gpu);

// Of the CUDA device in use, as Nvml wants it. Throws DeviceError.
std::string pci_bus_id();

// The first line that a command prints, or nothing where it fails.
std::optional<std::string> first_line(const std::string& command);

}  // namespace bench
