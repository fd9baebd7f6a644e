#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "block.hpp"
#include "simt/async.hpp"

namespace simt {

/// A bulk copy out of shared memory: its source is read and its destination written when its group is waited
/// for.
struct BulkStore {
  const char* source;
  unsigned size;
  std::vector<char> bytes;  // of the source and, as swizzling may move them there, of the rest of 128 bytes
  bool read = false;
  std::function<void(const char* bytes)> write;

  void read_source();
  void finish();
};

/// Copies that one thread issued and that have not landed, oldest first.
struct AsyncCopies {
  struct Copy {
    std::uint64_t number;
    unsigned to, size, source_size;
    const char* from;
    bool read;  // already at its issue, as a GPU may
    alignas(16) char bytes[16];
    Site site;
    std::uint32_t epoch;  // the block's, when it was issued
  };
  std::deque<Copy> copies;
  std::uint64_t issued = 0;          // copies so far
  std::uint64_t promised = 0;        // those before this one are awaited through an mbarrier
  std::deque<std::uint64_t> groups;  // each: the number of copies issued before its commit

  std::deque<BulkStore> stores;
  std::uint64_t stores_issued = 0, stores_done = 0;
  std::deque<std::uint64_t> store_groups;
};

/// What a block has in flight.
struct Async {
  std::vector<std::unique_ptr<AsyncCopies>> threads;
  std::vector<std::function<void()>> deliveries;  // bulk loads, and arrivals behind cp.async
  ThreadSet waiting;                              // for mbarriers

  /// For the checker: valid mbarriers by address, who initialised them, and whether a fence has shown them
  /// to the copy engine since.
  struct Initialised {
    unsigned thread;
    bool fenced;
  };
  std::map<unsigned, Initialised> mbarriers;
};

Async& async_of(ResidentBlock& block);
AsyncCopies& copies_of(Thread& thread);
/// Lands those of a thread's copies that were issued before number `end`; `owner`: who waited for them, or
/// null.
void land_copies(ResidentBlock& block, AsyncCopies& copies, std::uint64_t end, const Thread* owner);
/// Poisons a destination, and checks that it lies in shared memory.
char* in_flight(ResidentBlock& block, unsigned to, std::size_t size, Site site);
/// Tells the checker of a bulk copy whose mbarrier the copy engine may not know yet.
void check_fenced(ResidentBlock& block, unsigned mbarrier, Site site);
void require(bool condition, const char* what, Site site);

// With the block given, for what lands while another of its threads is current.
void mbarrier_complete_bytes(ResidentBlock& block, unsigned mbarrier, unsigned bytes, Site site);
std::uint64_t mbarrier_arrive(ResidentBlock& block, unsigned mbarrier, unsigned count, Site site, bool drop);
/// The running thread is going to arrive when its copies have landed; if it is not `counted`, beyond those
/// expected.
void mbarrier_promise_arrival(unsigned mbarrier, bool counted, Site site);

}  // namespace simt
