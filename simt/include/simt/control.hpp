#pragma once
#include <cstdint>
#include <string>

namespace simt {

/// In which order runnable threads and blocks are taken. Every order is legal CUDA; a program whose
/// output depends on it has a race.
enum class Order { forward, reverse, random };

struct Schedule {
  Order order = Order::forward;
  std::uint64_t seed = 0;  // of Order::random
};

/// For launches from now on. The start value comes from the environment variable SIMT_SCHEDULE, as text.
void set_schedule(Schedule schedule);
/// As text: forward, reverse or random:SEED; throws std::invalid_argument for anything else.
void set_schedule(const std::string& text);
Schedule schedule();

/// OS threads that run blocks, the caller included; 0 means one per core. Results do not depend on it.
/// The start value comes from SIMT_WORKERS.
void set_workers(int count);
int workers();

}  // namespace simt
