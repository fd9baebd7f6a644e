#pragma once
// With the operators that CUB had of its own before CUDA 13.
#include_next <cub/thread/thread_operators.cuh>

#include "simt/cub_operators.hpp"
