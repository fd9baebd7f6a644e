#include "train/device/rungs.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "bench/device.hpp"
#include "bench/registry.hpp"

namespace train {

static bool trains(const bench::Entry& e) {
  return !e.baseline() &&
         (e.problem == "sgd" || e.problem == "local_sgd" || e.problem == "hogwild" || e.problem == "mlp_sgd");
}

Json list_rungs() {
  Json rungs = Json::array();
  for (const bench::Entry& e : bench::Registry::instance().entries())
    if (trains(e))
      rungs.push_back({{"id", e.id()},
                       {"problem", e.problem},
                       {"title", e.title},
                       {"where", e.where == bench::Where::gpu ? "gpu" : "cpu"}});
  return rungs;
}

template <class T>
static std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

Message run_rung(const Message& request, const Set& set) {
  const auto id = request.json.at("rung").get<std::string>();
  const bench::Entry* rung = nullptr;
  for (const bench::Entry& e : bench::Registry::instance().entries())
    if (e.id() == id && trains(e)) rung = &e;
  if (!rung) throw BadInput("no rung that trains a model is called '" + id + "'");

  std::string text = "n=" + std::to_string(set.filled) + ",d=" + std::to_string(set.d);
  for (const auto& [name, value] : request.json.at("shape").items()) text += "," + name + "=" + value.dump();
  std::unique_ptr<bench::Problem> problem;
  std::string needs;
  try {
    problem = rung->make(bench::Shape::parse(text, rung->dims()));
    needs = rung->needs(*problem);
  } catch (const BadInput& e) {  // a shape that its problem does not have
    needs = e.what();
  }
  if (!needs.empty()) return {.json = {{"refused", needs}}, .floats = {}};

  // In the order of the problem's operands: samples, targets, weights, losses.
  const std::vector<bench::Operand> operands = problem->operands();
  if (operands[2].count != static_cast<std::int64_t>(request.floats.size()))
    throw BadInput("this model has " + std::to_string(operands[2].count) + " weights");
  std::vector<bench::GuardedBuffer> buffers;
  std::vector<void*> pointers;
  for (const bench::Operand& o : operands)
    pointers.push_back(buffers.emplace_back(rung->where, o.bytes()).data());
  buffers[0].write(bytes_of(set.x.read()));
  buffers[1].write(bytes_of(set.y.read()));
  bench::GuardedBuffer workspace(rung->where, rung->workspace(*problem));
  const bench::Context context{.stream = nullptr, .workspace = workspace.data()};
  rung->prepare(*problem, pointers, context);
  const auto train = [&] {
    buffers[2].write(bytes_of(request.floats));
    const auto began = std::chrono::steady_clock::now();
    rung->run(*problem, pointers, context);
    check(cudaDeviceSynchronize(), id.c_str());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  Message answer{.json = {{"steps", operands[3].count}, {"seconds", nullptr}}, .floats = {}};
  train();
  // simt's time says nothing about a GPU. On one, the first run also loads the kernels: the next are timed.
  if (bench::device_kind() == "gpu" || rung->where == bench::Where::cpu) {
    std::array<double, 3> seconds{train(), train(), train()};
    std::sort(seconds.begin(), seconds.end());
    answer.json["seconds"] = seconds[1];
  }
  for (const int o : {2, 3}) {
    const std::vector<std::byte> bytes = buffers[static_cast<std::size_t>(o)].read();
    const auto* values = reinterpret_cast<const float*>(bytes.data());
    answer.floats.insert(answer.floats.end(), values, values + operands[static_cast<std::size_t>(o)].count);
  }
  return answer;
}

}  // namespace train
