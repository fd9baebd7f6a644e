#include "bench/count.hpp"

#include <ostream>

#include "bench/device.hpp"
#include "bench/environment.hpp"
#include "bench/results.hpp"
#include "bench/session.hpp"

#ifdef WARPLADDER_SIMT
#include "simt/check.hpp"
#endif

namespace bench {

#ifdef WARPLADDER_SIMT
namespace {

Json ratio(std::uint64_t many, std::uint64_t requests) {
  return requests == 0 ? Json() : Json(static_cast<double>(many) / static_cast<double>(requests));
}

// The totals that are recorded as they are.
using Field = std::uint64_t simt::Counts::*;
constexpr std::pair<const char*, Field> kTotals[] = {
    {"shared_bytes", &simt::Counts::shared_bytes},
    {"barriers", &simt::Counts::barriers},
    {"matrix_instructions", &simt::Counts::matrix_instructions},
    {"global_load_requests", &simt::Counts::global_load_requests},
    {"global_load_sectors", &simt::Counts::global_load_sectors},
    {"global_load_ideal_sectors", &simt::Counts::global_load_ideal_sectors},
    {"global_load_bytes", &simt::Counts::global_load_bytes},
    {"global_store_requests", &simt::Counts::global_store_requests},
    {"global_store_sectors", &simt::Counts::global_store_sectors},
    {"global_store_ideal_sectors", &simt::Counts::global_store_ideal_sectors},
    {"global_store_bytes", &simt::Counts::global_store_bytes},
    {"shared_load_requests", &simt::Counts::shared_load_requests},
    {"shared_load_wavefronts", &simt::Counts::shared_load_wavefronts},
    {"shared_load_ideal_wavefronts", &simt::Counts::shared_load_ideal_wavefronts},
    {"shared_store_requests", &simt::Counts::shared_store_requests},
    {"shared_store_wavefronts", &simt::Counts::shared_store_wavefronts},
    {"shared_store_ideal_wavefronts", &simt::Counts::shared_store_ideal_wavefronts},
    {"atomics", &simt::Counts::atomics},
    {"shuffles", &simt::Counts::shuffles},
    {"divergent_requests", &simt::Counts::divergent_requests},
    {"async_bytes", &simt::Counts::async_bytes},
    {"bulk_bytes", &simt::Counts::bulk_bytes},
    {"distinct_bytes", &simt::Counts::distinct_bytes}};

// The ratios that a reader looks at, then the totals they come from.
Json to_json(const simt::Counts& c) {
  Json json = {
      {"global_load_sectors_per_request", ratio(c.global_load_sectors, c.global_load_requests)},
      {"global_store_sectors_per_request", ratio(c.global_store_sectors, c.global_store_requests)},
      {"shared_load_wavefronts_per_request", ratio(c.shared_load_wavefronts, c.shared_load_requests)},
      {"shared_store_wavefronts_per_request", ratio(c.shared_store_wavefronts, c.shared_store_requests)},
      {"global_bytes", c.global_load_bytes + c.global_store_bytes + c.bulk_bytes},
      {"global_traffic_bytes", 32 * (c.global_load_sectors + c.global_store_sectors) + c.bulk_bytes}};
  for (const auto& [name, field] : kTotals) json[name] = c.*field;
  return json;
}

// The launches of one call on prepared operands, and nothing of the preparation.
std::vector<simt::LaunchCounts> launches_of(const Entry& entry, const Reference& reference) {
  const Problem& problem = reference.problem();
  Operands operands(problem, entry.where, reference.inputs());
  GuardedBuffer workspace(entry.where, entry.workspace(problem));
  const Context context{nullptr, workspace.data()};
  entry.prepare(problem, operands.pointers(), context);
  operands.reset(reference.inputs());
  check(cudaDeviceSynchronize(), "prepare");
  simt::count_launches(true);
  entry.run(problem, operands.pointers(), context);
  check(cudaDeviceSynchronize(), "kernel");
  simt::count_launches(false);
  return simt::take_counts();
}

Json count(const Entry& entry, const Shape& shape, std::uint64_t seed) {
  const Reference reference(entry, shape, {.seed = seed});
  Json row = case_row(entry, reference.problem(), shape);
  const Verdict verdict = verify(entry, reference);
  if (verdict.status != Status::pass) {
    row["status"] = verdict.status == Status::refused ? "refused" : "failed";
    row["message"] = verdict.message;
    return row;
  }
  row["verify"] = {{"before", to_json(verdict)}};
  simt::Counts total;
  Json launches = Json::array();
  for (const simt::LaunchCounts& l : launches_of(entry, reference)) {
    for (const auto& [name, field] : kTotals) total.*field += l.total.*field;
    launches.push_back(
        {{"kernel", l.kernel}, {"grid", l.grid}, {"block", l.block}, {"counts", to_json(l.total)}});
  }
  row["counts"] = to_json(total);
  row["launches"] = launches;
  return row;
}

}  // namespace
#endif

int count_all(const Selection& selection, const std::string& out_path, const std::vector<std::string>& argv,
              std::ostream& out) {
  if (device_kind() != "simt" || !memory_is_checked())
    throw BadInput("only the simt-check build counts: use the program of that preset, or ./ladder count");
#ifdef WARPLADDER_SIMT
  use_schedule("forward");
  std::vector<std::pair<const Entry*, Shape>> cases;
  for (const Entry* entry : select(selection))
    if (entry->where == Where::gpu)
      for (const Shape& shape : shapes_for(*entry, selection)) cases.emplace_back(entry, shape);
  if (cases.empty())
    throw BadInput("nothing here runs on the GPU, and CPU code is not counted: ./ladder bench times it");
  const Json head = result_head("counts", "simt", device_name(), environment(argv, selection.seed, nullptr));
  ResultFile file(out_path, head);
  const auto emit = [&](const Json& line) { out << line.dump() << std::endl; };
  emit({{"event", "plan"}, {"cases", cases.size()}, {"device", "simt"}, {"name", device_name()}});
  int ok = 0, failed = 0, refused = 0;
  for (const auto& [entry, shape] : cases) {
    const Json row = count(*entry, shape, selection.seed);
    (row["status"] == "ok" ? ok : row["status"] == "refused" ? refused : failed) += 1;
    file.add(row);
    Json line = {{"event", "case"}};
    line.update(row);
    line.erase("launches");
    emit(line);
  }
  file.finish(head);
  emit({{"event", "end"}, {"ok", ok}, {"failed", failed}, {"refused", refused}, {"out", out_path}});
  return ok == 0 || failed > 0 ? 1 : 0;
#else
  (void)selection, (void)out_path, (void)argv, (void)out;
  return 2;
#endif
}

}  // namespace bench
