#pragma once
#include "simt/cub_device.hpp"
