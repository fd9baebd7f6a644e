#include "bench/tuning.hpp"

#include "bench/device.hpp"

namespace bench {
namespace {

// Seconds. The first sample may load the way's kernel; where even so it has lost against `best`, it is all
// there is: a product of seconds has a hundred ways.
double time_of(Timer& timer, double best) {
  constexpr double kLoading = 0.05;
  const double first = timer.sample(1)[0][0];
  if (first > 2 * best + kLoading) return first;
  return median(timer.sample(first > 2 * kLoading ? 1 : 5)[0]);
}

}  // namespace

void choose_fastest(const Entry& entry, const Problem& problem, Timer& timer) {
  double best = std::numeric_limits<double>::infinity();
  int fastest = -1;
  std::string why;
  for (int way = 0, ways = entry.ways(problem); way < ways; ++way) {
    entry.choose(problem, way);
    try {
      if (const double seconds = time_of(timer, best); seconds < best) best = seconds, fastest = way;
    } catch (const DeviceError& e) {
      if (entry.where == Where::gpu && device_is_lost()) throw;
      why = e.what();
      cudaGetLastError();  // or it would be the next way's
    }
  }
  if (fastest < 0) throw Untunable("none of its algorithms ran: " + why);
  entry.choose(problem, fastest);
}

}  // namespace bench
