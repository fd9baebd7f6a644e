// What belongs to several processes. Programs that hold such calls can be linked, and run up to the first.
#include "report.hpp"
#include "state.hpp"

namespace {
cudaError_t not_here(const char* call) {
  return simt::not_supported(call, "simt's memory and events are one process's");
}
}  // namespace

cudaError_t cudaIpcGetEventHandle(cudaIpcEventHandle_t*, cudaEvent_t) {
  return not_here("cudaIpcGetEventHandle");
}
cudaError_t cudaIpcOpenEventHandle(cudaEvent_t*, cudaIpcEventHandle_t) {
  return not_here("cudaIpcOpenEventHandle");
}
cudaError_t cudaIpcGetMemHandle(cudaIpcMemHandle_t*, void*) { return not_here("cudaIpcGetMemHandle"); }
cudaError_t cudaIpcOpenMemHandle(void**, cudaIpcMemHandle_t, unsigned) {
  return not_here("cudaIpcOpenMemHandle");
}
cudaError_t cudaIpcCloseMemHandle(void*) { return not_here("cudaIpcCloseMemHandle"); }
