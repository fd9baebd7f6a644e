#pragma once
#include <string>

#include "simt/launch.hpp"
#include "simt/sync.hpp"

namespace simt {

struct ResidentBlock;

std::string describe(uint3 index);  // "(1,2,3)"

/// One line on stderr: the place, the text, and which kernel was launched where.
void report(const LaunchSite& launch, const std::string& text, Site site = {});

/// The error of a call that simt does not have, with a line on stderr that says `what` it lacks.
cudaError_t not_supported(const char* call, const char* what);

/// As fail() in simt/sync.hpp, with what a checker calls it (Finding::kind) and its usual cause.
[[noreturn]] void fail(cudaError_t error, const char* what, Site site, const char* kind, const char* cause);

/// Where every thread of the block is, threads at the same place together: how many, and on stderr which.
std::string count_places(const ResidentBlock& block);
void print_places(const ResidentBlock& block);

}  // namespace simt
