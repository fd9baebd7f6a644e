#include "bench/results.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/environment.hpp"
#include "bench/shape.hpp"
#include "tests/catch.hpp"

using namespace bench;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = "results-under-test-" + std::to_string(getpid());  // cases run side by side
  Folder() { fs::remove_all(path), fs::create_directory(path); }
  ~Folder() { fs::remove_all(path); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
  }
};

Json load(const fs::path& path) {
  std::ifstream in(path);
  return Json::parse(in);
}

Json head() { return result_head("bench", "cpu", "A CPU", environment({"warpladder", "bench"}, 7, nullptr)); }

template <class F>
std::string refusal(F f) {
  try {
    f();
  } catch (const BadInput& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a result file is whole after every row") {
  Folder folder;
  const fs::path path = folder.path / "new" / "run.json";
  ResultFile file(path.string(), head());
  CHECK(load(path)["rows"].empty());
  file.add({{"id", "a"}});
  CHECK(load(path)["complete"] == false);
  file.add({{"id", "b"}});
  CHECK(load(path)["rows"].size() == 2);
  file.finish(head());
  const Json done = load(path);
  CHECK(done["complete"] == true);
  CHECK(done["schema"] == 1);
  CHECK(done["device"]["slug"] == "a-cpu");
  CHECK(done["rows"][1]["id"] == "b");
  CHECK(std::distance(fs::directory_iterator(path.parent_path()), {}) == 1);  // no temporary file is left
}

TEST_CASE("counts go to one folder, whatever the CPU") {
  CHECK(result_head("counts", "simt", "A CPU", Json::object())["device"]["slug"] == "simt");
}

TEST_CASE("what cannot be written is told in one line, and nothing is left behind") {
  Folder folder;
  std::ofstream(folder.path / "file") << "x";
  for (const fs::path& bad : {folder.path / "file" / "run.json", folder.path, fs::path("/proc/run.json")}) {
    const std::string said = refusal([&] { ResultFile(bad.string(), head()); });
    CHECK(said.find("cannot write") == 0);
    CHECK(said.find("--out") != std::string::npos);
    CHECK(said.find('\n') == std::string::npos);
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("a full disk keeps the old file") {
  if (!fs::exists("/dev/full")) SKIP_TEST("no /dev/full here");
  Folder folder;
  // The temporary file's name is known, so it can be led to a device that is always full.
  const fs::path path = folder.path / "run.json";
  write_atomically(path.string(), "old");
  fs::create_symlink("/dev/full", path.string() + "." + std::to_string(getpid()) + ".tmp");
  CHECK(refusal([&] { write_atomically(path.string(), "new"); }).find("free some space") !=
        std::string::npos);
  std::stringstream kept;
  kept << std::ifstream(path).rdbuf();
  CHECK(kept.str() == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("the environment names what numbers depend on") {
  const Json e = environment({"warpladder", "bench", "x"}, 7, nullptr);
  CHECK(e["argv"].size() == 3);
  CHECK(e["seed"] == 7);
  CHECK(e["gpu"].is_null());
  CHECK(e["host"]["cores"] >= 1);
  CHECK(e["host"]["cpu"].get<std::string>().size() > 1);
  CHECK(e["build"]["compiler"].get<std::string>().size() > 3);
  CHECK(e["time_utc"].get<std::string>().size() == 20);
}

TEST_CASE("a missing driver library answers: not known") {
  const Nvml nvml("no such bus id");
  CHECK_FALSE(nvml.sm_clock_mhz());
  CHECK_FALSE(nvml.throttle_reasons());
  CHECK(gpu_state(nvml)["power_w"].is_null());
}
