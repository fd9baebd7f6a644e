#include "report.hpp"

#include <cstdio>
#include <map>
#include <tuple>
#include <vector>

#include "block.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"
#include "state.hpp"

namespace simt {

std::string describe(uint3 index) {
  return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," + std::to_string(index.z) + ")";
}

namespace {
std::string describe(Site site) { return std::string(site.file) + ":" + std::to_string(site.line); }
}  // namespace

void report(const LaunchSite& launch, const std::string& text, Site site) {
  std::string line = "simt: ";
  if (site.line) line += describe(site) + ": ";
  line +=
      text + " [kernel " + launch.kernel + ", launched at " + describe({launch.file, launch.line}) + "]\n";
  std::fflush(stdout);
  std::fputs(line.c_str(), stderr);
}

cudaError_t not_supported(const char* call, const char* what) {
  std::fflush(stdout);
  std::fprintf(stderr, "simt: %s: %s\n", call, what);
  return set_error(cudaErrorNotSupported);
}

namespace {
std::map<std::string, std::vector<unsigned>> places_of(const ResidentBlock& block) {
  std::map<std::string, std::vector<unsigned>> places;
  for (const Thread& thread : block.threads) {
    if (thread.linear >= block.size) break;
    if (!block.alive.has(thread.linear))
      places["exited"].push_back(thread.linear);
    else if (block.unstarted.has(thread.linear))
      places["not started"].push_back(thread.linear);
    else if (thread.wait == Wait::none) {
      const std::string at = observer ? observer->where(thread) : "";
      places["running or polling" + (at.empty() ? "" : ", last seen at " + at)].push_back(thread.linear);
    } else {
      std::string place = "in " + std::string(thread.operation) + " at " + describe(thread.site);
      if (thread.wait == Wait::mbarrier) place += " (" + describe_mbarrier(block, thread.mbarrier) + ")";
      places[place].push_back(thread.linear);
    }
  }
  return places;
}
std::string counted(const std::vector<unsigned>& threads, const std::string& place) {
  return std::to_string(threads.size()) + (threads.size() == 1 ? " thread " : " threads ") + place;
}
}  // namespace

std::string count_places(const ResidentBlock& block) {
  std::string all;
  for (const auto& [place, threads] : places_of(block))
    all += (all.empty() ? "" : "; ") + counted(threads, place);
  return all;
}

void print_places(const ResidentBlock& block) {
  for (const auto& [place, threads] : places_of(block)) {
    std::string line = "simt:   " + counted(threads, place) + ":";
    for (std::size_t i = 0, shown = 0; i < threads.size() && shown < 16; ++shown) {
      std::size_t last = i;
      while (last + 1 < threads.size() && threads[last + 1] == threads[last] + 1) ++last;
      line += " " + describe(block.threads[threads[i]].index);
      if (last > i) line += ".." + describe(block.threads[threads[last]].index);
      i = last + 1;
      if (shown == 15 && i < threads.size()) line += " ...";
    }
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

void fail(cudaError_t error, const char* what, Site site) { fail(error, what, site, "fault", ""); }

void fail(cudaError_t error, const char* what, Site site, const char* kind, const char* cause) {
  Thread* self = current;
  if (!self) {
    std::fprintf(stderr, "simt: %s:%d: %s, in host code\n", site.file, site.line, what);
    std::abort();
  }
  ResidentBlock& block = resident(*self);
  if (observer)
    observer->defect(kind, what, cause, site);
  else
    report(block.launch->site,
           std::string(what) + ", in block " + describe(block.index) + ", thread " + describe(self->index),
           site);
  block.worker->abandon(error);
}

}  // namespace simt
