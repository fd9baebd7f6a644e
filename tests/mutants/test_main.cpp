// test_mutant [NUMBER SECONDS]: a test program of tests/, as main.cpp runs a rung.
#define CATCH_CONFIG_RUNNER
#include <cstdlib>

#include "tests/catch.hpp"
#include "tests/mutants/alive.hpp"

int main(int argc, char** argv) {
  if (argc > 2) mutant::allow(std::atoi(argv[2]));
  if (argc > 1) mutant::alive = std::strtoull(argv[1], nullptr, 10);
  if (Catch::Session().run(1, argv) != 0) return 1;
  std::cout << (mutant::alive && !mutant::reached ? "never executed\n" : "survived\n");
  return 0;
}
