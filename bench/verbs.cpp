#include "bench/verbs.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/device.hpp"

namespace bench {

using Json = nlohmann::ordered_json;

std::vector<const Entry*> select(const Selection& selection) {
  std::vector<const Entry*> chosen;
  std::vector<bool> used(selection.ids.size(), false);
  for (const Entry& entry : Registry::instance().entries()) {
    bool wanted = selection.ids.empty();
    for (std::size_t i = 0; i < selection.ids.size(); ++i)
      if ((entry.id() + "/").starts_with(selection.ids[i] + "/")) wanted = used[i] = true;
    if (wanted) chosen.push_back(&entry);
  }
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i])
      throw BadInput("nothing is called '" + selection.ids[i] + "': ./ladder list shows what there is");
  if (chosen.empty()) throw BadInput("this program was built without any rung");
  return chosen;
}

std::vector<Shape> shapes_for(const Entry& entry, const Selection& selection) {
  if (selection.shape) return {Shape::parse(*selection.shape, entry.dims())};
  std::vector<Shape> shapes = entry.shapes(selection.shapes == "count"   ? ShapeSet::count
                                           : selection.shapes == "bench" ? ShapeSet::bench
                                                                         : ShapeSet::edge);
  if (selection.at_most == 0 || shapes.size() <= selection.at_most) return shapes;
  std::vector<Shape> some;
  for (std::size_t i = 0; i < selection.at_most; ++i)
    some.push_back(shapes[(2 * i + 1) * shapes.size() / (2 * selection.at_most)]);
  return some;
}

Json to_json(const Shape& shape) {
  Json json = Json::object();
  for (const auto& [name, value] : shape.values())
    if (value == std::floor(value) && std::abs(value) < 0x1p53)
      json[name] = static_cast<std::int64_t>(value);
    else
      json[name] = value;
  return json;
}

Json to_json(const Verdict& v) {
  static constexpr const char* kStatus[] = {"pass", "fail", "refused"};
  // JSON has no infinity; a share that large only says that the element is wrong.
  return {{"status", kStatus[static_cast<int>(v.status)]},
          {"message", v.message},
          {"share_of_bound", std::min(v.share_of_bound, 1e300)},
          {"compared", v.compared},
          {"elements", v.elements}};
}

// What a rung's problem costs at the shapes it is timed at: enough to predict a time on any GPU.
Json describe_problem(const Entry& e) {
  Json json = {{"problem", e.problem}, {"chapter", e.chapter}, {"shapes", Json::array()}};
  for (const Shape& shape : e.shapes(ShapeSet::bench)) {
    const auto problem = e.make(shape);
    std::size_t memory = 0;
    for (const Operand& o : problem->operands()) memory += o.bytes();
    json["rate"] = problem->rate();
    json["shapes"].push_back({{"shape", to_json(shape)},
                              {"flops", problem->work().flops},
                              {"bytes", problem->work().bytes},
                              {"memory_bytes", memory}});
  }
  return json;
}

int list(std::ostream& out) {
  Json all = {{"device", device_kind()}, {"checked", memory_is_checked()}, {"entries", Json::array()}};
  for (const Entry& e : Registry::instance().entries()) {
    Json dims = Json::array();
    for (const Dim& d : e.dims()) dims.push_back({{"name", d.name}, {"default", d.fallback}});
    all["entries"].push_back({{"id", e.id()},
                              {"chapter", e.baseline() ? Json() : Json(e.chapter)},
                              {"name", e.name},
                              {"baseline", e.baseline()},
                              {"problem", e.problem},
                              {"title", e.title},
                              {"idea", e.idea},
                              {"where", e.where == Where::gpu ? "gpu" : "cpu"},
                              {"min_sm", e.min_sm},
                              {"deterministic", e.deterministic},
                              {"file", e.file},
                              {"dims", dims}});
  }
  all["problems"] = Json::array();
  for (const Entry& e : Registry::instance().entries()) {
    const bool known =
        std::ranges::any_of(all["problems"], [&](const Json& p) { return p["problem"] == e.problem; });
    if (!e.baseline() && !known) all["problems"].push_back(describe_problem(e));
  }
  out << all.dump(1) << '\n';
  return 0;
}

