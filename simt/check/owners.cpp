#include "owners.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "findings.hpp"
#include "maker.hpp"
#include "shadow.hpp"

namespace simt::checking {
namespace {

struct Allocation {
  std::size_t bytes;
  Memory kind;
  Maker maker;
  bool live;
  bool release_refused = false;
};

// A stream, an event, a graph.
struct Object {
  std::string what;
  const char* given_back_by;
  Maker maker;
};

struct Books {
  std::mutex mutex;
  std::map<std::uintptr_t, Allocation> allocations;  // the freed ones too, until their place is used again
  std::map<std::uintptr_t, std::pair<std::size_t, const SharedSite*>> shared_objects;
  std::map<std::uintptr_t, DeviceVariable> variables;
  std::map<const void*, Object> objects;
};
// Opened by the first allocation, wherever that is, and never closed: leaks are reported when all else is
// over.
Books& books() {
  static Books& instance = *new Books;
  return instance;
}

const char* made_by(Memory kind) {
  switch (kind) {
    case Memory::device: return "cudaMalloc'd";
    case Memory::managed: return "cudaMallocManaged'd";
    case Memory::pinned: return "cudaMallocHost'd";
  }
  return "allocated";
}

std::string described(const Allocation& a) {
  const Place place = a.maker.place();
  const std::string name = a.maker.variable();
  return (name.empty() ? "" : name + ", ") + std::to_string(a.bytes) + " bytes " + made_by(a.kind) +
         (place.line ? " at " + text_of(place) : "");
}

std::string described(const SharedSite* site, std::size_t bytes) {
  if (!site) return "the dynamic shared memory, " + std::to_string(bytes) + " bytes";
  return std::string("__shared__ ") + site->name + ", " + std::to_string(bytes) + " bytes, " + site->file +
         ":" + std::to_string(site->line);
}

// "in x", "4 bytes past the end of x", "8 bytes before x"
std::string relative(std::uintptr_t address, std::uintptr_t begin, std::size_t bytes,
                     const std::string& what) {
  if (address < begin) return std::to_string(begin - address) + " bytes before " + what;
  if (address < begin + bytes) return "byte " + std::to_string(address - begin) + " of " + what;
  if (address == begin + bytes) return "just past the end of " + what;
  return std::to_string(address - begin - bytes) + " bytes past the end of " + what;
}

// The live allocation around or right beside the address (allocations are at least this far apart).
constexpr std::size_t margin = 256;
bool beside_live(const std::map<std::uintptr_t, Allocation>& allocations, std::uintptr_t address,
                 std::map<std::uintptr_t, Allocation>::const_iterator& found) {
  for (found = allocations.lower_bound(address - std::min<std::uintptr_t>(address, margin));
       found != allocations.end() && found->first <= address + margin; ++found)
    if (found->second.live) return true;
  for (found = allocations.upper_bound(address); found != allocations.begin();) {
    --found;
    if (found->second.live) return address < found->first + found->second.bytes + margin;
  }
  return false;
}

// Of the objects on both sides of the address the one that holds it, or is nearer.
template <class Map, class Bytes>
typename Map::const_iterator nearest(const Map& map, std::uintptr_t address, Bytes bytes_of) {
  const auto after = map.upper_bound(address);
  if (after == map.begin()) return after;
  const auto before = std::prev(after);
  if (after == map.end() || address < before->first + bytes_of(before->second)) return before;
  return address - (before->first + bytes_of(before->second)) <= after->first - address ? before : after;
}

}  // namespace

void note_allocation(std::uintptr_t begin, std::size_t bytes, Memory kind) {
  const Maker maker = Maker::running();
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  // Freed ones under the new one are history now.
  auto old = allocations.lower_bound(begin);
  while (old != allocations.end() && old->first < begin + bytes) old = allocations.erase(old);
  allocations.insert_or_assign(begin, Allocation{bytes, kind, maker, true, false});
}

void note_release(std::uintptr_t begin) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  if (const auto found = allocations.find(begin); found != allocations.end()) found->second.live = false;
}

