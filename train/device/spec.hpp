// A run's settings as JSON has them: train/job.py writes it.
#pragma once

#include "train/device/engine.hpp"
#include "train/device/protocol.hpp"

namespace train {

// Throws BadInput for a name or number that makes no sense.
Spec read_spec(const Json& json);

}  // namespace train
