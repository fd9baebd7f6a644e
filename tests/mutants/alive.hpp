// What the programs share that a mutant is alive in.
#pragma once

#include <sys/time.h>
#include <unistd.h>

#include <cstdint>

namespace mutant {

inline std::uint64_t alive = 0;  // the mutated text (mutant.hpp) knows it as constant
inline bool reached = false;

// A loop without an end is a mutant found: the process is killed, by SIGPROF, after so much processor time;
// and one that waits for ever, by SIGALRM.
inline void allow(int seconds) {
  const itimerval limit = {.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
  alarm(static_cast<unsigned>(60 * seconds));  // however busy the machine is
}

}  // namespace mutant
