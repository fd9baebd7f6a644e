#pragma once
#include <string>

#include "simt/launch.hpp"

namespace simt {

struct ResidentBlock;

std::string describe(uint3 index);  // "(1,2,3)"

/// One line on stderr: the place, the text, and which kernel was launched where.
void report(const LaunchSite& launch, const std::string& text, Site site = {});

/// Where every thread of the block is, threads at the same place together.
void print_places(const ResidentBlock& block);

}  // namespace simt
