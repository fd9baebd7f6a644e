// Every seeded bug is found and called by its name, in every schedule; no right twin draws a word.
#include <algorithm>
#include <string>

#include "bugs/bug.hpp"
#include "simt/check.hpp"
#include "simt/control.hpp"
#include "tests/catch.hpp"

namespace {

std::string listed(const std::vector<simt::Finding>& findings) {
  std::string out;
  for (const auto& f : findings)
    out += f.place.file + ":" + std::to_string(f.place.line) + ": " + f.kind + ": " + f.message + "\n";
  return out;
}

std::vector<simt::Finding> findings_of(const Bug& bug, bool right) {
  simt::take_findings();
  bug_line = 0;
  bug.run(right);
  cudaDeviceSynchronize();
  std::vector<simt::Finding> findings = simt::take_findings();
  cudaDeviceReset();  // a bug may end its kernel with an error that sticks
  return findings;
}

}  // namespace

TEST_CASE("seeded bugs are found, their right twins are not") {
  REQUIRE(simt::checked());
  REQUIRE(bugs().size() >= 50);
  for (const std::string schedule : {"forward", "reverse", "random:1", "random:2", "random:3"}) {
    simt::set_schedule(schedule);
    for (const Bug& bug : bugs()) {
      CAPTURE(schedule, bug.name);
      const auto none = findings_of(bug, true);
      CHECK(listed(none) == "");
      const auto findings = findings_of(bug, false);
      bool named = false;
      for (const auto& f : findings) named = named || f.kind == bug.kind;
      for (const auto& f : findings) {  // nobody races with himself
        const std::string own = "(" + std::to_string(f.thread[0]) + "," + std::to_string(f.thread[1]) + "," +
                                std::to_string(f.thread[2]) + ")";
        CHECK(f.message.find("thread " + own + " of the same block") == std::string::npos);
      }
      CAPTURE(listed(findings));
      CHECK(named);
      if (bug.findings) CHECK(findings.size() == bug.findings);
      if (bug_line && !findings.empty()) CHECK(findings[0].place.line == bug_line);
    }
  }
  simt::set_schedule("forward");
}

TEST_CASE("a kernel that is launched by its address is called by its name") {
  const auto bug = std::find_if(bugs().begin(), bugs().end(), [](const Bug& b) {
    return b.name == std::string("counts_without_atomics_in_two_instances");
  });
  REQUIRE(bug != bugs().end());
  const auto findings = findings_of(*bug, false);
  REQUIRE(!findings.empty());
  CHECK(findings[0].kernel == "counts_plainly<32>");
  CHECK(findings[0].cause.find("atomicAdd") != std::string::npos);
}

TEST_CASE("a store that another block's flag tells of lacks a fence") {
  const auto bug = std::find_if(bugs().begin(), bugs().end(),
                                [](const Bug& b) { return b.name == std::string("flag_without_release"); });
  REQUIRE(bug != bugs().end());
  const auto findings = findings_of(*bug, false);
  REQUIRE(!findings.empty());
  CHECK(findings[0].cause.find("__threadfence() in front") != std::string::npos);
}

TEST_CASE("stores of one value by many threads are races where they are asked for") {
  const auto flags = std::find_if(bugs().begin(), bugs().end(), [](const Bug& bug) {
    return bug.name == std::string("one_flag_of_many_values");
  });
  REQUIRE(flags != bugs().end());
  simt::report_equal_stores(true);
  const auto findings = findings_of(*flags, true);
  simt::report_equal_stores(false);
  REQUIRE(!findings.empty());
  CHECK(findings[0].kind == "race");
}
