// Running a program without a shell.
#pragma once

#include <string>
#include <vector>

namespace simt::cc {

// Runs argv, its standard output into *capture where not null. Returns its exit status, 128 + n for signal n.
// Throws std::system_error where it cannot be started.
int run(const std::vector<std::string>& argv, std::string* capture = nullptr);

}  // namespace simt::cc
