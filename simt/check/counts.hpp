// Counts what the memory system of a GPU would do: lanes that execute the same instruction the same time are
// one request. Every thread logs its accesses; at each block-wide barrier the lanes' logs are laid side by
// side.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "places.hpp"
#include "simt/check.hpp"
#include "simt/thread.hpp"

namespace simt::checking {

enum class Action : std::uint8_t { load, store, atomic };

struct LoggedAccess {
  std::uintptr_t address;
  Code code;
  std::uint8_t bytes;
  Action action;
  bool shared;
  friend bool operator==(const LoggedAccess&, const LoggedAccess&) = default;
};

extern bool counting;  // otherwise logs hold a thread's latest access only

// One block's.
class Log {
 public:
  void add(unsigned thread, const LoggedAccess& access) {
    auto& log = threads_[thread];
    if (counting || log.empty())
      log.push_back(access);
    else
      log.back() = access;
  }
  // The latest access of `thread` since the last barrier; null if there is none.
  const LoggedAccess* latest(unsigned thread) const {
    return threads_[thread].empty() ? nullptr : &threads_[thread].back();
  }
  // Groups and counts what the block's `size` threads logged.
  void flush(unsigned size);
  void discard();

  std::unordered_map<Code, Counts> lines;  // what was counted since launch_begins
  Counts other;                            // what has no line: barriers, shuffles, copies

 private:
  void count_warp(const std::vector<LoggedAccess>* lanes, unsigned count);
  void count_divergent(const std::vector<LoggedAccess>* lanes, unsigned count, std::size_t from);
  void count_request(const LoggedAccess& first, const std::uintptr_t* addresses, unsigned count,
                     unsigned lanes);

  std::vector<std::vector<LoggedAccess>> threads_ = std::vector<std::vector<LoggedAccess>>(max_threads);
};

Counts& operator+=(Counts& to, const Counts& from);

}  // namespace simt::checking
