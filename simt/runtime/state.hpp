#pragma once
// What the parts of the runtime API share.
#include <cuda_runtime_api.h>

#include <cstring>
#include <functional>
#include <string>

#include "block.hpp"
#include "simt/variable.hpp"

namespace simt {

/// Records the error for cudaGetLastError and returns it. `why` goes on after the name of the call that
/// failed.
cudaError_t set_error(cudaError_t error, const char* why = nullptr);
/// What was said of that error, if it is the latest.
const char* reason_of(cudaError_t error);
/// An error of a kernel's, which poisons the context: every later call that needs the device returns it.
void set_sticky_error(cudaError_t error);
/// What such a call is to return. The program knows of the error from then on, and not when a launch has just
/// returned: there cudaGetLastError says what is wrong with the launch alone.
cudaError_t sticky_error();
/// The same, and the program hears nothing.
cudaError_t failure();
void reset_errors();

/// An error that no return value told the program of, until it asks for its last error.
struct UnreadError {
  cudaError_t error;
  std::string what;  // "the launch of k<<<…>>>"
  Site site;
};
void note_unread(UnreadError error);
std::vector<UnreadError> take_unread_errors();

/// What a program makes and is to give back: "a stream", by "cudaStreamDestroy".
void note_made(const void* handle, const char* what, const char* given_back_by);
void note_given_back(const void* handle);
/// Whether it was made, and is not given back.
bool exists(const void* handle);

/// The GPU that is simulated; SIMT_GPU=NAME chooses it.
struct Gpu {
  const char* key;   // as in SIMT_GPU
  const char* name;  // as the driver gives it
  int major, minor, multiprocessors, clock_khz, memory_clock_khz, bus_bits;
  std::size_t memory, l2, shared_per_multiprocessor, shared_per_block_optin;
  int threads_per_multiprocessor, blocks_per_multiprocessor;

  bool for_games() const { return std::strncmp(key, "rtx", 3) == 0; }
  /// How many times faster arithmetic in single precision is than in double.
  int float_to_double() const { return minor == 0 ? 2 : major == 7 ? 32 : 64; }
};
const Gpu& gpu();

constexpr std::size_t default_shared_limit = 48 * 1024;  // of a block, unless cudaFuncSetAttribute raises it

/// What a kernel's own body says of it; what the functions say that it calls is not known before it runs.
struct KernelFacts {
  std::size_t static_shared = 0;         // bytes
  int launch_bounds = int(max_threads);  // threads of a block
};
KernelFacts kernel_facts(const void* function);
/// As the compiler names it; null where no launch names it, and the file that holds it has no symbols.
const char* kernel_symbol(const void* function);
const char* symbol_in_file(const void* function);
/// Of a launch that names the kernel by its address.
LaunchSite site_of(const void* function);

/// The most dynamic shared memory that a launch of `function` may have; where a launch cannot name its
/// function, the most that any may.
std::size_t dynamic_shared_limit(const void* function);

/// Those of the program; static objects, so that they come into being before main.
std::vector<const DeviceVariable*>& device_variables();

/// Queues a launch, or says why it cannot be.
cudaError_t submit(const LaunchSite& site, const Config& config, std::shared_ptr<const Kernel> kernel);
std::function<void()> launch_work(const LaunchSite& site, const Config& config,
                                  std::shared_ptr<const Kernel> kernel);
/// In a kernel: work that comes when the kernel has ended, in the order of blocks; that of the tail after
/// all.
void run_after_parent(std::function<void()> work, bool tail = false);
/// A kernel asks to wait for such work: fails where its block has any.
cudaError_t wait_for_children(Site site);
/// Binds arguments to a kernel known by its address; null if it is not.
std::shared_ptr<const Kernel> bind(const void* function, void** arguments);
/// Runs a launch to its end on the calling thread and the pool's.
void run_launch(Launch& launch);

}  // namespace simt
