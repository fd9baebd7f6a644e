// What an event is, and the time between two. They are recorded and waited for in stream.cpp.
#include <cstdio>
#include <mutex>

#include "simt/observer.hpp"
#include "state.hpp"
#include "stream.hpp"

using simt::set_error;

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  constexpr unsigned known = cudaEventBlockingSync | cudaEventDisableTiming | cudaEventInterprocess;
  const bool shared = flags & cudaEventInterprocess;  // none of these keeps the time
  if (!event || (flags & ~known) || (shared && !(flags & cudaEventDisableTiming)))
    return set_error(cudaErrorInvalidValue);
  if (cudaError_t error = simt::sticky_error()) return error;
  *event = new CUevent_st;
  (*event)->flags = flags;
  simt::note_made(*event, "an event", "cudaEventDestroy");
  return cudaSuccess;
}
cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned) {
  return cudaEventRecord(event, stream);
}
/// The CPU's time between the two, for want of a GPU's.
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  if (!milliseconds) return set_error(cudaErrorInvalidValue);
  if (!simt::exists(start) || !simt::exists(end) || !start->recorded || !end->recorded)
    return set_error(cudaErrorInvalidResourceHandle);
  if ((start->flags | end->flags) & cudaEventDisableTiming) return set_error(cudaErrorInvalidResourceHandle);
  if (!start->recorded->done || !end->recorded->done) return cudaErrorNotReady;
  *milliseconds = float((end->seconds - start->seconds) * 1e3);
  static std::once_flag said;
  std::call_once(said, [] {
    std::fflush(stdout);
    std::fputs("simt: the time between events is this CPU's, and tells nothing of a GPU\n", stderr);
  });
  return cudaSuccess;
}
