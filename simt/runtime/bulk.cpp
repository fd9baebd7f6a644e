// Bulk and tensor-map copies.
#include <cstring>

#include "async.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"
#include "tensormap.hpp"

namespace simt {
namespace {

void check(unsigned shared, const void* global, unsigned size, Site site) {
  require(shared % 16 == 0, "the shared address of a bulk copy is not aligned to 16 bytes", site);
  require(reinterpret_cast<std::uintptr_t>(global) % 16 == 0,
          "the global address of a bulk copy is not aligned to 16 bytes", site);
  require(size % 16 == 0, "the size of a bulk copy is not a multiple of 16 bytes", site);
}

TensorMap read_map(const void* map, unsigned dimensions, unsigned shared, Site site) {
  TensorMap t;
  std::memcpy(&t, map, sizeof t);
  if (t.mark != TensorMap::valid)
    fail(cudaErrorLaunchFailure, "a tensor map is not one that cuTensorMapEncodeTiled made", site);
  if (t.dimensions != dimensions)
    fail(cudaErrorLaunchFailure, "the instruction's dimensions are not the tensor map's", site);
  require(shared % 128 == 0, "the shared address of a tensor copy is not aligned to 128 bytes", site);
  return t;
}

/// Calls f(shared offset, global element or null when out of bounds) for each element of the box.
template <class F>
void for_each_element(const TensorMap& t, const int* at, unsigned shared, F&& f) {
  unsigned index[5] = {};
  for (unsigned offset = 0;; offset += t.element_size) {
    char* element = reinterpret_cast<char*>(t.address);
    for (unsigned d = 0; d < t.dimensions; ++d) {
      std::int64_t i = std::int64_t(at[d]) + std::int64_t(index[d]) * t.step[d];
      if (i < 0 || i >= std::int64_t(t.size[d])) {
        element = nullptr;
        break;
      }
      element += i * std::int64_t(t.stride[d]);
    }
    f(swizzled(shared + offset, t.swizzle), element);
    unsigned d = 0;
    while (++index[d] == t.count(d)) {
      index[d] = 0;
      if (++d == t.dimensions) return;
    }
  }
}

struct Coordinates {
  int at[5] = {};
  Coordinates(const int* from, unsigned dimensions) { std::memcpy(at, from, dimensions * sizeof(int)); }
};

template <class F>
void queue_store(F&& store) {
  AsyncCopies& mine = copies_of(*current);
  ++mine.stores_issued;
  mine.stores.push_back(std::forward<F>(store));
}

}  // namespace

void bulk_load(unsigned to, const void* from, unsigned size, unsigned mbarrier, Site site) {
  ResidentBlock& block = about_to_park(current, "cp.async.bulk", site);
  check(to, from, size, site);
  check_fenced(block, mbarrier, site);
  char* target = in_flight(block, to, size, site);
  if (observer) observer->copy_issued(target, from, size, size, true, site);
  async_of(block).deliveries.push_back([=, &block] {
    std::memcpy(target, from, size);
    if (observer) observer->copy_landed(target, from, size, nullptr);
    mbarrier_complete_bytes(block, mbarrier, size, site);
  });
}

void bulk_store(void* to, unsigned from, unsigned size, Site site) {
  ResidentBlock& block = about_to_park(current, "cp.async.bulk", site);
  check(from, to, size, site);
  const char* source = block.shared_base + from;
  if (observer) observer->copy_issued(to, source, size, size, true, site);
  queue_store([=] {
    std::memcpy(to, source, size);
    if (observer) observer->copy_landed(to, source, size, nullptr);
  });
}

void bulk_reduce(void* to, unsigned from, unsigned size, void (*combine)(void*, const void*, unsigned),
                 Site site) {
  ResidentBlock& block = about_to_park(current, "cp.reduce.async.bulk", site);
  check(from, to, size, site);
  const char* source = block.shared_base + from;
  if (observer) observer->copy_issued(nullptr, source, size, size, true, site);
  queue_store([=] {
    if (observer) observer->runtime_reads(to, size, site);  // it does not race with others of its kind
    combine(to, source, size);
    if (observer) observer->copy_landed(nullptr, source, size, nullptr);
  });
}

void tensor_load(unsigned to, const void* map, const int* at, unsigned dimensions, unsigned mbarrier,
                 Site site) {
  ResidentBlock& block = about_to_park(current, "cp.async.bulk.tensor", site);
  TensorMap t = read_map(map, dimensions, to, site);
  check_fenced(block, mbarrier, site);
  char* target = in_flight(block, to, t.box_bytes(), site);
  if (observer)
    observer->copy_issued(target, reinterpret_cast<void*>(t.address), t.box_bytes(), t.box_bytes(), true,
                          site);
  async_of(block).deliveries.push_back([=, &block, where = Coordinates(at, dimensions)] {
    for_each_element(t, where.at, to, [&](unsigned offset, const char* element) {
      char* place = block.shared_base + offset;
      if (element)
        std::memcpy(place, element, t.element_size);
      else
        std::memset(place, t.fill_nan ? 0xFF : 0, t.element_size);
      if (observer && element) observer->runtime_reads(element, t.element_size, site);
    });
    if (observer) observer->copy_landed(target, reinterpret_cast<void*>(t.address), t.box_bytes(), nullptr);
    mbarrier_complete_bytes(block, mbarrier, t.box_bytes(), site);
  });
}

void tensor_store(const void* map, const int* at, unsigned dimensions, unsigned from, Site site) {
  ResidentBlock& block = about_to_park(current, "cp.async.bulk.tensor", site);
  TensorMap t = read_map(map, dimensions, from, site);
  const char* source = block.shared_base + from;
  if (observer) observer->copy_issued(nullptr, source, t.box_bytes(), t.box_bytes(), true, site);
  queue_store([=, &block, where = Coordinates(at, dimensions)] {
    if (observer) observer->runtime_reads(source, t.box_bytes(), site);
    for_each_element(t, where.at, from, [&](unsigned offset, char* element) {
      if (!element) return;
      std::memcpy(element, block.shared_base + offset, t.element_size);
      if (observer) observer->runtime_writes(element, t.element_size, site);
    });
    if (observer) observer->copy_landed(nullptr, source, t.box_bytes(), nullptr);
  });
}

}  // namespace simt
