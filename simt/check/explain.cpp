#include "explain.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "../runtime/async.hpp"
#include "../runtime/memory.hpp"
#include "findings.hpp"
#include "maker.hpp"
#include "streams.hpp"

namespace simt::checking {
namespace {

struct Allocation {
  std::size_t bytes;
  Memory kind;
  Maker maker;
  bool live;
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

std::string verb(Action action) {
  return action == Action::load    ? "reads"
         : action == Action::store ? "writes"
         : action == Action::free  ? "frees"
                                   : "updates atomically";
}
std::string verb_past(Action action) {
  return action == Action::load ? "read" : action == Action::store ? "wrote" : "updated atomically";
}

bool in_shared(std::uintptr_t address) { return shadows[static_cast<int>(Space::shared)].contains(address); }
std::string space_of(std::uintptr_t address) { return in_shared(address) ? "shared" : "global"; }

std::string bytes_text(std::size_t bytes) {
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

uint3 thread_index(std::uint32_t linear) {
  return {linear % blockDim.x, linear / blockDim.x % blockDim.y, linear / blockDim.x / blockDim.y};
}
uint3 block_index(std::uint32_t linear) {
  return {linear % gridDim.x, linear / gridDim.x % gridDim.y, linear / gridDim.x / gridDim.y};
}

}  // namespace

void note_allocation(std::uintptr_t begin, std::size_t bytes, Memory kind) {
  const Maker maker = Maker::running();
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  // Freed ones under the new one are history now.
  auto old = allocations.lower_bound(begin);
  while (old != allocations.end() && old->first < begin + bytes) old = allocations.erase(old);
  allocations.insert_or_assign(begin, Allocation{bytes, kind, maker, true});
}

void note_release(std::uintptr_t begin) {
  auto& [mutex, allocations, shared_objects, variables, objects] = books();
  std::lock_guard lock(mutex);
  if (const auto found = allocations.find(begin); found != allocations.end()) found->second.live = false;
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
    if (a.live && !a.maker.pool())
      add(a.maker, described(a) + " is never freed", "cudaFree").owner = described(a);
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

void explain_out_of_bounds(const Cell& cell, Action action, std::uintptr_t address, unsigned bytes,
                           Code code) {
  const bool variable = shadows[static_cast<int>(Space::variables)].contains(address);
  const bool freed = cell.special && !variable && !beside_live(address);
  const bool by_host = !current;
  found(freed ? "use-after-free" : "out-of-bounds", code, 0, address, [&](Finding& f) {
    f.message = verb(action) + " " + bytes_text(bytes) + " of " + space_of(address) + " memory" +
                (freed     ? " that was freed"
                 : by_host ? ", and not so many are allocated there"
                           : " that nobody allocated");
    f.cause = freed ? "cudaFree before the last kernel or copy that uses the memory"
              : by_host
                  ? "a size that counts elements where it is to count bytes, or the other way round, or an "
                    "allocation that is too small"
                  : "a missing or off-by-one guard (i < n, not i <= n), or an index computed with a "
                    "wrong row length";
  });
}

void explain_misaligned(Action action, std::uintptr_t address, unsigned bytes, Code code) {
  found("misaligned", code, 0, address, [&](Finding& f) {
    f.message = verb(action) + " " + bytes_text(bytes) + " at an address that is no multiple of " +
                std::to_string(bytes) + " (a GPU stops with \"misaligned address\")";
    f.cause = "a pointer cast to a wider type whose offset or row length is no multiple of its width";
  });
}

void explain_uninitialised(std::uintptr_t address, unsigned bytes, Code code) {
  found("uninitialised", code, 0, address, [&](Finding& f) {
    f.message = "reads " + bytes_text(bytes) + " of " + space_of(address) + " memory that nobody wrote" +
                (in_shared(address) ? " in this block" : "");
    f.cause = in_shared(address) ? "an element that the loading loop skips, or a guard that leaves out the "
                                   "load without storing zero"
                                 : "cudaMalloc does not clear memory: a cudaMemset or a copy is missing";
  });
}

// The cp.async that is to bring the bytes, if one is.
static const AsyncCopies::Copy* copy_to(std::uintptr_t address, const AsyncCopies& issued) {
  const std::uintptr_t at = address - reinterpret_cast<std::uintptr_t>(current->block->shared_base);
  for (const AsyncCopies::Copy& copy : issued.copies)
    if (at - copy.to < copy.size) return &copy;
  return nullptr;
}

// The usual cause of an access to bytes on their way. `by_others`: of a copy that has come since the latest
// barrier.
static std::string cause_in_flight(std::uintptr_t address, bool by_others) {
  const std::string wait = "a missing or too weak wait (cp.async.wait_group, an mbarrier's phase)";
  if (current->copies && copy_to(address, *current->copies)) return wait + " before the access";
  const ResidentBlock& block = resident(*current);
  if (block.async)
    for (const auto& issued : block.async->threads)
      if (const AsyncCopies::Copy* copy = issued ? copy_to(address, *issued) : nullptr)
        return copy->epoch == block.epoch
                   ? "a missing __syncthreads(), behind the wait of the thread that copies, or before it "
                     "copies into what "
                     "others still read"
                   : wait + ", or a missing __syncthreads() between it and the access of another thread";
  return by_others ? "a copy into what other threads still read, for want of a __syncthreads(), or a missing "
                     "wait for the copy"
                   : "a missing or too weak wait for an mbarrier's phase before the access";
}

void explain_in_flight(const Cell& cell, Action action, std::uintptr_t address, unsigned bytes, Code code) {
  // Since the latest barrier of the block.
  const bool by_others = cell.landing && cell.writer.thread != current->linear &&
                         cell.writer.segment == state_of(*current->block).segment;
  found("async", code, 0, address, [&](Finding& f) {
    f.message = verb(action) + " " + bytes_text(bytes) +
                (cell.landing ? " that an asynchronous copy has not yet delivered"
                              : " that an asynchronous copy has yet to read");
    f.cause = cell.landing ? cause_in_flight(address, by_others)
                           : "a buffer reused before the copy out of it was waited for";
  });
}

void explain_race(const Access& earlier, Code earlier_code, Action earlier_action, Action action,
                  const BlockState& state, std::uintptr_t address, unsigned bytes, Code code) {
  if (!in_shared(address) && unordered(earlier.segment))
    return explain_unordered(earlier.segment, earlier_code, earlier_action, action, address, bytes, code);
  const auto describe = [&](Finding& f) {
    const bool same_block = earlier.segment == state.segment || in_shared(address);
    const bool same_warp = same_block && earlier.thread / lanes_per_warp == current->warp();
    f.message =
        verb(action) + " " + bytes_text(bytes) + " of " + space_of(address) + " memory that " +
        (same_block && earlier.thread == current->linear  // of many readers, the record names the latest
             ? "another thread"
             : "thread " + text_of(thread_index(earlier.thread))) +
        " of " +
        (same_block ? "the same block" : "block " + text_of(block_index(block_of_segment(earlier.segment)))) +
        " " + verb_past(earlier_action) + ", and nothing orders the two";
    const Place here = place_of(code), there = place_of(earlier_code);
    const bool same_line = here.line == there.line && here.file == there.file;
    const bool same_index = !in_shared(address) || (action == Action::store && earlier_action == action);
    const bool update = same_line && (action == Action::load || earlier_action == Action::load);
    const std::string barrier = "a missing __syncthreads() ";
    if (!same_block)
      f.cause = "blocks of one launch run in any order: use atomics, or a second launch";
    else if (same_line && same_index)
      f.cause = std::string("threads that come to the same index (is a dimension left out?), ") +
                (update ? "an update that is to be atomic (atomicAdd), or " : "or ") + barrier +
                "between the steps of a loop";
    else if (update)
      f.cause = barrier + "between the steps of a loop, or an update that is to be atomic (atomicAdd)";
    else
      f.cause = barrier + "before or after the exchange" +
                (same_warp ? " (__syncwarp() where it stays within a warp)" : "") +
                (same_index && action != earlier_action
                     ? "; atomics or volatile, where a thread may find either value"
                     : "");
  };
  const bool may_be_guess = earlier_action == Action::load && action == Action::atomic;
  found("race", code, earlier_code, address, describe, may_be_guess ? earlier_code : 0);
}

void explain_block_scope(const Access& earlier, Code earlier_code, std::uintptr_t address, unsigned bytes,
                         Code code) {
  found("race", code, earlier_code, address, [&](Finding& f) {
    f.message = "updates atomically within its block " + bytes_text(bytes) +
                " of global memory that thread " + text_of(thread_index(earlier.thread)) + " of block " +
                text_of(block_index(block_of_segment(earlier.segment))) + " updated as well";
    f.cause =
        "an atomic that ends in _block orders only within one block: across blocks it takes the plain one";
  });
}

void explain_mbarrier(const Access& init, Code init_code, std::uintptr_t address, Code code) {
  found("race", code, init_code, address, [&](Finding& f) {
    f.message = "uses an mbarrier that thread " + text_of(thread_index(init.thread)) +
                " of the same block initialised, and nothing orders the two";
    f.cause = "a missing __syncthreads() behind the mbarrier's initialisation";
  });
}

void explain_proxy(Code writer, bool writes, std::uintptr_t address, std::size_t bytes, Code code) {
  found("proxy", code, writer, address, [&](Finding& f) {
    f.message = std::string("a bulk copy ") + (writes ? "into " : "out of ") + bytes_text(bytes) +
                " of shared memory that ordinary stores wrote, with no proxy fence between";
    f.cause = "a missing fence.proxy.async between the stores and the barrier before the copy";
  });
}

void explain_unordered(std::uint32_t segment, Code earlier_code, Action earlier_action, Action action,
                       std::uintptr_t address, std::size_t bytes, Code code) {
  const bool host = by_host(segment);
  const bool freed = action == Action::free;
  found(host    ? "async"
        : freed ? "use-after-free"
                : "race",
        code, earlier_code, address, [&](Finding& f) {
          f.message = verb(action) + " " + bytes_text(bytes) + " of " + (host ? "managed" : "global") +
                      " memory that " + describe_operation(segment) + (host ? " " : ", in another stream, ") +
                      verb_past(earlier_action) + ", and nothing orders the two";
          f.cause =
              host ? "a missing cudaDeviceSynchronize between the kernel and the host's use of its memory"
                   : "a missing cudaStreamWaitEvent between the streams, or a synchronisation that waits for "
                     "another one";
        });
}

void explain_managed(std::uint32_t segment, Action earlier_action, Action action, std::uintptr_t address,
                     unsigned bytes, Code code, Code earlier_code) {
  found("async", code, earlier_code, address, [&](Finding& f) {
    f.message = "host code " + verb(action) + " " + bytes_text(bytes) + " of managed memory that " +
                describe_operation(segment) + " " + verb_past(earlier_action) +
                ", and that was not waited for";
    f.cause = "a missing cudaDeviceSynchronize between the kernel and the host's use of its result";
  });
}

void explain_host_pointer(Action action, std::uintptr_t address, unsigned bytes, Code code) {
  // The kernel's arguments live on the heap too, and the executor's own headers read what is the executor's.
  const Kernel* kernel = current->block->launch->kernel.get();
  if (address - reinterpret_cast<std::uintptr_t>(kernel) < kernel->size() || !in_users_code(code) ||
      registered(reinterpret_cast<const void*>(address)))
    return;
  {
    auto& [mutex, allocations, shared_objects, variables, objects] = books();
    std::lock_guard lock(mutex);
    std::map<std::uintptr_t, Allocation>::const_iterator pinned;
    if (beside_live(allocations, address, pinned)) return;
  }
  found("host-pointer", code, 0, 0, [&](Finding& f) {
    f.message = "a kernel " + verb(action) + " " + bytes_text(bytes) +
                " of the host's memory (a GPU stops with \"illegal memory access\")";
    f.cause = "a host pointer given to the kernel, or a lambda that captures by reference";
  });
}

void explain_kernel_heap(bool freed, Action action, std::size_t bytes, Code code) {
  found(freed ? "use-after-free" : "out-of-bounds", code, 0, 0, [&](Finding& f) {
    f.message = verb(action) + " " + bytes_text(bytes) + " of the kernels' heap that " +
                (freed ? "were freed" : "no malloc or new gave");
    f.cause = freed ? "a pointer used after free or delete, perhaps by another thread"
                    : "a size in elements where malloc counts bytes, or a loop that goes one element too far";
  });
}

void explain_host_access(Action action, std::uintptr_t address, std::size_t bytes,
                         const void* return_address) {
  found("host-access", to_code(return_address), 0, address, [&](Finding& f) {
    f.message = "host code " + verb(action) + " " + bytes_text(bytes) +
                " of device memory (a program on a GPU stops here with a segmentation fault)";
    f.cause = "a device pointer used on the host: copy with cudaMemcpy first";
  });
}

}  // namespace simt::checking
