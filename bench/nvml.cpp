#include "bench/nvml.hpp"

#include <dlfcn.h>

#include <utility>

// The names, argument types and constants below are NVML's public ABI, as its API reference gives them; the
// header is not needed for that, and many machines have none.
namespace bench {
namespace {

constexpr int kClockSm = 1, kClockMemory = 2;

}  // namespace

template <class... Args>
bool Nvml::call(const char* name, Args... args) const {
  if (library_ == nullptr) return false;
  const auto function = reinterpret_cast<int (*)(Args...)>(dlsym(library_, name));
  return function != nullptr && function(args...) == 0;
}

Nvml::Nvml(const std::string& pci_bus_id) {
  library_ = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library_ != nullptr && !call("nvmlInit_v2")) {
    dlclose(library_);
    library_ = nullptr;
  }
  if (!call("nvmlDeviceGetHandleByPciBusId_v2", pci_bus_id.c_str(), &device_)) device_ = nullptr;
}

Nvml::~Nvml() {
  if (library_ == nullptr) return;
  call("nvmlShutdown");
  dlclose(library_);
}

std::optional<double> Nvml::number(const char* name, double unit) const {
  unsigned value = 0;
  if (device_ == nullptr || !call(name, device_, &value)) return std::nullopt;
  return value * unit;
}

std::optional<double> Nvml::clock(const char* name, int domain) const {
  unsigned mhz = 0;
  if (device_ == nullptr || !call(name, device_, domain, &mhz)) return std::nullopt;
  return mhz;
}

std::optional<std::string> Nvml::driver() const {
  char text[80] = {};
  if (!call("nvmlSystemGetDriverVersion", static_cast<char*>(text), 80u)) return std::nullopt;
  return text;
}

std::optional<double> Nvml::sm_clock_mhz() const { return clock("nvmlDeviceGetClockInfo", kClockSm); }
std::optional<double> Nvml::memory_clock_mhz() const { return clock("nvmlDeviceGetClockInfo", kClockMemory); }
std::optional<double> Nvml::max_sm_clock_mhz() const { return clock("nvmlDeviceGetMaxClockInfo", kClockSm); }
std::optional<double> Nvml::power_w() const { return number("nvmlDeviceGetPowerUsage", 1e-3); }
std::optional<double> Nvml::power_limit_w() const { return number("nvmlDeviceGetEnforcedPowerLimit", 1e-3); }
std::optional<double> Nvml::temperature_c() const { return clock("nvmlDeviceGetTemperature", 0); }

std::optional<bool> Nvml::ecc() const {
  int now = 0, pending = 0;
  if (device_ == nullptr || !call("nvmlDeviceGetEccMode", device_, &now, &pending)) return std::nullopt;
  return now != 0;
}

std::optional<bool> Nvml::mig() const {
  unsigned now = 0, pending = 0;
  if (device_ == nullptr || !call("nvmlDeviceGetMigMode", device_, &now, &pending)) return std::nullopt;
  return now != 0;
}

std::optional<std::vector<std::string>> Nvml::throttle_reasons() const {
  static constexpr std::pair<unsigned long long, const char*> kReasons[] = {
      {0x1, "gpu_idle"},
      {0x2, "applications_clocks_setting"},
      {0x4, "sw_power_cap"},
      {0x8, "hw_slowdown"},
      {0x10, "sync_boost"},
      {0x20, "sw_thermal_slowdown"},
      {0x40, "hw_thermal_slowdown"},
      {0x80, "hw_power_brake_slowdown"},
      {0x100, "display_clock_setting"}};
  unsigned long long bits = 0;
  // The older name of nvmlDeviceGetCurrentClocksEventReasons; every driver has it.
  if (device_ == nullptr || !call("nvmlDeviceGetCurrentClocksThrottleReasons", device_, &bits))
    return std::nullopt;
  std::vector<std::string> reasons;
  for (const auto& [bit, name] : kReasons)
    if (bits & bit) reasons.emplace_back(name);
  return reasons;
}

}  // namespace bench
