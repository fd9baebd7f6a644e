// test_mutant [NUMBER SECONDS]: the rung this program was built with, with that mutant alive, against the
// oracle at every edge shape. Exit status 0: right everywhere, so the mutant survived (and a line says
// whether its place was ever executed); 1: verification or the checker found it, and the line says how.
// Without a number nothing is changed, and the rung must be right. With it, so many seconds of processor time
// are allowed.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/device.hpp"
#include "bench/verbs.hpp"
#include "tests/mutants/alive.hpp"

namespace {

struct Case {
  const bench::Entry* entry;
  std::string shape;
  bench::Reference reference;
};

std::vector<Case> cases_of(bench::Fill fill) {
  std::vector<Case> cases;
  for (const bench::Entry& entry : bench::Registry::instance().entries())
    for (const bench::Shape& shape : entry.shapes(bench::ShapeSet::edge))
      cases.push_back({&entry, bench::to_json(shape).dump(), bench::Reference(entry, shape, {.fill = fill})});
  // What is quick comes first: most mutants are found at any shape.
  const auto cost = [](const Case& c) {
    const bench::Work work = c.reference.problem().work();
    return work.flops + work.bytes;
  };
  std::ranges::stable_sort(cases, {}, cost);
  return cases;
}

// Whether every case is right in these orders of threads, with the same bits.
bool right(const std::vector<Case>& cases, const std::vector<std::string>& schedules, std::uint64_t number) {
  for (const Case& c : cases) {
    // The oracle may share text with the rung, so its answers are all found before the mutant lives.
    const std::vector<bench::Operand> operands = c.reference.problem().operands();
    for (std::size_t i = 0; i < operands.size(); ++i)
      if (operands[i].access != bench::Access::in) c.reference.keep(i);
    mutant::alive = number;
    const bool device = c.entry->where == bench::Where::gpu;
    const bench::Verdict verdict =
        bench::verify(*c.entry, c.reference, device ? schedules : std::vector<std::string>{});
    mutant::alive = 0;
    if (verdict.status == bench::Status::fail) {
      std::cout << verdict.message << " (" << c.shape << ")\n";
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t number = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (argc > 2) mutant::allow(std::atoi(argv[2]));
  std::vector<Case> cases = cases_of(bench::Fill::uniform);
  if (!right(cases, {"forward", "reverse"}, number)) return 1;
  if (number && !mutant::reached) {
    std::cout << "never executed\n";
    return 0;
  }
  // Once more where it is cheap: integers, which must match exactly, in a random order.
  cases = cases_of(bench::Fill::integers);
  std::erase_if(cases, [](const Case& c) { return c.reference.problem().work().flops > 2e6; });
  if (!right(cases, {"forward", "random:1"}, number)) return 1;
  std::cout << "survived\n";
  return 0;
}
