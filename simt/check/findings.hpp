// The list of defects: each mistake once, printed when the launch that it showed in has ended.
#pragma once

#include <functional>
#include <string>

#include "places.hpp"
#include "simt/thread.hpp"

namespace simt::checking {

// Something went wrong at `code` with the memory at `address` (0: with none); `other` is a race's other
// access. The same kind at the same places only counts up. Otherwise `describe` fills in the rest; kernel,
// block and thread are those of the running thread. It runs on a stack of its own, for a fiber's is too small
// to read debug information on. Nothing is wrong where the read at `guess` has proved to be a guess
// (guesses.hpp) by the end of the launch.
void found(const char* kind, Code code, Code other, std::uintptr_t address,
           const std::function<void(Finding&)>& describe, Code guess = 0);
void found(Finding finding);  // from the host, or with its place known

// A launch begins, or has ended. What is found meanwhile is kept until then: which of it follows from what,
// and which block was the first, is known only then.
void hold_findings();
void note_barrier(const Place& place);  // where its blocks met
void settle_findings();

// The program is about to be ended by a signal: what was found and counted goes where it would at its exit.
void conclude();

std::string text_of(uint3 index);         // "(1,2,3)"
std::string text_of(const Place& place);  // "x.cu:12", or "an unknown place"

}  // namespace simt::checking
