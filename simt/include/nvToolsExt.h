#pragma once
// CUDA's before 13; it is in headers alone since.
#include <nvtx3/nvToolsExt.h>
