// The program behind ./ladder train, tune, predict and serve. It holds data sets and models on the device and
// does what it is asked on standard input, one request after another (protocol.hpp); Python asks, and people
// use ./ladder. train/README.md lists the requests.
#include <iostream>
#include <map>
#include <memory>

#include "bench/device.hpp"
#include "train/device/protocol.hpp"
#include "train/device/run.hpp"
#include "train/device/rungs.hpp"
#include "train/device/spec.hpp"

namespace train {
namespace {

class Server {
 public:
  Message answer(const Message& request) {
    const auto what = request.json.at("do").get<std::string>();
    const auto found = kRequests.find(what);
    if (found == kRequests.end()) throw BadInput("no request is called '" + what + "'");
    return (this->*found->second)(request);
  }

 private:
  Message device(const Message&) {
    return {.json = {{"kind", bench::device_kind()},
                     {"name", bench::device_name()},
                     {"cpu", bench::cpu_name()},
                     {"free_bytes", bench::available_memory(bench::Where::gpu)},
                     {"checked", bench::memory_is_checked()},
                     {"rungs", list_rungs()}},
            .floats = {}};
  }

  // An empty data set of `rows` samples, `features` and `targets` numbers each.
  Message make_set(const Message& r) {
    sets_[r.json.at("set")] =
        std::make_unique<Set>(r.json.at("rows"), r.json.at("features"), r.json.at("targets"));
    return {};
  }

  // The next `rows` samples: all their features, then all their targets.
  Message append(const Message& r) {
    Set& s = set(r);
    const int rows = r.json.at("rows");
    const auto features = static_cast<std::size_t>(rows) * static_cast<std::size_t>(s.d);
    if (rows < 0 || rows > s.n - s.filled ||
        r.floats.size() != features + static_cast<std::size_t>(rows) * static_cast<std::size_t>(s.k))
      throw BadInput("these rows do not fit the set");
    const std::span<const float> all(r.floats);
    s.x.write(all.first(features), std::int64_t(s.filled) * s.d);
    s.y.write(all.subspan(features), std::int64_t(s.filled) * s.k);
    s.filled += rows;
    return {};
  }

  // A model: the numbers of Run's `memory`; trained on `set`, where there is one.
  Message make_run(const Message& r) {
    const Set* data = r.json.contains("set") ? &set(r) : nullptr;
    runs_[r.json.at("run")] =
        std::make_unique<Run>(read_spec(r.json.at("spec")), data, r.floats, r.json.value("step", 0));
    return {};
  }

  // Trains several models at once, each on a stream of its own; answers how far each came, with the losses of
  // all their steps, one model after another.
  Message steps(const Message& r) {
    const Json& asked = r.json.at("runs");
    std::vector<int> before;
    for (const Json& each : asked) {
      Run& one = run(each);
      before.push_back(one.wait().step);
      one.queue(std::min(each.at("steps").get<int>(), kLosses));
    }
    Message answer{.json = {{"runs", Json::array()}}, .floats = {}};
    for (std::size_t i = 0; i < asked.size(); ++i) {
      Run& one = run(asked[i]);
      const Progress p = one.wait();
      const std::vector<float> losses = one.losses(before[i], p.step);
      answer.floats.insert(answer.floats.end(), losses.begin(), losses.end());
      answer.json["runs"].push_back({{"step", p.step},
                                     {"stopped", p.stopped != 0},
                                     {"rate", p.rate},
                                     {"loss", p.loss},
                                     {"norm", p.norm}});
    }
    return answer;
  }

  Message memory(const Message& r) { return {.json = Json::object(), .floats = run(r.json).memory()}; }

  // Of samples first … first + rows - 1 of a set, or of those that come with the request.
  Message predict(const Message& r) {
    Run& model = run(r.json);
    const int rows = r.json.at("rows"), d = model.spec().model.d;
    if (!r.json.contains("set")) {
      if (rows < 0 || r.floats.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(d))
        throw BadInput("the model takes " + std::to_string(d) + " numbers a sample");
      const Array<float> x{std::span<const float>(r.floats)};
      return {.json = Json::object(), .floats = model.predict(x.data(), rows)};
    }
    const Set& s = set(r);
    const int first = r.json.at("first");
    if (s.d != d || first < 0 || rows < 0 || rows > s.filled - first)
      throw BadInput("the set has no such samples");
    return {.json = Json::object(), .floats = model.predict(s.x.data() + std::int64_t(first) * d, rows)};
  }

  Message rung(const Message& r) { return run_rung(r, set(r)); }

  Message drop(const Message& r) {
    if (r.json.contains("run")) runs_.erase(r.json["run"].get<std::string>());
    if (r.json.contains("set")) sets_.erase(r.json["set"].get<std::string>());
    return {};
  }

  Set& set(const Message& r) {
    const auto found = sets_.find(r.json.at("set").get<std::string>());
    if (found == sets_.end()) throw BadInput("there is no such set");
    return *found->second;
  }
  Run& run(const Json& json) {
    const auto found = runs_.find(json.at("run").get<std::string>());
    if (found == runs_.end()) throw BadInput("there is no such model");
    return *found->second;
  }

  static const std::map<std::string, Message (Server::*)(const Message&)> kRequests;
  std::map<std::string, std::unique_ptr<Set>> sets_;
  std::map<std::string, std::unique_ptr<Run>> runs_;  // after the sets they train on: gone before them
};

const std::map<std::string, Message (Server::*)(const Message&)> Server::kRequests = {
    {"device", &Server::device},   {"set", &Server::make_set}, {"append", &Server::append},
    {"run", &Server::make_run},    {"steps", &Server::steps},  {"memory", &Server::memory},
    {"predict", &Server::predict}, {"rung", &Server::rung},    {"drop", &Server::drop},
};

}  // namespace
}  // namespace train

int main() {
  std::ios::sync_with_stdio(false);
  try {
    bench::require_device();
    train::Server server;
    while (const auto request = train::read_message(std::cin)) {
      try {
        const train::Message answer = server.answer(*request);
        train::write_message(std::cout, answer.json.is_null() ? train::Json::object() : answer.json,
                             answer.floats);
      } catch (const bench::BadInput& e) {
        train::write_message(std::cout, {{"error", e.what()}});
      } catch (const train::Json::exception& e) {
        train::write_message(std::cout,
                             {{"error", std::string("a request that makes no sense: ") + e.what()}});
      }
    }
  } catch (const bench::BadInput& e) {  // there is no device, or what comes is not a request
    std::cerr << "warpladder-train: " << e.what() << '\n';
    return 2;
  } catch (const std::exception& e) {  // a device that failed once cannot be trusted with the next request
    std::cerr << "warpladder-train: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
