#include "findings.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

#include "../runtime/state.hpp"
#include "../runtime/unseen.hpp"
#include "explain.hpp"
#include "guesses.hpp"
#include "mistakes.hpp"
#include "owners.hpp"
#include "reports.hpp"

namespace simt::checking {
namespace {

void print(const Finding& f) {
  auto index = [](const std::array<unsigned, 3>& a) { return text_of(uint3{a[0], a[1], a[2]}); };
  std::string out = "simt: " + text_of(f.place) + ": " + f.kind + ": " + f.message + "\n";
  if (!f.owner.empty()) out += "simt:   memory: " + f.owner + "\n";
  if (!f.kernel.empty())
    out +=
        "simt:   in kernel " + f.kernel + ", block " + index(f.block) + ", thread " + index(f.thread) + "\n";
  if (f.other.line) out += "simt:   the other access: " + text_of(f.other) + "\n";
  if (!f.cause.empty()) out += "simt:   usual cause: " + f.cause + "\n";
  std::fflush(stdout);
  std::fputs(out.c_str(), stderr);
}

class List {
 public:
  void add(const char* kind, Code code, Code other, std::uintptr_t address,
           const std::function<void(Finding&)>& describe, Code guess) {
    UnseenLock lock(mutex_);
    const auto [known, fresh] = by_code_.try_emplace({kind, code, other}, entries_.size());
    const std::uint64_t position = position_of_running();
    if (!fresh)
      if (Entry& before = entries_[known->second]; before.mistake != none || position >= before.position)
        return seen_again(before);
    Entry entry{.position = position, .sequence = next_++, .guess = guess};
    Finding& f = entry.suspect.finding;
    f.kind = kind;
    // The new thread stands for this one.
    std::thread([&, thread = current, block = blockDim, grid = gridDim] {
      Unseen unseen;
      current = thread;
      blockDim = block;
      gridDim = grid;
      if (thread) {
        f.kernel = thread->block->launch->site.kernel;
        f.block = {thread->block->index.x, thread->block->index.y, thread->block->index.z};
        f.thread = {thread->index.x, thread->index.y, thread->index.z};
      }
      f.place = place_of(code);
      f.other = place_of(other);
      if (address) {
        Owner owner = owner_of(address);
        f.owner = std::move(owner.text);
        entry.suspect.address = address;
        entry.suspect.object = owner.object;
        entry.suspect.shared = owner.shared;
      }
      describe(f);
      current = nullptr;
    }).join();
    known->second = insert(std::move(entry));
  }
  void add(Finding f) {
    UnseenLock lock(mutex_);
    insert({.suspect = {std::move(f)}, .position = position_of_running(), .sequence = next_++});
  }

  void hold() {
    UnseenLock lock(mutex_);
    holding_ = true;
  }
  void note_barrier(const Place& place) {
    UnseenLock lock(mutex_);
    mistakes_.note_barrier(place);
  }
  void settle() {
    UnseenLock lock(mutex_);
    holding_ = false;
    tell();
  }

  std::vector<Finding> take() {
    UnseenLock lock(mutex_);
    tell();
    by_code_.clear();
    by_place_.clear();
    entries_.clear();
    mistakes_ = {};
    told_.clear();
    return std::exchange(findings_, {});
  }

  // What nobody took: the report. Whether there was anything.
  bool conclude() {
    settle();
    write_findings(findings_);
    if (findings_.empty()) return false;
    std::fprintf(stderr, "simt: %zu defect%s found\n", findings_.size(), findings_.size() == 1 ? "" : "s");
    return true;
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};
  struct Entry {
    Suspect suspect = {};
    std::uint64_t position = 0;  // of its block in the launch
    std::uint64_t sequence = 0;  // within the block
    Code guess = 0;              // nothing is wrong if that read is one
    std::size_t mistake = none;  // behind it, once it is known
  };
  static std::uint64_t position_of_running() { return current ? resident(*current).position : 0; }

  void seen_again(Entry& entry) {
    ++(entry.mistake == none ? entry.suspect.finding : findings_[told_[entry.mistake]]).times;
  }

  // Which of two accesses was the first is the schedule's choice: both ways it is the same race.
  std::size_t insert(Entry entry) {
    const Finding& f = entry.suspect.finding;
    const auto [a, b] = std::minmax(f.place, f.other);
    const auto [known, fresh] = by_place_.try_emplace(
        std::tuple(f.kind, a, b, f.kernel, f.place.line ? "" : f.message), entries_.size());
    if (fresh) {
      entries_.push_back(std::move(entry));
      if (!holding_) tell();
      return known->second;
    }
    Entry& before = entries_[known->second];
    seen_again(before);
    if (!entry.guess) before.guess = 0;
    if (before.mistake == none && entry.position < before.position) {
      entry.suspect.finding.times = before.suspect.finding.times;
      entry.guess = before.guess;
      before = std::move(entry);
    }
    return known->second;
  }

