// Where rungs of kind Where::gpu run: a real GPU, or simt. The rest of bench/ does not know which.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/registry.hpp"

namespace bench {

std::string device_kind();  // "gpu" or "simt"
std::string device_name();  // "NVIDIA H200"; on simt the CPU's
std::string cpu_name();
int compute_capability();  // 90 for sm_90
bool memory_is_checked();  // every access is (the simt-check build)

// The orders in which simt runs threads and blocks; a GPU has only "native". Applies to the launches that
// follow.
std::vector<std::string> device_schedules();
void use_schedule(const std::string& schedule);

double available_memory(Where where);       // bytes
std::size_t last_level_cache(Where where);  // bytes: the GPU's L2, the CPU's last level
double default_sm_clock_mhz();              // the GPU's clock when nothing throttles it; NaN on simt
void reset_persisting_l2();                 // lines that a kernel asked to stay are given up

// What simt's checker found since the last call, one line each; nothing where memory is not checked.
std::vector<std::string> take_findings();

// Throws BadInput when the problem's operands cannot fit the memory they would be in, or their sizes
// overflow.
void require_memory(const Problem& problem, Where where, int copies = 1);

// Whether an illegal access, or the like, has left the device unusable: nothing in this process works on it
// any more.
bool device_is_lost();

// Throws BadInput with what to do when there is no usable device: no driver, one too old, no GPU.
void require_device();

}  // namespace bench
