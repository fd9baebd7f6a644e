#include <atomic>
#include <mutex>
#include <utility>

#include "state.hpp"

namespace simt {
namespace {
thread_local cudaError_t last_error = cudaSuccess;
thread_local const char* last_reason = nullptr;
std::atomic<cudaError_t> sticky{cudaSuccess};
std::atomic<bool> told{false};  // of the sticky error

struct Unread {
  std::mutex mutex;
  std::vector<UnreadError> errors;
};
Unread& unread() {
  static Unread& instance = *new Unread;  // asked for when all static objects are gone
  return instance;
}
}  // namespace

void note_unread(UnreadError error) {
  std::lock_guard lock(unread().mutex);
  unread().errors.push_back(std::move(error));
}

std::vector<UnreadError> take_unread_errors() {
  std::lock_guard lock(unread().mutex);
  return std::exchange(unread().errors, {});
}

cudaError_t set_error(cudaError_t error, const char* why) {
  if (error != cudaSuccess) last_error = error, last_reason = why;
  return error;
}
const char* reason_of(cudaError_t error) { return error == last_error ? last_reason : nullptr; }

void set_sticky_error(cudaError_t error) {
  cudaError_t none = cudaSuccess;
  sticky.compare_exchange_strong(none, error);
}

cudaError_t failure() { return sticky; }
cudaError_t sticky_error() {
  const cudaError_t error = sticky;
  if (error != cudaSuccess) told = true;
  return error;
}

void reset_errors() {
  last_error = cudaSuccess;
  sticky = cudaSuccess;
  told = false;
}

}  // namespace simt

cudaError_t cudaGetLastError() {
  cudaError_t error = cudaPeekAtLastError();
  simt::last_error = cudaSuccess;
  return error;
}
cudaError_t cudaPeekAtLastError() {
  simt::take_unread_errors();
  return simt::told ? simt::sticky.load() : simt::last_error;
}
