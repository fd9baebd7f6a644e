#include "bench/registry.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace bench {

Registry& Registry::instance() {
  static Registry registry;
  return registry;
}

void Registry::add(Entry e, std::string_view file, std::string_view suffix) {
  // The path below the root starts at the house's own folder names: files are compiled by absolute path.
  const std::filesystem::path path(file);
  std::filesystem::path below;
  for (const auto& part : path) {
    if (part == "chapters" || part == "baselines") below.clear();
    below /= part;
  }
  e.file = below.generic_string();
  const auto folder = std::next(below.begin());
  if (*below.begin() == "chapters" && folder != below.end()) e.chapter = folder->string();
  e.name = path.stem().string();
  if (!suffix.empty()) e.name.append("-").append(suffix);
  entries_.push_back(std::move(e));
  sorted_ = false;
}

const std::vector<Entry>& Registry::entries() {
  if (!sorted_) {
    // Static initialisers run in an unspecified order, so the ids decide.
    std::ranges::sort(entries_, {}, [](const Entry& e) { return std::pair(e.baseline(), e.id()); });
    const auto twice = std::ranges::adjacent_find(entries_, {}, &Entry::id);
    if (twice != entries_.end()) throw std::logic_error("two registrations are called " + twice->id());
    sorted_ = true;
  }
  return entries_;
}

}  // namespace bench
