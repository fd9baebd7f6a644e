// A block's shared memory: one window, laid out as
//   [0, 1 KiB) reserved, as on Hopper | static objects with redzones | [64 KiB, ...) dynamic
#include "simt/shared.hpp"

#include <atomic>
#include <cstring>
#include <mutex>
#include <new>

#include "block.hpp"
#include "memory.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"
#include "state.hpp"

namespace simt {
namespace {
constexpr std::size_t first_static = 1024, static_limit = default_shared_limit;
constexpr std::size_t dynamic_offset = 64 * 1024;
constexpr std::size_t alignment = 128, redzone = 128;

/// The windows of all blocks lie in one region of address space.
class Windows {
 public:
  Windows() {
    shared_region = reserve(max_windows * shared_window);
    for (std::size_t i = max_windows; i-- > 0;)
      free_.push_back(reinterpret_cast<char*>(shared_region.begin) + i * shared_window);
  }
  char* take() {
    std::lock_guard lock(mutex_);
    if (free_.empty()) throw std::bad_alloc();
    char* window = free_.back();
    free_.pop_back();
    return window;
  }
  void give_back(char* window) {
    std::lock_guard lock(mutex_);
    free_.push_back(window);
  }

 private:
  static constexpr std::size_t max_windows = 8192;
  std::mutex mutex_;
  std::vector<char*> free_;
};

Windows& windows() {
  static Windows& instance = *new Windows;  // outlives the pool's threads
  return instance;
}
}  // namespace

constinit Region shared_region;

void reserve_shared_memory() { windows(); }

ResidentBlock::ResidentBlock() : async(nullptr, delete_async) { shared_base = windows().take(); }
ResidentBlock::~ResidentBlock() { windows().give_back(shared_base); }

unsigned SharedSite::take_id() const {
  static std::atomic<unsigned> latest{0};
  const unsigned fresh = ++latest;
  unsigned known = 0;
  return id_.compare_exchange_strong(known, fresh) ? fresh : known;
}

unsigned dynamic_shared_size() { return unsigned(current->block->launch->config.shared); }

namespace detail {

void* shared_object(const SharedSite& site, std::size_t size, std::size_t align) {
  if (!current) fail(cudaErrorLaunchFailure, "__shared__ memory is used", {site.file, site.line});
  ResidentBlock& block = resident(*current);
  const unsigned id = site.id();
  if (block.shared_slots.size() <= id) block.shared_slots.resize(id + 1);
  SharedSlot& slot = block.shared_slots[id];
  if (slot.serial == block.serial) [[likely]]
    return slot.object;
  if (block.shared_serial != block.serial) {
    block.shared_serial = block.serial;
    block.shared_used = 0;
    block.shared_end = first_static;
  }
  block.shared_used = (block.shared_used + align - 1) / align * align + size;
  if (block.shared_used > static_limit)
    fail(cudaErrorInvalidConfiguration, "the kernel uses more than 48 KiB of static shared memory",
         {site.file, site.line});
  const Launch& launch = *block.launch;
  if (const std::size_t all = block.shared_used + launch.config.shared; all > static_limit) {
    // What functions hold that the kernel calls is known only now.
    const bool default_limit = dynamic_shared_limit(launch.site.address) <= static_limit;
    if (all > (default_limit ? static_limit : gpu().shared_per_block_optin))
      fail(cudaErrorInvalidValue,
           "the kernel uses more shared memory, static and dynamic together, than a block may have",
           {site.file, site.line});
  }
  std::size_t step = align > alignment ? align : alignment;
  std::size_t offset = (block.shared_end + step - 1) / step * step;
  block.shared_end = offset + size + redzone;
  if (block.shared_end > dynamic_offset)
    fail(cudaErrorInvalidConfiguration, "too many __shared__ objects", {site.file, site.line});
  slot = {block.serial, block.shared_base + offset};
  std::memset(slot.object, 0xFF, size);
  if (observer) observer->shared_placed(block, &site, slot.object, size);
  return slot.object;
}

void* dynamic_shared_object() {
  if (!current) fail(cudaErrorLaunchFailure, "dynamic shared memory is used", {});
  ResidentBlock& block = resident(*current);
  char* object = block.shared_base + dynamic_offset;
  if (block.dynamic_serial != block.serial) {
    block.dynamic_serial = block.serial;
    std::memset(object, 0xFF, block.launch->config.shared);
    if (observer) observer->shared_placed(block, nullptr, object, block.launch->config.shared);
  }
  return object;
}

}  // namespace detail
}  // namespace simt

std::size_t __cvta_generic_to_shared(const void* pointer) {
  return std::size_t(static_cast<const char*>(pointer) - simt::current->block->shared_base);
}
void* __cvta_shared_to_generic(std::size_t offset) { return simt::current->block->shared_base + offset; }
unsigned __isShared(const void* pointer) {
  return simt::current && __cvta_generic_to_shared(pointer) < simt::shared_window;
}
