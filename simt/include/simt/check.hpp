// What simt found and counted: the interface between a program (or the bench harness) and simt's checker.
// In a build without the checker everything here exists and answers "nothing": checked() is false.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace simt {

struct Place {
  std::string file;  // empty where unknown
  int line = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// One defect, reported once however often it happened.
struct Finding {
  std::string kind;     // "race", "out-of-bounds", "uninitialised", "misaligned", "barrier", "leak", …
  std::string message;  // one sentence: what happened
  std::string owner;    // whose memory: "4 bytes past the end of C, cudaMalloc'd at x.cu:41, 4096 bytes"
  std::string cause;    // one sentence: the usual reason
  std::string kernel;   // empty for host code
  Place place;          // the access
  Place other;          // a race's other access; empty otherwise
  std::array<unsigned, 3> block{}, thread{};
  std::uint64_t times = 1;  // how often it was seen
};

// Totals over all warps. A request is one warp executing one instruction on one kind of memory.
struct Counts {
  std::uint64_t global_load_requests = 0, global_load_sectors = 0, global_load_ideal_sectors = 0;
  std::uint64_t global_store_requests = 0, global_store_sectors = 0, global_store_ideal_sectors = 0;
  std::uint64_t global_load_bytes = 0, global_store_bytes = 0;  // asked for by the lanes
  std::uint64_t shared_load_requests = 0, shared_load_wavefronts = 0, shared_load_ideal_wavefronts = 0;
  std::uint64_t shared_store_requests = 0, shared_store_wavefronts = 0, shared_store_ideal_wavefronts = 0;
  std::uint64_t shared_bytes = 0;
  std::uint64_t atomics = 0;  // lanes
  std::uint64_t atomic_requests = 0;
  std::uint64_t atomic_turns = 0;         // lanes of a request that meet at one address take turns
  std::uint64_t barriers = 0;             // per block
  std::uint64_t shuffles = 0;             // per warp: shuffles, votes, matches, reductions
  std::uint64_t matrix_instructions = 0;  // per warp (wgmma: per warpgroup)
  std::uint64_t divergent_requests = 0;   // requests in which fewer than the warp's live lanes took part
  std::uint64_t async_bytes = 0;          // moved by cp.async and bulk copies
  std::uint64_t bulk_bytes = 0;           // of those, the bulk copies': no request counts them
  std::uint64_t distinct_bytes = 0;       // of global memory: the compulsory traffic, in 4-byte words
  // No sums, but the most. Of a block: what its loads from global memory may have on their way at once, each
  // load instruction of a warp once between two barriers, and the shared memory that asynchronous copies land
  // in.
  std::uint64_t bytes_in_flight = 0;
  std::uint64_t atomics_at_one_address = 0;  // of global memory, in a launch

  friend bool operator==(const Counts&, const Counts&) = default;
};

struct LineCounts {
  Place place;
  Counts counts;  // distinct_bytes and atomics_at_one_address are not kept per line
};

struct LaunchCounts {
  std::string kernel;
  Place launched;  // the <<<…>>>
  std::array<unsigned, 3> grid{}, block{};
  Counts total;
  std::vector<LineCounts> lines;  // sorted by place
};

// Whether this program was built with the checker (simt-check): otherwise the two below return nothing.
bool checked();

// Everything found since the last call, in the order of first occurrence: by launches that have run,
// so after a cudaDeviceSynchronize.
std::vector<Finding> take_findings();

// Whether a store races with another thread's of the same value, as when many raise one flag: a GPU then has
// a defined result, but seldom is it what was meant. At first it does where SIMT_STRICT is set.
void report_equal_stores(bool wanted);

// Whether launches are counted from now on, which takes time. Called while no kernel runs. At first they are
// where SIMT_COUNTS names a file for the counts.
void count_launches(bool wanted);

// One entry for each launch that was counted since the last call, in launch order. Equal from run to run, for
// any schedule.
std::vector<LaunchCounts> take_counts();

}  // namespace simt
