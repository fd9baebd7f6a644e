#pragma once
// Programs from Windows include it: all of it is there already. NVIDIA's header of this name is for nvcc
// alone.
#include "simt/cuda.hpp"
