#include "maker.hpp"

#include <execinfo.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <regex>
#include <vector>

#include "simt/lasting.hpp"
#include "source.hpp"

namespace simt::checking {
namespace {

std::mutex mutex;
[[gnu::init_priority(before_program)]] Lasting<std::vector<std::vector<void*>>> all_stacks;
[[gnu::init_priority(before_program)]] Lasting<std::map<std::vector<void*>, std::size_t>> all_numbers;
auto& stacks = all_stacks.object;
auto& numbers = all_numbers.object;

CallSite site_of(std::size_t number) {
  std::lock_guard lock(mutex);
  return call_site(stacks[number]);
}

// The variables that a statement at the line makes, in the order of its calls.
std::vector<std::string> variables_at(const Place& place) {
  const Source& source = Source::of(place.file);
  std::string text = source.line(place.line);
  for (int more = 1; more < 4 && text.find(';') == text.npos; ++more) text += source.line(place.line + more);
  static const std::regex& call =
      *new std::regex(R"(cuda(?:Malloc|HostAlloc|StreamCreate|EventCreate|Graph)\w*\s*(?:<[^>]*>)?\s*\(\s*)"
                      R"((?:\([^()]*\)\s*|reinterpret_cast\s*<[^>]*>\s*\(\s*)?&\s*([\w.\->\[\]]+))");
  std::vector<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), call), end; match != end; ++match)
    names.push_back((*match)[1]);
  return names;
}

}  // namespace

Maker Maker::running() {
  void* stack[24];
  const int depth = backtrace(stack, 24);
  std::lock_guard lock(mutex);
  const auto [known, fresh] = numbers.try_emplace(std::vector<void*>(stack, stack + depth), stacks.size());
  if (fresh) stacks.push_back(known->first);
  return Maker(known->second);
}

Place Maker::place() const { return site_of(number_).place; }
bool Maker::pool() const {
  std::lock_guard lock(mutex);
  return in_pool(stacks[number_]);
}

// Several calls in one line are told apart by when they were made first.
std::string Maker::variable() const {
  const CallSite own = site_of(number_);
  const std::vector<std::string> names = variables_at(own.place);
  if (names.size() < 2) return names.empty() ? "" : names[0];
  std::vector<const void*> calls;
  for (std::size_t i = 0; i <= number_; ++i)
    if (const CallSite site = site_of(i);
        site.place == own.place && std::find(calls.begin(), calls.end(), site.address) == calls.end())
      calls.push_back(site.address);
  const auto rank = std::size_t(std::find(calls.begin(), calls.end(), own.address) - calls.begin());
  return rank < names.size() ? names[rank] : "";
}

}  // namespace simt::checking
