#pragma once
// CUDA's packages for pip leave it out. Which part of a program a profiler is to look at does not matter here.
#include <driver_types.h>

extern "C" cudaError_t cudaProfilerStart();
extern "C" cudaError_t cudaProfilerStop();
