#pragma once
// threadIdx and its kind: simt/thread.hpp has them. NVIDIA's header of this name declares them as constants.
#include "simt/cuda.hpp"
