#pragma once
// Force-included before the host sources that simt-cc compiles beside .cu files.
#define lerp simt_std_lerp  // as in simt/cuda.hpp
#include <math.h>
#undef lerp

#include "simt/cuda12.hpp"
#include "simt/default_stream.hpp"

#ifndef THRUST_DEVICE_SYSTEM
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#endif
