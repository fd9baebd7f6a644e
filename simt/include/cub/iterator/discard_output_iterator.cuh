#pragma once
// CUB's before CUDA 13.
#include "simt/cub_operators.hpp"

#if CUDART_VERSION < 13000
#include_next <cub/iterator/discard_output_iterator.cuh>
#endif
