// Counts what the memory system of a GPU would do: lanes that execute the same instruction the same time are
// one request. Every thread logs its accesses; at each block-wide barrier the lanes' logs are laid side by
// side.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "places.hpp"
#include "simt/check.hpp"
#include "simt/thread.hpp"

namespace simt::checking {

enum class Action : std::uint8_t { load, store, atomic, free };

struct LoggedAccess {
  std::uintptr_t address = 0;
  Code code = 0;
  std::uint8_t bytes = 0;
  Action action = Action::load;
  bool shared = false;
  friend bool operator==(const LoggedAccess&, const LoggedAccess&) = default;
};

extern bool counting;  // otherwise only the threads' latest accesses are kept

// One block's.
class Log {
 public:
  [[gnu::always_inline]] void add(unsigned thread, const LoggedAccess& access) {
    LoggedAccess& latest = latest_[thread];  // field by field: nothing waits for a copy of it
    latest.address = access.address;
    latest.code = access.code;
    latest.bytes = access.bytes;
    latest.action = access.action;
    latest.shared = access.shared;
    if (counting) [[unlikely]]
      keep(thread);
  }
  // The latest access of `thread` since the last barrier; null if there is none.
  const LoggedAccess* latest(unsigned thread) const {
    return latest_[thread].bytes == 0 ? nullptr : &latest_[thread];
  }
  // Groups and counts what the block's `size` threads logged.
  void flush(unsigned size);
  void discard();

  // Of an asynchronous copy into shared memory, in bytes from the block's first.
  void lands(std::size_t at, std::size_t bytes, Code code);
  void block_ends();

  // What was counted since launch_begins.
  struct Flight {
    std::uint64_t warp = 0, interval = 0;  // of the warp, and of all warps since the last barrier
    std::uint64_t landing = 0;             // of the block: where copies land that no line before has used
    std::uint64_t most = 0;                // of any block
  };
  std::unordered_map<Code, Counts> lines;
  std::unordered_map<Code, Flight> flights;
  std::unordered_map<std::uintptr_t, std::uint64_t> atomics_at;  // in global memory
  Counts other;  // what has no line: barriers, shuffles, copies, and the most in flight

 private:
  void keep(unsigned thread);
  void count_warp(const std::vector<LoggedAccess>* lanes, unsigned count);
  void count_divergent(const std::vector<LoggedAccess>* lanes, unsigned count, std::size_t from);
  void count_request(const LoggedAccess& first, const std::uintptr_t* addresses, unsigned count,
                     unsigned lanes);

  std::uint64_t in_flight_ = 0;                     // loads: the most of the block's intervals so far
  std::vector<bool> landed_;                        // by 4 bytes of shared memory
  std::array<LoggedAccess, max_threads> latest_{};  // of 0 bytes: none
  std::vector<std::vector<LoggedAccess>> threads_ = std::vector<std::vector<LoggedAccess>>(max_threads);
};

Counts& operator+=(Counts& to, const Counts& from);

}  // namespace simt::checking
