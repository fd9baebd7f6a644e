// test_mutants RUNG-NAME: verification must find that mutant wrong, and the rung it was made from right.
#include <algorithm>
#include <iostream>
#include <sstream>

#include "bench/device.hpp"
#include "bench/verbs.hpp"

int main(int argc, char** argv) {
  const std::string name = argc == 2 ? argv[1] : "";
  // Mutants are compiled outside chapters/, so the registry takes them for baselines; this program has no
  // others.
  const bench::Entry *mutant = nullptr, *rung = nullptr;
  for (const bench::Entry& e : bench::Registry::instance().entries())
    if (e.baseline() && e.name == name)
      mutant = &e;
    else if (!e.baseline() && name.starts_with(e.name + "-"))
      rung = &e;
  if (!mutant || !rung) {
    std::cerr << "usage: test_mutants RUNG-NAME; there is no mutant '" << name << "' of a rung\n";
    return 2;
  }
  int count = 0;
  if (mutant->where == bench::Where::gpu && (cudaGetDeviceCount(&count) != cudaSuccess || count == 0)) {
    std::cout << "SKIPPED: this build needs an NVIDIA GPU\n";
    return 0;
  }
  std::ostringstream right, wrong;
  const int rung_status = bench::verify_all({.ids = {rung->id()}}, right);
  const int mutant_status = bench::verify_all({.ids = {mutant->id()}}, wrong);
  // What verification says of the mutant: its first failure.
  std::istringstream lines(wrong.str());
  for (std::string line; std::getline(lines, line);)
    if (line.find("\"fail\"") != std::string::npos) {
      std::cout << line << '\n';
      break;
    }
  if (rung_status != 0) std::cerr << rung->id() << " itself fails\n" << right.str();
  if (mutant_status != 1) std::cerr << name << " passes: verification does not see what is wrong with it\n";
  return rung_status == 0 && mutant_status == 1 ? 0 : 1;
}
