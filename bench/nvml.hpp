// What the driver knows of a GPU, through NVML. The library is loaded at run time, because it comes with the
// driver and not with the toolkit; where it is missing, every answer is "not known".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bench {

class Nvml {
 public:
  // `pci_bus_id` as cudaDeviceGetPCIBusId gives it.
  explicit Nvml(const std::string& pci_bus_id);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  std::optional<std::string> driver() const;  // "580.95.05"
  std::optional<double> sm_clock_mhz() const, memory_clock_mhz() const, max_sm_clock_mhz() const;
  std::optional<double> power_w() const, power_limit_w() const, temperature_c() const;
  std::optional<bool> ecc() const, mig() const;
  std::optional<std::vector<std::string>> throttle_reasons() const;  // as nvidia-smi names them; empty: none

 private:
  template <class... Args>
  bool call(const char* name, Args... args) const;  // false where it is missing or fails
  std::optional<double> number(const char* name, double unit) const;
  std::optional<double> clock(const char* name, int domain) const;

  void* library_ = nullptr;
  void* device_ = nullptr;
};

}  // namespace bench
