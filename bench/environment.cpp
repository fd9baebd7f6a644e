#include "bench/environment.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>

#include "bench/buffers.hpp"
#include "bench/device.hpp"
#include "build_info.hpp"

#ifdef WARPLADDER_CUBLAS
#include <cublasLt.h>
#endif

namespace bench {
namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json or_null(const char* text) { return *text ? Json(text) : Json(); }

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  return text;
}

Json source() {
  const std::string git = std::string("git -C '") + build::kSource + "' ";
  auto commit = first_line(git + "rev-parse HEAD 2>/dev/null");
  if (!commit) {
    // An exported tree has no history; whoever exported it may say which commit it is.
    const char* told = std::getenv("WARPLADDER_COMMIT");
    return {{"commit", told ? Json(told) : Json()}, {"dirty", nullptr}};
  }
  // Results written by the very run are no change of what was measured.
  const auto changes = first_line(git + "status --porcelain -- . ':!bench/results' 2>/dev/null");
  return {{"commit", *commit}, {"dirty", changes.has_value()}};
}

Json host() {
  utsname os{};
  uname(&os);
  std::string name = os.sysname;
  std::ifstream release("/etc/os-release");
  for (std::string line; std::getline(release, line);)
    if (line.starts_with("PRETTY_NAME=\"")) name = line.substr(13, line.size() - 14);
  return {{"cpu", cpu_name()},
          {"cores", static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN))},
          {"memory_bytes", sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)},
          {"os", name + ", " + os.sysname + " " + os.release + " " + os.machine}};
}

#ifdef WARPLADDER_SIMT
Json gpu_of(const Nvml&) { return nullptr; }
#else
// 13000 is 13.0.
std::string cuda_version(int v) { return std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10); }

Json gpu_of(const Nvml& nvml) {
  const auto attribute = [](cudaDeviceAttr which) {
    int value = 0;
    check(cudaDeviceGetAttribute(&value, which, 0), "cudaDeviceGetAttribute");
    return value;
  };
  int driver = 0, runtime = 0;
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  check(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  Json cublas;
#ifdef WARPLADDER_CUBLAS
  const std::size_t version = cublasLtGetVersion();
  cublas = std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
           std::to_string(version % 100);
#endif
  const int capability = compute_capability();
  return {{"name", device_name()},
          {"compute_capability", std::to_string(capability / 10) + "." + std::to_string(capability % 10)},
          {"sms", attribute(cudaDevAttrMultiProcessorCount)},
          {"l2_bytes", attribute(cudaDevAttrL2CacheSize)},
          {"memory_bytes", total},
          {"max_sm_clock_mhz", or_null(nvml.max_sm_clock_mhz())},
          {"driver", or_null(nvml.driver())},
          {"cuda_driver", cuda_version(driver)},
          {"runtime", cuda_version(runtime)},
          {"cublas", cublas},
          {"ecc", or_null(nvml.ecc())},
          {"mig", or_null(nvml.mig())},
          {"before", gpu_state(nvml)},
          {"after", nullptr}};
}
#endif

}  // namespace

std::optional<std::string> first_line(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  char text[4096];
  if (!pipe || std::fgets(text, sizeof text, pipe.get()) == nullptr) return std::nullopt;
  std::string line(text);
  while (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

std::string pci_bus_id() {
  char bus[32] = {};
#ifndef WARPLADDER_SIMT
  check(cudaDeviceGetPCIBusId(bus, sizeof bus, 0), "cudaDeviceGetPCIBusId");
#endif
  return bus;
}

Json gpu_state(const Nvml& nvml) {
  return {{"sm_clock_mhz", or_null(nvml.sm_clock_mhz())},
          {"memory_clock_mhz", or_null(nvml.memory_clock_mhz())},
          {"power_w", or_null(nvml.power_w())},
          {"power_limit_w", or_null(nvml.power_limit_w())},
          {"temperature_c", or_null(nvml.temperature_c())},
          {"throttle_reasons", or_null(nvml.throttle_reasons())}};
}

Json environment(const std::vector<std::string>& argv, std::uint64_t seed, const Nvml* gpu) {
  return {{"time_utc", utc_now()},
          {"argv", argv},
          {"seed", seed},
          {"source", source()},
          {"build",
           {{"compiler", build::kCompiler},
            {"type", build::kType},
            {"flags", build::kFlags},
            {"nvcc", or_null(build::kNvcc)},
            {"cuda_flags", or_null(build::kCudaFlags)},
            {"archs", or_null(build::kArchs)}}},
          {"host", host()},
          {"gpu", gpu ? gpu_of(*gpu) : Json()}};
}

}  // namespace bench