void note_refused_release(std::uintptr_t begin) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  if (const auto found = allocations.find(begin); found != allocations.end())
    found->second.release_refused = true;
}

void note_made(const void* object, const char* what, const char* given_back_by) {
  const Maker maker = Maker::running();
  std::lock_guard lock(books().mutex);
  books().objects.insert_or_assign(object, Object{what, given_back_by, maker});
}
void note_given_back(const void* object) {
  std::lock_guard lock(books().mutex);
  books().objects.erase(object);
}

void note_variable(const DeviceVariable& v) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  variables.insert_or_assign(reinterpret_cast<std::uintptr_t>(v.address), v);
}

const DeviceVariable* variable_around(std::uintptr_t address) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  const auto after = variables.upper_bound(address);
  if (after == variables.begin()) return nullptr;
  const auto& [begin, v] = *std::prev(after);
  return address < begin + v.bytes ? &v : nullptr;
}

void note_shared(std::uintptr_t begin, std::size_t bytes, const SharedSite* site) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  shared_objects[begin] = {bytes, site};
}

void forget_shared(std::uintptr_t begin) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  shared_objects.erase(begin);
}

Owner owner_of(std::uintptr_t address) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  if (in_shared(address)) {
    const auto found = nearest(shared_objects, address, [](const auto& o) { return o.first; });
    if (found == shared_objects.end()) return {};
    return {relative(address, found->first, found->second.first,
                     described(found->second.second, found->second.first)),
            found->second.second, true};
  }
  if (shadows[static_cast<int>(Space::variables)].contains(address)) {
    const auto after = variables.upper_bound(address);
    if (after == variables.begin()) return {};
    const DeviceVariable& v = std::prev(after)->second;
    return {
        relative(address, std::prev(after)->first, v.bytes,
                 std::string("__") + v.space + "__ " + v.definition.name + ", " + std::to_string(v.bytes) +
                     " bytes, " + v.definition.file + ":" + std::to_string(v.definition.line)),
        v.address};
  }
  std::map<std::uintptr_t, Allocation>::const_iterator found;
  if (!beside_live(allocations, address, found))
    found = nearest(allocations, address, [](const Allocation& a) { return a.bytes; });
  if (found == allocations.end()) return {};
  return {relative(address, found->first, found->second.bytes, described(found->second)) +
              (found->second.live ? "" : ", freed since"),
          reinterpret_cast<const void*>(found->first)};
}

bool beside_live(std::uintptr_t address) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  std::map<std::uintptr_t, Allocation>::const_iterator found;
  return beside_live(allocations, address, found);
}

void report_leaks() {
  std::vector<Finding> leaks;
  const auto add = [&](const Maker& maker, std::string what, const char* given_back_by) -> Finding& {
    Finding& f = leaks.emplace_back();
    f.kind = "leak";
    f.message = std::move(what);
    f.cause = std::string("a missing ") + given_back_by + ", or an early return between the two";
    f.place = maker.place();
    return f;
  };
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  for (const auto& [begin, a] : allocations)
    if (a.live && !a.release_refused && !a.maker.pool())
      add(a.maker, described(a) + " is never freed", a.kind == Memory::pinned ? "cudaFreeHost" : "cudaFree")
          .owner = described(a);
  // A few of these the end of the process gives back without harm; a loop that makes them goes on.
  constexpr unsigned many = 64;
  std::map<Place, std::pair<unsigned, const Object*>> by_place;
  for (const auto& [address, object] : objects) {
    auto& [count, first] = by_place[object.maker.place()];
    if (count++ == 0) first = &object;
  }
  for (const auto& [place, made] : by_place) {
    const auto& [count, object] = made;
    if (count < many) continue;
    const std::string name = object->maker.variable();
    add(object->maker,
        object->what + (name.empty() ? "" : " (" + name + ")") + " made at " + text_of(place) +
            " is never destroyed, " + std::to_string(count) + " times",
        object->given_back_by);
  }
  std::stable_sort(leaks.begin(), leaks.end(),
                   [](const Finding& a, const Finding& b) { return a.place < b.place; });
  for (Finding& f : leaks) found(std::move(f));
}

}  // namespace simt::checking
