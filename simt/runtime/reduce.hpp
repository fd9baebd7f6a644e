#pragma once
#include "simt/async.hpp"

namespace simt {

/// to[i] = op(to[i], from[i]) for the elements in `size` bytes, each atomically by itself.
using Combine = void (*)(void* to, const void* from, unsigned size);

/// Null where PTX has no such reduction.
Combine combine_of(Reduction op, Element type);

}  // namespace simt
