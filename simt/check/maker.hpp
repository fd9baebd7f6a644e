// The calls by which the program makes what it is to give back: memory, streams, events, graphs.
#pragma once

#include <cstddef>
#include <string>

#include "places.hpp"

namespace simt::checking {

class Maker {
 public:
  static Maker running();  // the call that runs now

  Place place() const;
  bool pool() const;  // CUB's caching allocator, which may keep memory for the process to end with
  // The variable in cudaMalloc(&x, …), read from the source; empty where it cannot be.
  std::string variable() const;

 private:
  explicit Maker(std::size_t number) : number_(number) {}
  std::size_t number_;  // of its stack, in the order in which they were first seen
};

}  // namespace simt::checking
