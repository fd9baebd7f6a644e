#include "tests/bench/cheats.hpp"

#include "bench/device.hpp"
#include "bench/session.hpp"
#include "chapters/03-gemm/problem.hpp"
#include "tests/bench/fake.hpp"
#include "tests/catch.hpp"

using namespace bench;
using Json = nlohmann::ordered_json;

namespace {

bool has_device() {
  try {
    require_device();
    return true;
  } catch (const BadInput&) {
    return false;
  }
}

// One entry through a whole session. On simt this is about what the checks see, and no time is looked at.
Json timed(void (*run)(const Transpose::Args&, const Context&)) {
  forget();
  use_schedule(device_schedules().back());  // simt runs a stream late only in a random schedule
  Entry entry = fake_entry<Transpose>(run, Where::gpu);
  entry.deterministic = false;
  const Stream stream;
  // Few calls: simt keeps every one that no stream waits for, and takes the longer to order them.
  BenchOptions options{.sampler = {.budget_s = 1e-3, .min_samples = 9, .max_samples = 18}, .stream = &stream};
  Stage stage(entry, {{"m", 96}, {"n", 64}}, options);
  Session session(stage, {&entry}, true);
  for (int r = 0; r < options.sampler.repetitions; ++r) session.repetition(0, r);
  return session.rows()[0];
}

}  // namespace

TEST_CASE("an honest rung has a time, and was right when timed") {
  if (!has_device()) SKIP_TEST("no GPU");
  const Json row = timed(honest);
  CHECK(row["message"] == "");
  CHECK(row["status"] == "ok");
  CHECK(row["verify"]["after"]["status"] == "pass");
  CHECK(row["verify"]["after"]["compared"] == 96 * 64);
  CHECK(row["time"]["repetition_medians_s"].size() == 9);
  CHECK(row["vs"].is_null());
}

TEST_CASE("a cheat passes verification, and then has no time") {
  if (!has_device()) SKIP_TEST("no GPU");
  for (auto* cheat : {on_a_side_stream, on_the_default_stream, kept_result, lazy_when_timed}) {
    const Json row = timed(cheat);
    INFO(row["message"]);
    CHECK(row["verify"]["before"]["status"] == "pass");
    CHECK(row["status"] == "failed");
    CHECK(row["message"] != "");
    CHECK_FALSE(row.contains("time"));
  }
}

TEST_CASE("a cheat that goes by its pointers fails verification's second run") {
  if (!has_device()) SKIP_TEST("no GPU");
  const Json row = timed(same_pointers_same_result);
  CHECK(row["verify"]["before"]["status"] == "fail");
  CHECK(row["status"] == "failed");
  CHECK_FALSE(row.contains("time"));
}

// After a rung that failed: what comes next must be judged by what it does itself.
TEST_CASE("an allocation that fails is not held against the next rung") {
  if (!has_device()) SKIP_TEST("no GPU");
  Entry greedy = fake_entry<Transpose>(honest, Where::gpu);
  greedy.workspace = [](const Problem&) { return std::size_t(1) << 60; };
  const Reference reference(greedy, {{"m", 5}, {"n", 7}}, {});
  CHECK(verify(greedy, reference).message.find("cudaMalloc: ") == 0);
  CHECK(verify(fake_entry<Transpose>(honest, Where::gpu), reference).status == Status::pass);
}

TEST_CASE("a rung that breaks the device ends the run, and no other is blamed") {
  if (!has_device()) SKIP_TEST("no GPU");
  const Entry broken = fake_entry<Transpose>(breaks_the_device, Where::gpu, "broken"),
              next = fake_entry<Transpose>(honest, Where::gpu, "next");
  {
    const Stream stream;
    BenchOptions options{.stream = &stream};
    Stage stage(broken, {{"m", 5}, {"n", 7}}, options);
    Session session(stage, {&broken, &next}, true);
    CHECK_THROWS_AS(session.repetition(0, 0), DeviceError);
    CHECK(session.finished());
    for (const Json& row : session.rows()) CHECK(row["status"] == "failed");
    CHECK(session.rows()[1]["message"].get<std::string>().find("00-test/broken: ") == 0);
  }
  take_findings();
  cudaDeviceReset();
}

