#include "streams.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>

#include "../runtime/unseen.hpp"
#include "block_state.hpp"
#include "explain.hpp"
#include "findings.hpp"
#include "simt/lasting.hpp"

namespace simt::checking {

std::uint32_t oldest_unordered = ~0u;
std::atomic<bool> any_in_flight = false;

namespace {

struct Past {
  std::uint32_t first, last;  // segments
  unsigned queue;
  std::uint64_t count;
  Code code;
  const char* kernel;  // null: a copy or fill
  bool unordered;      // with the running one
};
constexpr std::size_t remembered = 256;
constexpr unsigned host =
    ~0u;  // a queue that is none: what host code does after the count-th operation was queued

struct InFlight {
  std::uintptr_t begin, end;
  bool written;
  unsigned queue;
  std::uint64_t count;
  Code code;
};

std::recursive_mutex mutex;
[[gnu::init_priority(before_program)]] Lasting<std::deque<Past>> all_past;
[[gnu::init_priority(before_program)]] Lasting<std::vector<InFlight>> all_in_flight;
auto& past = all_past.object;  // the running one is last
auto& in_flight = all_in_flight.object;
std::atomic<std::uint64_t> latest_number = 0;  // of what was queued
thread_local struct {
  unsigned queue = 0;
  std::uint64_t count = 0;
  Code code = 0;
} latest;  // queued by this thread

const Past* find(std::uint32_t segment) {
  const auto after = std::upper_bound(past.begin(), past.end(), segment,
                                      [](std::uint32_t s, const Past& p) { return s < p.first; });
  if (after == past.begin() || segment > std::prev(after)->last) return nullptr;
  return &*std::prev(after);
}

// What is appended is the running one until the next.
void append(Past p) {
  if (!past.empty()) past.back().last = std::min(past.back().last, p.first - 1);
  if (past.size() == remembered) past.pop_front();
  past.push_back(p);
}

}  // namespace

bool unordered(std::uint32_t segment) {
  const Past* p = find(segment);
  return p && p->unordered;
}

std::uint32_t operation_segment() { return past.empty() ? 0 : past.back().first; }
Code operation_code() { return past.empty() ? 0 : past.back().code; }

void operation_queued(Operation& op) {
  op.place = calling_code();
  latest = {op.queue, op.queue_count, op.place};
  latest_number = op.number;
}

void operation_begins(const Operation& op) {
  UnseenLock lock(mutex);
  append({next_segment(0), ~0u, op.queue, op.queue_count, op.place, nullptr, false});
  // Where nothing runs late, all that is queued later comes after what the host has waited for.
  if (!works_late())
    std::erase_if(past,
                  [&](const Past& p) { return &p != &past.back() && host_waited_for(p.queue, p.count); });
  oldest_unordered = ~0u;
  for (Past& p : past) {
    p.unordered = p.queue == host ? p.count >= op.number : !op.clock.has(p.queue, p.count);
    if (p.unordered) oldest_unordered = std::min(oldest_unordered, p.first);
  }
}

void name_operation(const char* kernel) {
  UnseenLock lock(mutex);
  if (!past.empty()) past.back().kernel = kernel;
}

std::string describe_operation(std::uint32_t segment) {
  UnseenLock lock(mutex);
  const Past* p = find(segment);
  if (!p) return "an earlier operation";
  if (p->queue == host) return "host code";
  const std::string at = p->code ? " of " + text_of(place_of(p->code)) : "";
  return (p->kernel ? std::string("kernel ") + p->kernel : "the copy or fill") + at;
}

void host_memory_in_flight(std::uintptr_t begin, std::size_t bytes, bool written) {
  UnseenLock lock(mutex);
  std::erase_if(in_flight, [](const InFlight& f) { return host_waited_for(f.queue, f.count); });
  in_flight.push_back({begin, begin + bytes, written, latest.queue, latest.count, latest.code});
  any_in_flight = true;
}

void check_host_access(std::uintptr_t address, std::size_t bytes, bool store, Code code) {
  UnseenLock lock(mutex);
  std::erase_if(in_flight, [](const InFlight& f) { return host_waited_for(f.queue, f.count); });
  any_in_flight = !in_flight.empty();
  for (const InFlight& f : in_flight)
    if (address < f.end && f.begin < address + bytes && (store || f.written)) {
      found("async", code, f.code, address, [&](Finding& finding) {
        finding.message = std::string("host code ") + (store ? "writes" : "reads") +
                          " memory that an asynchronous copy " +
                          (f.written ? "may not have delivered yet" : "may not have read yet");
        finding.cause = "a missing cudaStreamSynchronize (or cudaEventSynchronize) between the two";
      });
      return;
    }
}

bool by_host(std::uint32_t segment) {
  UnseenLock lock(mutex);
  const Past* p = find(segment);
  return p && p->queue == host;
}

std::uint32_t host_segment() {
  if (!works_late()) return 0;  // whatever was queued has run
  UnseenLock lock(mutex);
  if (past.empty() || past.back().queue != host || past.back().count != latest_number)
    append({next_segment(0), ~0u, host, latest_number, 0, nullptr, false});
  return past.back().first;
}

bool awaited(std::uint32_t segment) {
  UnseenLock lock(mutex);
  // What was forgotten was waited for, or is too long ago to tell.
  const Past* p = find(segment);
  return !p || p->queue == host || host_waited_for(p->queue, p->count);
}

}  // namespace simt::checking
