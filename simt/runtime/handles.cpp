// Which streams, events and graphs there are: a call that gets one which is gone fails, and the checker hears
// of those that are never destroyed.
#include <mutex>
#include <set>

#include "simt/lasting.hpp"
#include "simt/observer.hpp"
#include "state.hpp"

namespace simt {
namespace {
std::mutex mutex;
[[gnu::init_priority(before_program)]] Lasting<std::set<const void*>> all;
}  // namespace

void note_made(const void* handle, const char* what, const char* given_back_by) {
  if (observer) observer->made(handle, what, given_back_by);
  std::lock_guard lock(mutex);
  all.object.insert(handle);
}
void note_given_back(const void* handle) {
  if (observer) observer->given_back(handle);
  std::lock_guard lock(mutex);
  all.object.erase(handle);
}
bool exists(const void* handle) {
  std::lock_guard lock(mutex);
  return all.object.count(handle) != 0;
}

}  // namespace simt
