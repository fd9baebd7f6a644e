#pragma once
// PTX instructions, as the rewriter calls them: the name with its dots and colons as underscores, operands in
// order, results by reference. An instruction that is not here does not compile, and the compiler names it.
// Registers are plain unsigned integers (simt/ptx_operands.hpp); shared addresses are offsets in the window.
#include "simt/ptx_async.hpp"
#include "simt/ptx_atomic.hpp"
#include "simt/ptx_convert.hpp"
#include "simt/ptx_matrix.hpp"
#include "simt/ptx_memory.hpp"
#include "simt/ptx_operands.hpp"
#include "simt/ptx_rare.hpp"
#include "simt/ptx_reduce.hpp"
#include "simt/ptx_scalar.hpp"
#include "simt/ptx_vector.hpp"
#include "simt/ptx_video.hpp"
