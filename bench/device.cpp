#include "bench/device.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <limits>

#include "bench/buffers.hpp"

#ifdef WARPLADDER_SIMT
#include "simt/check.hpp"
#include "simt/control.hpp"
#endif

namespace bench {

#ifdef WARPLADDER_SIMT
std::string device_kind() { return "simt"; }
bool memory_is_checked() { return simt::checked(); }
std::vector<std::string> device_schedules() {
  return {"forward", "reverse", "random:1", "random:2", "random:3"};
}
void use_schedule(const std::string& schedule) {
  simt::report_equal_stores(true);  // no rung needs them, and a guard left out is often nothing else
  constexpr std::string_view kRandom = "random:";
  if (schedule == "forward") simt::set_schedule({simt::Order::forward});
  if (schedule == "reverse") simt::set_schedule({simt::Order::reverse});
  if (schedule.starts_with(kRandom))
    simt::set_schedule({simt::Order::random, std::stoull(schedule.substr(kRandom.size()))});
}
std::vector<std::string> take_findings() {
  std::vector<std::string> lines;
  for (const simt::Finding& f : simt::take_findings()) {
    std::string at = f.place.file.empty() ? "" : " at " + f.place.file + ":" + std::to_string(f.place.line);
    lines.push_back(f.kind + at + (f.kernel.empty() ? "" : " in " + f.kernel) + ": " + f.message);
  }
  return lines;
}
double default_sm_clock_mhz() { return std::numeric_limits<double>::quiet_NaN(); }
void reset_persisting_l2() {}
#else
std::string device_kind() { return "gpu"; }
bool memory_is_checked() { return false; }
std::vector<std::string> device_schedules() { return {"native"}; }
void use_schedule(const std::string&) {}
std::vector<std::string> take_findings() { return {}; }
double default_sm_clock_mhz() {
  // The attribute outlived cudaDeviceProp::clockRate, which CUDA 13 removed. Asked for once: the driver reads
  // it off the device, which takes long, and it is wanted before every sample.
  static const int khz = [] {
    int value = 0;
    check(cudaDeviceGetAttribute(&value, cudaDevAttrClockRate, 0), "cudaDeviceGetAttribute");
    return value;
  }();
  return khz / 1e3;
}
void reset_persisting_l2() {
  if (cudaCtxResetPersistingL2Cache() != cudaSuccess) cudaGetLastError();  // before sm_80 there are none
}
#endif

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "CPU";
}

std::string device_name() {
  if (device_kind() == "simt") return cpu_name();
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
  return properties.name;
}

int compute_capability() {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
  return 10 * properties.major + properties.minor;
}

double available_memory(Where where) {
  if (where == Where::gpu && device_kind() == "gpu") {
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return static_cast<double>(free);
  }
  // What could be had, caches of files given back; sysconf's free pages leave those out.
  std::ifstream info("/proc/meminfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("MemAvailable:")) return std::stod(line.substr(13)) * 1024;
  return static_cast<double>(sysconf(_SC_AVPHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::size_t last_level_cache(Where where) {
  if (where == Where::gpu) {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
    return static_cast<std::size_t>(properties.l2CacheSize);
  }
  const long l3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return l3 > 0 ? static_cast<std::size_t>(l3) : std::size_t(32) << 20;  // a virtual machine may not tell
}

void require_memory(const Problem& problem, Where where, int copies) {
  double bytes = 0;
  for (const Operand& o : problem.operands())
    bytes += static_cast<double>(o.count) * static_cast<double>(size_of(o.type));
  bytes *= copies;
  // Twice: the host keeps a copy of every operand, and on simt both lie in the same memory.
  const double there = available_memory(where), host = available_memory(Where::cpu);
  if (bytes > there || 2 * bytes > host) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "this shape needs %.3g GB of memory, and %.3g GB are free: use a smaller one", bytes / 1e9,
                  std::min(there, host / 2) / 1e9);
    throw BadInput(text);
  }
}

bool device_is_lost() { return cudaDeviceSynchronize() != cudaSuccess; }

void require_device() {
  int count = 0;
#ifndef WARPLADDER_SIMT
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0)
    throw BadInput("there is no NVIDIA driver on this machine: install it, or use --device simt");
#endif
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaErrorInsufficientDriver)
    throw BadInput(
        "the NVIDIA driver is older than this CUDA toolkit: update the driver, or use --device simt");
  if (status != cudaSuccess || count == 0)
    throw BadInput(std::string("no usable NVIDIA GPU (") + cudaGetErrorString(status) +
                   "): use --device simt");
}

}  // namespace bench