namespace {

struct Case {
  const Entry* entry;
  Shape shape;
  Fill fill;
};

Json verify_case(const Case& c, std::uint64_t seed) {
  // Every schedule must give the same bits; a real GPU has only its own.
  const auto schedules =
      c.entry->where == Where::gpu ? device_schedules() : std::vector<std::string>{"native"};
  const Reference reference(*c.entry, c.shape, {.fill = c.fill, .seed = seed});
  Json line = {{"event", "case"},
               {"id", c.entry->id()},
               {"shape", to_json(c.shape)},
               {"fill", c.fill == Fill::uniform ? "uniform" : "integers"},
               {"schedules", schedules}};
  const Verdict verdict = verify(*c.entry, reference, schedules);
  // Before another rung is blamed for it.
  if (verdict.status == Status::fail && c.entry->where == Where::gpu && device_kind() == "gpu" &&
      device_is_lost())
    throw DeviceError(c.entry->id() + " at " + c.shape.text() + " broke the device (" + verdict.message +
                      "): nothing after it can be verified in this run");
  line.update(to_json(verdict));
  return line;
}

// Every jobs-th case from `first` on. Lines are written whole, for other processes write to the same file.
int verify_some(const std::vector<Case>& cases, std::size_t first, std::size_t jobs, std::uint64_t seed,
                std::ostream& out) {
  bool failed = false;
  for (std::size_t i = first; i < cases.size(); i += jobs) {
    Json line = verify_case(cases[i], seed);
    failed |= line["status"] == "fail";
    line["case"] = i;
    out << line.dump() + '\n' << std::flush;
  }
  return failed ? 1 : 0;
}

// A process each, for the cases are many and small; the exit status of the one that fared worst.
int verify_in_processes(const std::vector<Case>& cases, std::size_t jobs, std::uint64_t seed,
                        std::ostream& out) {
  std::vector<pid_t> children;
  for (std::size_t job = 1; job < jobs; ++job) {
    const pid_t child = fork();
    if (child < 0) throw BadInput("no more processes can be started: try --jobs 1");
    if (child == 0) _exit(verify_some(cases, job, jobs, seed, out));
    children.push_back(child);
  }
  int worst = verify_some(cases, 0, jobs, seed, out);
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) raise(WTERMSIG(status));  // as if it had been this process
    worst = std::max(worst, WEXITSTATUS(status));
  }
  return worst;
}

}  // namespace

int verify_all(const Selection& selection, std::ostream& out, std::size_t jobs) {
  std::vector<Case> cases;
  for (const Entry* entry : select(selection))
    for (const Shape& shape : shapes_for(*entry, selection))
      for (Fill fill : {Fill::uniform, Fill::integers}) cases.push_back({entry, shape, fill});
  const bool device = std::ranges::any_of(cases, [](const Case& c) { return c.entry->where == Where::gpu; });
  if (device) require_device();
  for (const Case& c : cases)  // what is wrong with a shape is said once, and not by every process
    if (const auto problem = c.entry->make(c.shape); refusal(*c.entry, *problem).empty())
      require_memory(*problem, c.entry->where);
  const Json plan = {{"event", "plan"},
                     {"cases", cases.size()},
                     {"device", device_kind()},
                     {"name", device ? device_name() : cpu_name()}};
  out << plan.dump() << std::endl;
  if (std::string_view(device_kind()) == "gpu") jobs = 1;  // a GPU cannot be shared with a fork
  return verify_in_processes(cases, std::clamp<std::size_t>(jobs, 1, cases.size()), selection.seed, out);
}

}  // namespace bench
