// What the checker keeps per resident block.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "../runtime/block.hpp"
#include "counts.hpp"
#include "shadow.hpp"

namespace simt::checking {

using WarpEpochs = std::array<std::uint32_t, max_warps>;

// What looks like a race until the next access tells. A plain read of what another thread updated atomically:
// not if the reader's next access is an atomic one of its own to the same address, as in the loop around
// atomicCAS that starts from a guess. A plain store over another thread's: not if it stores the same value,
// as those of threads that all raise one flag.
struct Guess {
  unsigned thread;
  std::uintptr_t address;
  unsigned bytes;
  Code code;
  Access writer;
  Code writer_code;
  bool store = false;
  std::uint32_t before = 0;  // a store's cell, before it
  int patience = 8;          // a read's: so many accesses of its thread may come before the atomic one
};

// A read of shared memory that nobody had written: if another thread stores there before the next barrier, it
// is a race, and no more is missing than a barrier.
struct Unwritten {
  unsigned thread;
  unsigned bytes;
  Code code;
};

// The checker hears of a store before it is made. From then until its next access, a block has one under way,
// which other workers can see.
class StoreUnderWay {
 public:
  // Of one store, piece by piece, ascending.
  void begins(std::uintptr_t address, std::size_t bytes) {
    if (end_.load(std::memory_order_relaxed) == 0) begin_.store(address, std::memory_order_relaxed);
    end_.store(address + bytes, std::memory_order_relaxed);
  }
  void made() { end_.store(0, std::memory_order_release); }
  bool at(std::uintptr_t address) const {
    return address < end_.load(std::memory_order_acquire) &&
           address >= begin_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uintptr_t> begin_ = 0, end_ = 0;
};

struct BlockState {
  const Block* block = nullptr;
  StoreUnderWay store;
  const Worker* worker = nullptr;  // whose blocks have this state
  std::uint32_t segment = 0;       // of its current interval
  std::uint32_t linear = 0;        // its index in the grid
  bool acquired = false;           // has looked at what other blocks published
  WarpEpochs epoch{};              // per warp
  std::unique_ptr<std::array<WarpEpochs, max_threads>>
      seen;  // per thread: the epochs of warps that it acquired
  std::unique_ptr<std::array<std::uint32_t, max_threads>>
      proxy_fences;                                            // per thread: the segment of its latest
  std::uint32_t latest_proxy_fence = 0;                        // of any thread
  std::unordered_map<const void*, WarpEpochs> objects;         // what was released to whoever acquires them
  std::unordered_map<unsigned, WarpEpochs> fenced;             // by thread: what came before its latest fence
  WarpEpochs fences{};                                         // how many since the last block-wide barrier
  std::vector<std::pair<std::uintptr_t, std::size_t>> placed;  // shared objects
  std::vector<Guess> guesses;
  std::map<std::uintptr_t, Unwritten> unwritten;   // by cell
  std::set<std::pair<const char*, int>> barriers;  // where it met in this launch: file and line
  Log log;
};

// Takes the later of each.
inline void merge(WarpEpochs& into, const WarpEpochs& from) {
  for (std::size_t warp = 0; warp < into.size(); ++warp) into[warp] = std::max(into[warp], from[warp]);
}
// The running thread comes after what was released to the object.
inline void acquire(BlockState& state, const void* object) {
  if (!state.seen) state.seen = std::make_unique<std::array<WarpEpochs, max_threads>>();
  merge((*state.seen)[current->linear], state.objects[object]);
}

// The running thread's block. Blocks are told apart by their windows of shared memory.
BlockState& state_of(const Block& block);
void for_block_states(const std::function<void(BlockState&)>& f);

// Of the launch that runs.
extern std::uint32_t first_segment;  // of it: earlier ones are ordered before everything in it
void order_segments();  // a launch begins, or a grid-wide barrier opens: all segments until now are earlier
std::uint32_t next_segment(std::uint32_t block);        // a new one, of the block with this linear index
std::uint32_t block_of_segment(std::uint32_t segment);  // only for segments of this launch
// Whether what block `linear` did in `segment` was published (a __threadfence since).
bool published(std::uint32_t linear, std::uint32_t segment);
void publish(const BlockState& state);

}  // namespace simt::checking
