// Bulk and tensor-map copies.
#include <algorithm>
#include <cstring>
#include <utility>

#include "async.hpp"
#include "reduce.hpp"
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

/// Calls f(begin, bytes) for what of the box lies together in global memory.
template <class F>
void for_each_run(const TensorMap& t, const int* at, F&& f) {
  char* begin = nullptr;
  unsigned bytes = 0;
  for_each_element(t, at, 0, [&](unsigned, char* element) {
    if (begin && element != begin + bytes) f(std::exchange(begin, nullptr), bytes);
    if (!element) return;
    if (!begin) begin = element, bytes = 0;
    bytes += t.element_size;
  });
  if (begin) f(begin, bytes);
}

/// Null where PTX has no such reduction of the tensor's elements.
Combine combine_in(const TensorMap& t, Reduction op) {
  switch (t.type) {
    case CU_TENSOR_MAP_DATA_TYPE_UINT32: return combine_of(op, Element::u32);
    case CU_TENSOR_MAP_DATA_TYPE_INT32: return combine_of(op, Element::s32);
    case CU_TENSOR_MAP_DATA_TYPE_UINT64: return combine_of(op, Element::u64);
    case CU_TENSOR_MAP_DATA_TYPE_INT64: return combine_of(op, Element::s64);
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT16: return combine_of(op, Element::f16);
    case CU_TENSOR_MAP_DATA_TYPE_BFLOAT16: return combine_of(op, Element::bf16);
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ: return combine_of(op, Element::f32);
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT64: return combine_of(op, Element::f64);
    default: return nullptr;
  }
}

void put(Combine combine, void* to, const char* from, unsigned size) {
  combine ? combine(to, from, size) : void(std::memcpy(to, from, size));
}

/// A store by the running thread, to be finished when its group is waited for.
void queue_store(const ResidentBlock& block, unsigned from, unsigned size, Site site,
                 std::function<void(const char* bytes)> write) {
  if (from + size > shared_window)
    fail(cudaErrorIllegalAddress, "the source of a bulk copy leaves shared memory", site);
  const char* source = block.shared_base + from;
  if (observer) observer->copy_issued(nullptr, source, size, size, true, site);
  AsyncCopies& mine = copies_of(*current);
  ++mine.stores_issued;
  const unsigned read = std::min((size + 127) / 128 * 128, unsigned(shared_window) - from);
  mine.stores.push_back({source, size, std::vector<char>(read), false, std::move(write)});
}

/// `combine`: null for a plain store.
void store(void* to, unsigned from, unsigned size, Combine combine, const char* operation, Site site) {
  ResidentBlock& block = about_to_park(current, operation, site);
  check(from, to, size, site);
  const bool atomically = combine != nullptr;
  if (observer) observer->bulk_write_issued(to, size, atomically, site);
  queue_store(block, from, size, site, [=](const char* bytes) {
    put(combine, to, bytes, size);
    if (observer) observer->bulk_write_landed(to, size, atomically, site);
  });
}

void store_box(const TensorMap& t, const int* at, unsigned from, Combine combine, ResidentBlock& block,
               Site site) {
  const bool atomically = combine != nullptr;
  if (observer)
    for_each_run(t, at,
                 [&](char* to, unsigned bytes) { observer->bulk_write_issued(to, bytes, atomically, site); });
  queue_store(block, from, t.box_bytes(), site, [=, where = Coordinates(at, t.dimensions)](const char* box) {
    for_each_element(t, where.at, from, [&](unsigned offset, char* element) {
      if (element) put(combine, element, box + (offset - from), t.element_size);
    });
    if (observer)
      for_each_run(t, where.at, [&](char* to, unsigned bytes) {
        observer->bulk_write_landed(to, bytes, atomically, site);
      });
  });
}

}  // namespace

void bulk_load(unsigned to, const void* from, unsigned size, unsigned mbarrier, Site site) {
  ResidentBlock& block = about_to_park(current, "cp.async.bulk", site);
  check(to, from, size, site);
  check_fenced(block, mbarrier, site);
  char* target = in_flight(block, to, size, site);
  if (observer) observer->bulk_read_issued(from, size, site);
  if (observer) observer->copy_issued(target, from, size, size, true, site);
  async_of(block).deliveries.push_back([=, &block] {
    std::memcpy(target, from, size);
    if (observer) observer->copy_landed(target, from, size, nullptr);
    mbarrier_complete_bytes(block, mbarrier, size, site);
  });
}

void bulk_store(void* to, unsigned from, unsigned size, Site site) {
  store(to, from, size, nullptr, "cp.async.bulk", site);
}

void bulk_reduce(void* to, unsigned from, unsigned size, Reduction op, Element type, Site site) {
  store(to, from, size, combine_of(op, type), "cp.reduce.async.bulk", site);
}

void tensor_store(const void* map, const int* at, unsigned dimensions, unsigned from, Site site) {
  ResidentBlock& block = about_to_park(current, "cp.async.bulk.tensor", site);
  store_box(read_map(map, dimensions, from, site), at, from, nullptr, block, site);
}

void tensor_reduce(const void* map, const int* at, unsigned dimensions, unsigned from, Reduction op,
                   Site site) {
  ResidentBlock& block = about_to_park(current, "cp.reduce.async.bulk.tensor", site);
  const TensorMap t = read_map(map, dimensions, from, site);
  const Combine combine = combine_in(t, op);
  if (!combine)
    fail(cudaErrorLaunchFailure, "cp.reduce.async.bulk.tensor has no such operation on the map's elements",
         site);
  store_box(t, at, from, combine, block, site);
}

void tensor_load(unsigned to, const void* map, const int* at, unsigned dimensions, unsigned mbarrier,
                 Site site) {
  ResidentBlock& block = about_to_park(current, "cp.async.bulk.tensor", site);
  TensorMap t = read_map(map, dimensions, to, site);
  check_fenced(block, mbarrier, site);
  char* target = in_flight(block, to, t.box_bytes(), site);
  if (observer) {
    for_each_run(t, at,
                 [&](const char* from, unsigned bytes) { observer->bulk_read_issued(from, bytes, site); });
    observer->copy_issued(target, nullptr, t.box_bytes(), t.box_bytes(), true, site);
  }
  async_of(block).deliveries.push_back([=, &block, where = Coordinates(at, dimensions)] {
    for_each_element(t, where.at, to, [&](unsigned offset, const char* element) {
      char* place = block.shared_base + offset;
      if (element)
        std::memcpy(place, element, t.element_size);
      else
        std::memset(place, t.fill_nan ? 0xFF : 0, t.element_size);
    });
    if (observer) observer->copy_landed(target, nullptr, t.box_bytes(), nullptr);
    mbarrier_complete_bytes(block, mbarrier, t.box_bytes(), site);
  });
}

}  // namespace simt
