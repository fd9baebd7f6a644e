#include "findings.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

#include "../runtime/state.hpp"
#include "../runtime/unseen.hpp"
#include "explain.hpp"
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
  void add(const char* kind, Code code, Code other, const std::function<void(Finding&)>& describe) {
    UnseenLock lock(mutex_);
    const auto [entry, fresh] = by_code_.try_emplace({kind, code, other}, findings_.size());
    if (!fresh) {
      ++findings_[entry->second].times;
      return;
    }
    Finding f;
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
      describe(f);
      current = nullptr;
    }).join();
    entry->second = insert(std::move(f));
  }
  void add(Finding f) {
    UnseenLock lock(mutex_);
    insert(std::move(f));
  }

  std::vector<Finding> take() {
    UnseenLock lock(mutex_);
    by_code_.clear();
    by_place_.clear();
    return std::exchange(findings_, {});
  }

  // What nobody took: the report, and the program's exit status.
  void at_exit() const {
    write_findings(findings_);
    if (findings_.empty()) return;
    const char* status = std::getenv("SIMT_EXITCODE");
    std::fflush(nullptr);
    std::fprintf(stderr, "simt: %zu defect%s found\n", findings_.size(), findings_.size() == 1 ? "" : "s");
    _exit(status ? std::atoi(status) : 1);
  }

 private:
  std::size_t insert(Finding f) {
    const auto [entry, fresh] = by_place_.try_emplace(
        std::tuple(f.kind, f.place, f.other, f.kernel, f.place.line ? "" : f.message), findings_.size());
    if (fresh) {
      print(f);
      findings_.push_back(std::move(f));
    } else {
      ++findings_[entry->second].times;
    }
    return entry->second;
  }

  std::mutex mutex_;
  std::vector<Finding> findings_;
  std::map<std::tuple<std::string_view, Code, Code>, std::size_t> by_code_;
  std::map<std::tuple<std::string, Place, Place, std::string, std::string>, std::size_t> by_place_;
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

// Runs after every static object's destructor.
[[gnu::destructor]] void at_exit() {
  report_unread_errors();
  report_leaks();
  write_counts(take_counts());
  list().at_exit();
}

}  // namespace

void found(const char* kind, Code code, Code other, const std::function<void(Finding&)>& describe) {
  list().add(kind, code, other, describe);
}
void found(Finding f) { list().add(std::move(f)); }

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
