#include "reports.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace simt::checking {
namespace {

using nlohmann::json;

json to_json(const Counts& c) {
  return {{"global_load_requests", c.global_load_requests},
          {"global_load_sectors", c.global_load_sectors},
          {"global_load_ideal_sectors", c.global_load_ideal_sectors},
          {"global_load_bytes", c.global_load_bytes},
          {"global_store_requests", c.global_store_requests},
          {"global_store_sectors", c.global_store_sectors},
          {"global_store_ideal_sectors", c.global_store_ideal_sectors},
          {"global_store_bytes", c.global_store_bytes},
          {"shared_load_requests", c.shared_load_requests},
          {"shared_load_wavefronts", c.shared_load_wavefronts},
          {"shared_load_ideal_wavefronts", c.shared_load_ideal_wavefronts},
          {"shared_store_requests", c.shared_store_requests},
          {"shared_store_wavefronts", c.shared_store_wavefronts},
          {"shared_store_ideal_wavefronts", c.shared_store_ideal_wavefronts},
          {"shared_bytes", c.shared_bytes},
          {"atomics", c.atomics},
          {"atomic_requests", c.atomic_requests},
          {"atomic_turns", c.atomic_turns},
          {"atomics_at_one_address", c.atomics_at_one_address},
          {"barriers", c.barriers},
          {"shuffles", c.shuffles},
          {"matrix_instructions", c.matrix_instructions},
          {"divergent_requests", c.divergent_requests},
          {"async_bytes", c.async_bytes},
          {"bulk_bytes", c.bulk_bytes},
          {"bytes_in_flight", c.bytes_in_flight},
          {"distinct_bytes", c.distinct_bytes}};
}

json to_json(const Place& p) { return {{"file", p.file}, {"line", p.line}}; }

json to_json(const LaunchCounts& l) {
  json lines = json::array();
  for (const LineCounts& line : l.lines)
    lines.push_back({{"place", to_json(line.place)}, {"counts", to_json(line.counts)}});
  return {{"kernel", l.kernel}, {"launched", to_json(l.launched)}, {"grid", l.grid},
          {"block", l.block},   {"total", to_json(l.total)},       {"lines", lines}};
}

json to_json(const Finding& f) {
  return {{"kind", f.kind},           {"message", f.message}, {"owner", f.owner},
          {"cause", f.cause},         {"kernel", f.kernel},   {"block", f.block},
          {"thread", f.thread},       {"times", f.times},     {"place", to_json(f.place)},
          {"other", to_json(f.other)}};
}

// Where the environment variable asks for it; whole or not at all.
template <class T>
void write(const char* variable, const char* name, const std::vector<T>& list) {
  const char* path = std::getenv(variable);
  if (!path) return;
  json entries = json::array();
  for (const T& entry : list) entries.push_back(to_json(entry));
  const std::string temporary = std::string(path) + ".part";
  std::ofstream out(temporary);
  out << json{{"schema", 1}, {name, entries}}.dump(1) << '\n';
  out.close();
  if (!out || std::rename(temporary.c_str(), path) != 0)
    std::fprintf(stderr, "simt: cannot write %s=%s\n", variable, path);
}

}  // namespace

void write_findings(const std::vector<Finding>& findings) { write("SIMT_REPORT", "findings", findings); }
void write_counts(const std::vector<LaunchCounts>& launches) { write("SIMT_COUNTS", "launches", launches); }

}  // namespace simt::checking
