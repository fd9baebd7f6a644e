// Hints about managed memory: kept and given back, for nothing here depends on them.
#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "memory.hpp"
#include "simt/lasting.hpp"
#include "state.hpp"

using simt::set_error;

namespace {
/// What the newest hint of a kind says of a byte; of a location its type and its number.
struct Value {
  int type = cudaMemLocationTypeInvalid, id = cudaInvalidDeviceId;
  bool operator==(const Value&) const = default;
};
enum Kind { read_mostly, preferred, accessed_by_gpu, accessed_by_host, prefetched, kinds };

std::mutex mutex;
[[gnu::init_priority(simt::before_program)]] simt::Lasting<std::map<const char*, Value>[kinds]> all_hints;
auto& hints = all_hints.object;  // by the first byte from which on it holds, up to the next

Value at(Kind kind, const char* p) {
  const auto next = hints[kind].upper_bound(p);
  return next == hints[kind].begin() ? Value{} : std::prev(next)->second;
}
void set(Kind kind, const char* begin, const char* end, Value value) {
  const Value behind = at(kind, end);
  hints[kind].erase(hints[kind].lower_bound(begin), hints[kind].upper_bound(end));
  hints[kind][begin] = value;
  hints[kind][end] = behind;
}
/// What holds for all of the range.
Value of_range(Kind kind, const char* begin, const char* end) {
  const Value first = at(kind, begin);
  for (auto next = hints[kind].upper_bound(begin); next != hints[kind].end() && next->first < end; ++next)
    if (next->second != first) return {};
  return first;
}

constexpr Value yes{0, 1};

cudaError_t look_at(const void* pointer, int device) {
  if (device > 0) return set_error(cudaErrorInvalidDevice);
  return simt::find_allocation(pointer) ? cudaSuccess : set_error(cudaErrorInvalidValue);
}

cudaError_t prefetch(const void* pointer, std::size_t size, Value where) {
  if (cudaError_t error = look_at(pointer, where.id)) return error;
  std::lock_guard lock(mutex);
  const auto* begin = static_cast<const char*>(pointer);
  set(prefetched, begin, begin + size, where);
  return cudaSuccess;
}
cudaError_t advise(const void* pointer, std::size_t size, cudaMemoryAdvise advice, Value where) {
  if (cudaError_t error = look_at(pointer, where.id)) return error;
  std::lock_guard lock(mutex);
  const auto* begin = static_cast<const char*>(pointer);
  const Kind accessed = where.type == cudaMemLocationTypeDevice ? accessed_by_gpu : accessed_by_host;
  switch (advice) {
    case cudaMemAdviseSetReadMostly: set(read_mostly, begin, begin + size, yes); break;
    case cudaMemAdviseUnsetReadMostly: set(read_mostly, begin, begin + size, {}); break;
    case cudaMemAdviseSetPreferredLocation: set(preferred, begin, begin + size, where); break;
    case cudaMemAdviseUnsetPreferredLocation: set(preferred, begin, begin + size, {}); break;
    case cudaMemAdviseSetAccessedBy: set(accessed, begin, begin + size, yes); break;
    case cudaMemAdviseUnsetAccessedBy: set(accessed, begin, begin + size, {}); break;
    default: return set_error(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}

/// The older calls name the host by a device's number.
int number_of(Value v) { return v.type == cudaMemLocationTypeHost ? cudaCpuDeviceId : v.id; }
}  // namespace

void simt::forget_hints(const char* begin, std::size_t size) {
  std::lock_guard lock(::mutex);
  for (int kind = 0; kind < kinds; ++kind) set(Kind(kind), begin, begin + size, {});
}

#if CUDART_VERSION >= 13000
cudaError_t cudaMemPrefetchAsync(const void* pointer, size_t size, cudaMemLocation where, unsigned,
                                 cudaStream_t) {
  return prefetch(pointer, size, {where.type, where.type == cudaMemLocationTypeDevice ? where.id : 0});
}
cudaError_t cudaMemAdvise(const void* pointer, size_t size, cudaMemoryAdvise advice, cudaMemLocation where) {
  return advise(pointer, size, advice, {where.type, where.type == cudaMemLocationTypeDevice ? where.id : 0});
}
cudaError_t cudaMemPrefetchBatchAsync(void** pointers, size_t* sizes, size_t count, cudaMemLocation* where,
                                      size_t* first, size_t places, unsigned long long, cudaStream_t stream) {
  if (!pointers || !sizes || !where || !first || !count || !places || first[0] != 0)
    return set_error(cudaErrorInvalidValue);
  for (size_t i = 0, place = 0; i < count; ++i) {
    if (place + 1 < places && first[place + 1] <= i) ++place;
    if (cudaError_t error = cudaMemPrefetchAsync(pointers[i], sizes[i], where[place], 0, stream))
      return error;
  }
  return cudaSuccess;
}
#else
namespace {
Value place(int device) {
  return {device < 0 ? cudaMemLocationTypeHost : cudaMemLocationTypeDevice, device < 0 ? 0 : device};
}
}  // namespace
cudaError_t cudaMemPrefetchAsync(const void* pointer, size_t size, int device, cudaStream_t) {
  return prefetch(pointer, size, place(device));
}
cudaError_t cudaMemAdvise(const void* pointer, size_t size, cudaMemoryAdvise advice, int device) {
  return advise(pointer, size, advice, place(device));
}
#endif
cudaError_t cudaStreamAttachMemAsync(cudaStream_t, void*, size_t, unsigned) { return cudaSuccess; }

cudaError_t cudaMemRangeGetAttribute(void* data, size_t size, cudaMemRangeAttribute attribute,
                                     const void* pointer, size_t count) {
  const auto found = simt::find_allocation(pointer);
  if (!data || size < sizeof(int) || size % sizeof(int) || !count || !found ||
      found->kind != simt::Memory::managed)
    return set_error(cudaErrorInvalidValue);
  const auto* begin = static_cast<const char*>(pointer);
  const auto* end = begin + count;
  std::lock_guard lock(mutex);
  int* out = static_cast<int*>(data);
  switch (attribute) {
    case cudaMemRangeAttributeReadMostly: *out = of_range(read_mostly, begin, end) == yes; break;
    case cudaMemRangeAttributePreferredLocation: *out = number_of(of_range(preferred, begin, end)); break;
    case cudaMemRangeAttributeLastPrefetchLocation: *out = number_of(of_range(prefetched, begin, end)); break;
    case cudaMemRangeAttributeAccessedBy: {
      std::vector<int> devices;
      if (of_range(accessed_by_gpu, begin, end) == yes) devices.push_back(0);
      if (of_range(accessed_by_host, begin, end) == yes) devices.push_back(cudaCpuDeviceId);
      devices.resize(size / sizeof(int), cudaInvalidDeviceId);
      std::copy(devices.begin(), devices.end(), out);
      break;
    }
#if CUDART_VERSION >= 12020
    case cudaMemRangeAttributePreferredLocationType: *out = of_range(preferred, begin, end).type; break;
    case cudaMemRangeAttributePreferredLocationId: *out = of_range(preferred, begin, end).id; break;
    case cudaMemRangeAttributeLastPrefetchLocationType: *out = of_range(prefetched, begin, end).type; break;
    case cudaMemRangeAttributeLastPrefetchLocationId: *out = of_range(prefetched, begin, end).id; break;
#endif
    default: return set_error(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}
cudaError_t cudaMemRangeGetAttributes(void** data, size_t* sizes, cudaMemRangeAttribute* attributes,
                                      size_t count, const void* pointer, size_t bytes) {
  if (!data || !sizes || !attributes || !count) return set_error(cudaErrorInvalidValue);
  for (size_t i = 0; i < count; ++i)
    if (cudaError_t error = cudaMemRangeGetAttribute(data[i], sizes[i], attributes[i], pointer, bytes))
      return error;
  return cudaSuccess;
}
