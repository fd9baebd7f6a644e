// What the processor refuses to do, told by code address: see Observer.
#pragma once

namespace simt::checking {

void fault(const char* message, const void* instruction);
void divided_by_zero(const void* instruction);
void host_faulted(const char* message, const char* cause, const void* instruction);

}  // namespace simt::checking