TEST_CASE(
    "an algorithm with fewer multiplications than the definition has a lower floor, but moves its bytes") {
  const BenchOptions options{.datasheet = Peaks{.rates = {{"bandwidth", 1e12}, {"fp32", 1e12}}}};
  Entry entry = fake_entry<Sgemm>([](const Sgemm::Args&, const Context&) {});
  const auto problem = entry.make({{"m", 300}, {"n", 300}, {"k", 300}});  // 54 MFLOP, 1.08 MB
  CHECK(least_time(entry, *problem, true, options).value().seconds == Approx(54e-6));
  entry.reduction = 2.25;
  CHECK(least_time(entry, *problem, true, options).value().seconds == Approx(24e-6));
  entry.reduction = 1000;
  CHECK(least_time(entry, *problem, true, options).value().seconds == Approx(1.08e-6));
  CHECK(least_time(entry, *problem, false, options).value().seconds == Approx(0.054e-6));
  CHECK_FALSE(least_time(entry, *problem, true, {}));
}

TEST_CASE("a time that cannot be true is not believed") {
  const Limit floor{10e-6, "bandwidth"};
  const std::vector<double> idle = {8e-6, 300e-6, 9e-6}, busy = {500e-6, 480e-6, 510e-6};
  CHECK(disbelief(11e-6, floor, idle) == "");
  CHECK(disbelief(11e-6, std::nullopt, {}) == "");
  CHECK(disbelief(9e-6, floor, idle).find("less than the 10 us that bandwidth allows") != std::string::npos);
  CHECK(disbelief(11e-6, floor, busy).find("outside the stream") != std::string::npos);
  CHECK(disbelief(0, std::nullopt, {}) != "");
  CHECK(disbelief(std::nan(""), floor, idle) != "");
}

TEST_CASE("rivals are held against the fastest of them, and a rung against its opponent") {
  const auto slow = [](int times) {
    return [times](const Transpose::Args& p, const Context&) {
      for (int t = 0; t < times; ++t)
        for (int i = 0; i < p.m; ++i)
          for (int j = 0; j < p.n; ++j) const_cast<volatile float*>(p.b)[j * p.ldb + i] = p.a[i * p.lda + j];
    };
  };
  const Entry twice = fake_entry<Transpose>(slow(2), Where::cpu, "twice"),
              once = fake_entry<Transpose>(slow(1), Where::cpu, "once"),
              ten = fake_entry<Transpose>(slow(10), Where::cpu, "ten"),
              wrong = fake_entry<Transpose>(slow(0), Where::cpu, "wrong");
  BenchOptions options{.sampler = {.budget_s = 0.2}};
  Stage stage(once, {{"m", 128}, {"n", 128}}, options);
  Session rivals(stage, {&twice, &once, &wrong}, true);
  for (int r = 0; r < 9; ++r) {
    CHECK(rivals.repetition(0, r));
    CHECK_FALSE(rivals.repetition(2, r));
  }
  CHECK(rivals.finished());
  const auto& rows = rivals.rows();
  CHECK(rows[0]["vs"]["id"] == "00-test/once");
  CHECK(rows[0]["vs"]["ratio"] < 0.8);  // slower: about 1/2
  CHECK(rows[1]["vs"].is_null());
  CHECK(rows[2]["status"] == "failed");
  CHECK_FALSE(rows[2].contains("time"));
  Session rung(stage, {&ten}, false);
  for (int r = 0; r < 9; ++r) rung.repetition(0, r);
  CHECK(rung.rows().size() == 1);
  CHECK(rung.rows()[0]["vs"]["id"] == "00-test/once");
  CHECK(rung.rows()[0]["vs"]["ratio"] < 0.3);
  CHECK(rung.rows()[0]["vs"]["ratio_ci95"][0] <= rung.rows()[0]["vs"]["ratio"]);
  // What is known of a speed foretells the next shape.
  options.speed["00-test/ten"] = 1;
  Stage large(once, {{"m", 128}, {"n", 128}}, options);
  Session skipped(large, {&ten}, false);
  CHECK_FALSE(skipped.repetition(0, 0));
  for (int r = 1; r < 9; ++r) skipped.repetition(0, r);
  CHECK(skipped.rows()[0]["status"] == "skipped");
}

TEST_CASE("a ring's copies hold the inputs, and are poisoned where written") {
  const Entry e = fake_entry<Transpose>(honest, Where::cpu);
  const Reference reference(e, {{"m", 5}, {"n", 7}}, {});
  Ring ring(reference.problem(), Where::cpu, 10000, 3);
  CHECK(ring.copies() % 2 == 1);
  CHECK(ring.bytes() >= 10000);
  ring.fill(reference.inputs());
  for (std::size_t c = 0; c < ring.copies(); ++c) {
    CHECK(reinterpret_cast<std::uintptr_t>(ring.pointers(c)[1]) % 256 == 0);
    CHECK(ring.read(c, nullptr) == reference.inputs());
  }
  static_cast<float*>(ring.pointers(1)[1])[0] = 5;
  CHECK(ring.read(1, nullptr) != reference.inputs());
  CHECK(ring.read(2, nullptr) == reference.inputs());
}
