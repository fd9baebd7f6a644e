#include "async.hpp"

#include <cstring>
#include <utility>

#include "report.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"

namespace simt {

void delete_async(Async* async) { delete async; }

Async& async_of(ResidentBlock& block) {
  if (!block.async) block.async.reset(new Async);
  return *block.async;
}

AsyncCopies& copies_of(Thread& thread) {
  if (!thread.copies) {
    ResidentBlock& block = about_to_park(&thread, "an asynchronous copy", {});  // its exit must be noticed
    auto& threads = async_of(block).threads;
    if (threads.size() <= thread.linear) threads.resize(thread.linear + 1);
    threads[thread.linear] = std::make_unique<AsyncCopies>();
    thread.copies = threads[thread.linear].get();
  }
  return *thread.copies;
}

void require(bool condition, const char* what, Site site) {
  if (!condition) fail(cudaErrorMisalignedAddress, what, site, "misaligned", "");
}

char* in_flight(ResidentBlock& block, unsigned to, std::size_t size, Site site) {
  if (to + size > shared_window)
    fail(cudaErrorIllegalAddress, "an asynchronous copy leaves shared memory", site);
  std::memset(block.shared_base + to, 0xFF, size);
  return block.shared_base + to;
}

void copy_async(unsigned to, const void* from, unsigned size, unsigned source_size, Site site) {
  Thread& self = *current;
  AsyncCopies& mine = copies_of(self);
  ResidentBlock& block = about_to_park(&self, "cp.async", site);
  require(to % size == 0, "the destination of cp.async is misaligned", site);
  require(reinterpret_cast<std::uintptr_t>(from) % size == 0, "the source of cp.async is misaligned", site);
  if (source_size > size) {
    if (observer)
      observer->defect("async", "cp.async is to read more bytes than it copies", "the number of valid bytes",
                       site);
    source_size = size;
  }
  char* target = in_flight(block, to, size, site);
  AsyncCopies::Copy copy{mine.issued++, to, size, source_size, static_cast<const char*>(from),
                         false,         {}, site, block.epoch};
  if (block.launch->schedule.order == Order::random && block.worker->next_random() % 2) {
    std::memcpy(copy.bytes, from, source_size);
    copy.read = true;
  }
  mine.copies.push_back(copy);
  if (observer) observer->copy_issued(target, from, size, source_size, false, site);
}

void land_copies(ResidentBlock& block, AsyncCopies& mine, std::uint64_t end, const Thread* owner) {
  while (!mine.copies.empty() && mine.copies.front().number < end) {
    AsyncCopies::Copy& copy = mine.copies.front();
    char* target = block.shared_base + copy.to;
    std::memcpy(target, copy.read ? copy.bytes : copy.from, copy.source_size);
    std::memset(target + copy.source_size, 0, copy.size - copy.source_size);
    if (observer) observer->copy_landed(target, copy.from, copy.size, owner);
    mine.copies.pop_front();
  }
  while (!mine.groups.empty() && mine.groups.front() <= end && mine.copies.empty()) mine.groups.pop_front();
}

void commit_copies() {
  AsyncCopies& mine = copies_of(*current);
  mine.groups.push_back(mine.issued);
}

void wait_for_copies(unsigned newest) {
  Thread& self = *current;
  if (!self.copies) return;
  AsyncCopies& mine = *self.copies;
  std::uint64_t end = 0;
  while (mine.groups.size() > newest) {
    end = mine.groups.front();
    mine.groups.pop_front();
  }
  land_copies(resident(self), mine, end, &self);
}

void wait_for_all_copies() {
  Thread& self = *current;
  if (!self.copies) return;
  self.copies->groups.clear();
  land_copies(resident(self), *self.copies, self.copies->issued, &self);
}

void arrive_after_copies(unsigned mbarrier, bool counted, Site site) {
  Thread& self = *current;
  AsyncCopies& mine = copies_of(self);
  ResidentBlock& block = resident(self);
  mbarrier_promise_arrival(mbarrier, counted, site);
  mine.promised = mine.issued;
  async_of(block).deliveries.push_back([&block, &mine, mbarrier, site, end = mine.issued] {
    land_copies(block, mine, end, nullptr);
    mbarrier_arrive(block, mbarrier, 1, site, false);
  });
}

/// One at a time, so that whoever it wakes runs before the next lands.
bool deliver_async(ResidentBlock& block) {
  if (!block.async || block.async->deliveries.empty()) return false;
  auto& deliveries = block.async->deliveries;
  std::size_t chosen = block.launch->schedule.order == Order::forward ? 0
                       : block.launch->schedule.order == Order::reverse
                           ? deliveries.size() - 1
                           : block.worker->next_random() % deliveries.size();
  auto deliver = std::move(deliveries[chosen]);
  deliveries.erase(deliveries.begin() + std::ptrdiff_t(chosen));
  deliver();
  return true;
}

void finish_copies(Thread& thread) {
  AsyncCopies& mine = *thread.copies;
  if (!mine.copies.empty() && mine.copies.back().number >= mine.promised) {
    if (observer)
      observer->defect("async", "a thread exits while its cp.async copies are in flight",
                       "cp.async.wait_group or wait_all is missing", mine.copies.back().site);
    land_copies(resident(thread), mine, mine.issued, &thread);
  }
  while (!mine.stores.empty()) {
    mine.stores.front().finish();
    mine.stores.pop_front();
  }
  mine.stores_done = mine.stores_issued;
  mine.groups.clear();
  mine.store_groups.clear();
}

void finish_block_copies(ResidentBlock& block) {
  if (!block.async) return;
  block.async->mbarriers.clear();
  if (block.async->deliveries.empty()) return;
  if (observer)
    observer->defect("async", "a block ends while bulk copies into its shared memory are in flight",
                     "no thread waits on their mbarrier", {});
  block.async->deliveries.clear();
}

void fence_proxy() {
  if (observer && current) observer->proxy_fenced();
  fence_mbarriers();
}

void fence_mbarriers() {
  if (!observer || !current) return;
  for (auto& [address, mbarrier] : async_of(resident(*current)).mbarriers) mbarrier.fenced = true;
}

void check_fenced(ResidentBlock& block, unsigned mbarrier, Site site) {
  if (!observer) return;
  const auto& known = async_of(block).mbarriers;
  const auto found = known.find(mbarrier);
  if (found != known.end() && !found->second.fenced)
    observer->defect("proxy", "a bulk copy signals an mbarrier whose initialisation it may not see",
                     "fence.mbarrier_init or fence.proxy.async is missing behind mbarrier.init", site);
}

void BulkStore::read_source() {
  if (std::exchange(read, true)) return;
  std::memcpy(bytes.data(), source, bytes.size());
  if (observer) observer->copy_landed(nullptr, source, size, nullptr);
}

void BulkStore::finish() {
  read_source();
  write(bytes.data());
}

void commit_stores() {
  AsyncCopies& mine = copies_of(*current);
  mine.store_groups.push_back(mine.stores_issued);
}

void wait_for_stores(unsigned newest) {
  if (!current->copies) return;
  AsyncCopies& mine = *current->copies;
  while (mine.store_groups.size() > newest) {
    for (; mine.stores_done < mine.store_groups.front(); ++mine.stores_done) {
      mine.stores.front().finish();
      mine.stores.pop_front();
    }
    mine.store_groups.pop_front();
  }
}

void wait_for_sources(unsigned newest) {
  if (!current->copies) return;
  AsyncCopies& mine = *current->copies;
  if (mine.store_groups.size() <= newest) return;
  const std::uint64_t end = mine.store_groups[mine.store_groups.size() - newest - 1];
  for (std::uint64_t i = mine.stores_done; i < end; ++i) mine.stores[i - mine.stores_done].read_source();
}

}  // namespace simt