  // Of what was found since the last time, the finding that names each mistake best, in the order of the
  // launch.
  void tell() {
    std::vector<Entry*> fresh;
    for (Entry& entry : entries_)
      if (entry.mistake == none && !(entry.guess && known_guess(entry.guess))) fresh.push_back(&entry);
    std::sort(fresh.begin(), fresh.end(), [](const Entry* a, const Entry* b) {
      return std::pair(a->position, a->sequence) < std::pair(b->position, b->sequence);
    });
    std::vector<Entry*> by_line = fresh;
    const auto lines = [](const Entry* e) {
      const Finding& f = e->suspect.finding;
      return std::tuple(f.kind == "async" || f.kind == "uninitialised", std::max(f.place.line, f.other.line),
                        std::min(f.place.line, f.other.line));
    };
    std::stable_sort(by_line.begin(), by_line.end(),
                     [&](const Entry* a, const Entry* b) { return lines(a) < lines(b); });
    for (Entry* entry : by_line) entry->mistake = mistakes_.behind(entry->suspect);
    // Of two kinds that come of one mistake the one that is nearer to it.
    std::map<std::size_t, const Entry*> to_tell;
    for (const Entry* entry : fresh) {
      const Entry*& chosen = to_tell[entry->mistake];
      if (!chosen ||
          Mistakes::indirectness(entry->suspect.finding) < Mistakes::indirectness(chosen->suspect.finding))
        chosen = entry;
    }
    for (Entry* entry : fresh) {
      const auto [told, first] = told_.try_emplace(entry->mistake, findings_.size());
      if (first) {
        findings_.push_back(to_tell[entry->mistake]->suspect.finding);
        print(findings_.back());
      }
      if (entry != to_tell[entry->mistake]) findings_[told->second].times += entry->suspect.finding.times;
    }
  }

  std::mutex mutex_;
  bool holding_ = false;
  std::uint64_t next_ = 0;
  std::deque<Entry> entries_;
  std::map<std::tuple<std::string_view, Code, Code>, std::size_t> by_code_;
  std::map<std::tuple<std::string, Place, Place, std::string, std::string>, std::size_t> by_place_;
  Mistakes mistakes_;
  std::vector<Finding> findings_;
  std::map<std::size_t, std::size_t> told_;  // mistakes, by where in `findings_` they are
};

List& list() {
  static List& instance = *new List;
  return instance;
}

// Errors that the program did not ask for until now.
void report_unread_errors() {
  for (const UnreadError& e : take_unread_errors()) {
    Finding f;
    f.kind = "unread-error";
    f.message = e.what + " failed with " + cudaGetErrorName(e.error) + " (" + cudaGetErrorString(e.error) +
                "), and the program never looked";
    f.cause = "nobody checks cudaGetLastError() after the launch, or the status that the call returned";
    f.place = place_of(to_code(e.site));
    found(std::move(f));
  }
}

// Whether there is anything to tell.
bool report_all(bool leaks) {
  report_unread_errors();
  if (leaks) report_leaks();
  write_counts(take_counts());
  return list().conclude();
}

[[noreturn]] void end_with_findings() {
  const char* status = std::getenv("SIMT_EXITCODE");
  _exit(status ? std::atoi(status) : 1);
}

int exit_status = 0;
[[gnu::constructor]] void watch_exit() {
  on_exit([](int status, void*) { exit_status = status; }, nullptr);
  at_quick_exit([] {
    if (report_all(false)) end_with_findings();
  });
}

// Runs after every static object's destructor.
[[gnu::destructor]] void at_exit() {
  std::fflush(nullptr);
  if (report_all(exit_status == 0)) end_with_findings();  // who gives up gives nothing back
}

}  // namespace

void found(const char* kind, Code code, Code other, std::uintptr_t address,
           const std::function<void(Finding&)>& describe, Code guess) {
  list().add(kind, code, other, address, describe, guess);
}
void found(Finding f) { list().add(std::move(f)); }
void hold_findings() { list().hold(); }
void note_barrier(const Place& place) { list().note_barrier(place); }
void settle_findings() { list().settle(); }
void conclude() {
  static std::atomic<bool> once = false;
  if (once.exchange(true)) return;
  // The program may have stopped within an allocation, whose lock nobody gives back.
  signal(SIGALRM, [](int) { _exit(128 + SIGABRT); });
  alarm(10);
  report_all(false);
}

std::string text_of(uint3 i) {
  return "(" + std::to_string(i.x) + "," + std::to_string(i.y) + "," + std::to_string(i.z) + ")";
}

std::string text_of(const Place& p) {
  return p.line ? p.file + ":" + std::to_string(p.line) : std::string("an unknown place");
}

}  // namespace simt::checking

namespace simt {
bool checked() { return true; }
std::vector<Finding> take_findings() {
  checking::report_unread_errors();
  return checking::list().take();
}
}  // namespace simt
