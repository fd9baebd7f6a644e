#pragma once
// Found before Thrust's file of this name.
#include "memory.h"
