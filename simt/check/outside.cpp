#include "outside.hpp"

#include <string_view>

#include "../runtime/unseen.hpp"
#include "explain.hpp"
#include "owners.hpp"
#include "simt/runtime.hpp"
#include "streams.hpp"

namespace simt::checking {
namespace {

bool is_managed(std::uintptr_t address) {
  const DeviceVariable* variable = variable_around(address);
  return variable && std::string_view(variable->space) == "managed";
}

// The host touches managed memory: whatever did so on the device must have been waited for.
void check_managed(Cell& cell, Action action, std::uintptr_t address, unsigned bytes, Code code) {
  if (cell.writer.segment && !awaited(cell.writer.segment))
    explain_managed(cell.writer.segment, Action::store, action, address, bytes, code, cell.writer_code);
  const bool being_read = cell.reader.segment && !awaited(cell.reader.segment);
  if (action != Action::load && being_read)
    explain_managed(cell.reader.segment, Action::load, action, address, bytes, code, cell.reader_code);
  const std::uint32_t segment = host_segment();
  if (!segment || (action == Action::load && being_read)) return;
  const Access by{.segment = segment, .bytes = 15, .flags = cell.writer.flags};
  if (action == Action::load) {
    record(cell.reader, by);
    cell.reader_code = code;
  } else {
    record(cell.writer, by);
    cell.writer_code = code;
  }
}

// The host does a library's work in place of kernels (CUB, Thrust): an access to device memory, or to a
// variable of the device, is that kernel's.
bool by_library(std::uintptr_t address, std::size_t bytes, Action action, const Shadow* shadow,
                const void* return_address) {
  const bool managed = shadow == &shadows[static_cast<int>(Space::managed)] || is_managed(address);
  if (!in_library_call && (managed || !called_by_library(return_address))) return false;
  if (action == Action::load)
    observer->runtime_reads(reinterpret_cast<const void*>(address), bytes, {});
  else
    observer->runtime_writes(reinterpret_cast<void*>(address), bytes, {});
  return true;
}

bool races_with_stream(const Cell& cell, Action action, std::uintptr_t address, std::size_t bytes,
                       Code code) {
  if (unordered_access(cell.writer))
    explain_unordered(cell.writer.segment, cell.writer_code, Action::store, action, address, bytes, code);
  else if (action != Action::load && unordered_access(cell.reader))
    explain_unordered(cell.reader.segment, cell.reader_code, Action::load, action, address, bytes, code);
  else
    return false;
  return true;
}

}  // namespace

void host_accesses(std::uintptr_t address, std::size_t bytes, Action action, const Shadow* shadow,
                   const void* return_address) {
  if (!shadow) {
    if (any_in_flight && !in_library_call && !unseen)
      check_host_access(address, bytes, action != Action::load, to_code(return_address));
    return;
  }
  const bool variable = shadow == &shadows[static_cast<int>(Space::variables)];
  if (variable && !shadow->at(address).accessible) return;  // of the host's own, nothing is known
  if (by_library(address, bytes, action, shadow, return_address)) return;
  if (shadow == &shadows[static_cast<int>(Space::managed)] || (variable && is_managed(address)))
    for_cells(*shadow, address, bytes, [&](Cell& cell, unsigned) {
      check_managed(cell, action, address, static_cast<unsigned>(bytes), to_code(return_address));
    });
  else
    explain_host_access(action, address, bytes, return_address);
}

void runtime_accesses(std::uintptr_t address, std::size_t bytes, Action action, Site site, bool in_launch) {
  const Shadow* shadow = shadow_of(address);
  if (!shadow || bytes == 0) return;
  if (shadow == &shadows[static_cast<int>(Space::variables)] && !variable_around(address)) return;
  bool reported = false;
  const Access by{.segment = in_launch ? 0 : operation_segment(), .bytes = 15};
  const Code code = site.line ? to_code(site) : operation_code();
  for_cells(*shadow, address, bytes, [&](Cell& cell, unsigned mask) {
    if ((cell.accessible & mask) != mask && !reported) {
      explain_out_of_bounds(cell, action, address, bytes, code);
      reported = true;
    }
    if (in_launch)
      cell.touched = 1;
    else if (!reported)
      reported = races_with_stream(cell, action, address, bytes, code);
    if (action == Action::load) {
      if (in_launch || unordered_access(cell.reader)) return;
      record(cell.reader, by);
      cell.reader_code = code;
      return;
    }
    Access writer = by;
    writer.flags = cell.writer.flags | mask;
    record(cell.writer, writer);
    cell.writer_code = code;
    record(cell.reader, {});
  });
  if (in_launch) shadow->mark_touched(address, bytes);
}

void freed_in_stream(std::uintptr_t address, std::size_t bytes) {
  const Shadow* shadow = shadow_of(address);
  bool reported = false;
  if (shadow)
    for_cells(*shadow, address, bytes, [&](Cell& cell, unsigned) {
      reported = reported || races_with_stream(cell, Action::free, address, bytes, operation_code());
    });
}

}  // namespace simt::checking
