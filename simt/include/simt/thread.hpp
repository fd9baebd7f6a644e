#pragma once
// What the executor shows of a simulated thread and its block to compiled CUDA code and to the checker.
#include <vector_types.h>

#include <cstdint>

#include "simt/site.hpp"

// Code of ours that reads the executor's own memory is not the user's: the checker must not see it.
#define SIMT_UNCHECKED __attribute__((no_sanitize("thread")))

namespace simt {

inline constexpr unsigned lanes_per_warp = 32;
inline constexpr unsigned max_threads = 1024;  // per block
inline constexpr unsigned max_warps = max_threads / lanes_per_warp;
inline constexpr unsigned shared_window = 512 * 1024;  // bytes of address space per block

struct Launch;
struct Block;

/// Why a thread is parked.
enum class Wait : std::uint8_t { none, block_barrier, warp, converging, mbarrier, grid_barrier, polling };

struct Thread {
  uint3 index{};        // threadIdx
  unsigned linear = 0;  // threadIdx, flattened: x fastest
  Block* block = nullptr;
  void* context = nullptr;               // its fiber, while that is parked
  void* stack = nullptr;                 // the stack of that fiber
  struct AsyncCopies* copies = nullptr;  // its cp.async groups; null until the first one
  const char* operation = "";            // what it is parked in, e.g. "__syncthreads"
  Site site{};                           // where
  Wait wait = Wait::none;
  bool failed_spuriously = false;   // its last mbarrier.try_wait returned early
  unsigned mbarrier = 0;            // the one it waits for, as an offset in the shared window
  const void* in_step = nullptr;    // the access to volatile memory that it is about to make
  const void* looked_at = nullptr;  // the volatile memory that it read last, and has not written since

  unsigned lane() const { return linear % lanes_per_warp; }
  unsigned warp() const { return linear / lanes_per_warp; }
};

/// The part of a resident block that is read at every thread start; runtime/block.hpp has the rest.
struct Block {
  uint3 index{};                     // blockIdx
  unsigned size = 0;                 // threads
  std::uint64_t serial = 0;          // unique among all blocks ever run on this worker
  unsigned epoch = 0;                // block barriers passed
  unsigned warp_epoch[max_warps]{};  // warp-wide synchronisations passed
  // The address of the last thread that may start after the one before it with no further checks. Of a type
  // that no start of a thread stores: the compiler then knows that it stays.
  std::uint64_t last_in_order = 0;
  Launch* launch = nullptr;
  char* shared_base = nullptr;  // address of shared-window offset 0
};

/// The simulated thread that runs on this OS thread; null in host code.
extern constinit thread_local Thread* current;

/// While one lives, the host does a device's work: Thrust's.
struct AsDevice {
  AsDevice() { ++living; }
  ~AsDevice() { --living; }
  AsDevice(const AsDevice&) = delete;
  static constinit thread_local unsigned living;
};

/// What a function for both sides asks where it was written with #ifdef __CUDA_ARCH__.
constexpr bool on_device() { return !__builtin_is_constant_evaluated() && (current || AsDevice::living); }

}  // namespace simt

extern constinit thread_local uint3 threadIdx;
extern constinit thread_local uint3 blockIdx;
extern constinit thread_local dim3 blockDim;
extern constinit thread_local dim3 gridDim;
inline constexpr int warpSize = 32;
