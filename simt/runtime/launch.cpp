#include "simt/launch.hpp"

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>

#include "graph.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"
#include "state.hpp"
#include "stream.hpp"

namespace simt {
namespace {

Schedule parse(const std::string& text) {
  if (text == "forward") return {};
  if (text == "reverse") return {Order::reverse, 0};
  if (text.starts_with("random:")) {
    char* end = nullptr;
    std::uint64_t seed = std::strtoull(text.c_str() + 7, &end, 0);
    if (end != text.c_str() + 7 && *end == 0) return {Order::random, seed};
  }
  throw std::invalid_argument("a schedule is forward, reverse or random:SEED, not '" + text + "'");
}

Schedule schedule_from_environment() try {
  const char* text = std::getenv("SIMT_SCHEDULE");
  return text ? parse(text) : Schedule{};
} catch (const std::invalid_argument& error) {
  std::fprintf(stderr, "simt: SIMT_SCHEDULE: %s\n", error.what());
  std::exit(2);
}

int workers_from_environment() {
  const char* text = std::getenv("SIMT_WORKERS");
  return text ? std::atoi(text) : 0;
}

Schedule& schedule_state() {
  static Schedule state = schedule_from_environment();
  return state;
}
int& workers_state() {
  static int state = workers_from_environment();
  return state;
}

/// OS threads that help the launching thread. One launch at a time.
class Pool {
 public:
  void run(Launch& launch, unsigned helpers) {
    std::lock_guard one_at_a_time(launching_);
    {
      std::lock_guard lock(mutex_);
      while (threads_.size() < helpers) threads_.emplace_back([this, i = threads_.size()] { help(i); });
      launch_ = &launch;
      ++turn_;
      wanted_ = helpers;
    }
    if (helpers) wake_.notify_all();
    this_worker().run(launch);
    std::unique_lock lock(mutex_);
    launch_ = nullptr;  // whoever has not joined by now need not
    idle_.wait(lock, [this] { return joined_ == 0; });
  }

 private:
  void help(std::size_t index) {
    std::uint64_t helped = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return launch_ && turn_ != helped && index < wanted_; });
      helped = turn_;
      Launch& launch = *launch_;
      ++joined_;
      lock.unlock();
      this_worker().run(launch);
      lock.lock();
      if (--joined_ == 0) idle_.notify_all();
    }
  }

  std::mutex launching_, mutex_;
  std::condition_variable wake_, idle_;
  std::vector<std::thread> threads_;
  Launch* launch_ = nullptr;
  std::uint64_t turn_ = 0;  // counts the launches: the next one may lie where the last one did
  std::size_t wanted_ = 0;
  unsigned joined_ = 0;
};

Pool& pool() {
  static Pool& instance = *new Pool;  // static objects of the program may launch when others are gone
  return instance;
}

struct Refusal {
  cudaError_t error = cudaSuccess;
  std::string why;
};
Refusal check(const LaunchSite& site, const Config& config) {
  const dim3 &grid = config.grid, &block = config.block;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x == 0 || block.y == 0 || block.z == 0)
    return {cudaErrorInvalidConfiguration, "nothing to run"};
  if (grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
    return {cudaErrorInvalidConfiguration, "a grid has at most 2147483647 x 65535 x 65535 blocks"};
  if (block.x > 1024 || block.y > 1024 || block.z > 64)
    return {cudaErrorInvalidConfiguration, "a block has at most 1024 x 1024 x 64 threads"};
  const std::uint64_t threads = std::uint64_t(block.x) * block.y * block.z;
  if (threads > max_threads)
    return {cudaErrorInvalidConfiguration,
            "a block has at most 1024 threads, not " + std::to_string(threads)};
  const int bounds = kernel_facts(site.address).launch_bounds;
  if (int(threads) > bounds)
    return {cudaErrorInvalidValue, "its __launch_bounds__ allow " + std::to_string(bounds) + " threads"};
  if (const std::size_t limit = dynamic_shared_limit(site.address); config.shared > limit) {
    const std::size_t fixed = kernel_facts(site.address).static_shared;
    return {cudaErrorInvalidValue,
            (fixed ? "beside " + std::to_string(fixed) + " bytes of static shared memory " : "") +
                "it may have " + std::to_string(limit) + " bytes of dynamic" +
                (fixed ? "" : " shared memory") +
                (limit <= default_shared_limit ? " without cudaFuncSetAttribute" : "")};
  }
  if (config.cooperative) {
    int blocks = 0;
    cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, site.address, int(threads), config.shared);
    const std::uint64_t resident = std::uint64_t(blocks) * unsigned(gpu().multiprocessors);
    if (std::uint64_t(grid.x) * grid.y * grid.z > resident)
      return {cudaErrorCooperativeLaunchTooLarge, std::to_string(resident) + " blocks fit the GPU at a time"};
  }
  return {};
}

}  // namespace

void set_schedule(Schedule schedule) { schedule_state() = schedule; }
Schedule schedule() { return schedule_state(); }
void set_schedule(const std::string& text) { set_schedule(parse(text)); }
void set_workers(int count) { workers_state() = count; }
int workers() {
  int count = workers_state();
  return count > 0 ? count : int(std::max(1u, std::thread::hardware_concurrency()));
}

void run_launch(Launch& launch) {
  static std::atomic<std::uint64_t> launches{0};
  launch.number = launches++;
  launch.schedule = schedule();
  if (launch.schedule.order == Order::random) {
    std::uint64_t n = launch.block_count,
                  mix = (launch.schedule.seed + launch.number + 1) * 0x9E3779B97F4A7C15ull;
    launch.shift = (mix >> 8) % n;
    launch.stride = (mix >> 32) % n;
    while (std::gcd(launch.stride, n) != 1) ++launch.stride;
  }
  std::uint64_t helpers = std::min<std::uint64_t>(unsigned(workers() - 1), launch.block_count - 1);
  if (launch.config.cooperative) helpers = 0;  // all of its blocks are resident on one worker
  reserve_shared_memory();
  if (observer) observer->launch_begins(launch);
  pool().run(launch, unsigned(helpers));
  print_output(launch);
  if (observer) observer->launch_ends(launch);
  if (launch.error != cudaSuccess) return set_sticky_error(launch.error);
  for (auto& [block, children] : launch.children)
    for (auto& run : children) run();
}

// Dynamic parallelism: what a kernel asks for may start as late as when the kernel has ended.
void run_after_parent(std::function<void()> work, bool tail) {
  Launch& parent = *current->block->launch;
  std::lock_guard lock(parent.mutex);
  parent.children[tail ? ~std::uint64_t{0} : block_number(*current->block)].push_back(std::move(work));
}
cudaError_t wait_for_children(Site site) {
  Launch& parent = *current->block->launch;
  std::unique_lock lock(parent.mutex);
  const bool any = parent.children.count(block_number(*current->block)) != 0;
  lock.unlock();
  if (any)
    fail(cudaErrorNotSupported, "a kernel waits for kernels that it launched, as none may since CUDA 12",
         site);
  return cudaSuccess;
}

cudaError_t submit(const LaunchSite& site, const Config& config, std::shared_ptr<const Kernel> kernel) {
  cudaError_t error = check(site, config).error;
  if (current) {
    const bool tail = config.stream == cudaStream_t(0x3);  // comes after all others
    if (error == cudaSuccess) run_after_parent(launch_work(site, config, std::move(kernel)), tail);
    return error;
  }
  if (error == cudaSuccess) error = sticky_error();
  if (error != cudaSuccess) return set_error(error);
  CUgraphNode_st* node = nullptr;
  error = enqueue(config.stream, launch_work(site, config, kernel), cudaGraphNodeTypeKernel, &node);
  if (!node || !site.address) return error;
  if (auto declared = kernel->declared(site.address)) set_kernel(*node, site, config, std::move(declared));
  return error;
}

std::function<void()> launch_work(const LaunchSite& site, const Config& config,
                                  std::shared_ptr<const Kernel> kernel) {
  return [site, config, kernel] {  // a graph runs this more than once
    Launch launch(site, config, kernel);
    run_launch(launch);
  };
}

void detail::submit(const LaunchSite& site, const Config& config, std::shared_ptr<const Kernel> kernel) {
  const bool sound = failure() == cudaSuccess;
  const cudaError_t error = simt::submit(site, config, std::move(kernel));
  if (error == cudaSuccess || !sound || !observer) return;
  const auto text = [](const dim3& d) {
    return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")";
  };
  const std::string why = check(site, config).why;
  note_unread({error,
               std::string("the launch of ") + site.kernel + "<<<" + text(config.grid) + ", " +
                   text(config.block) + ", " + std::to_string(config.shared) + ">>>" +
                   (why.empty() ? "" : " (" + why + ")"),
               {site.file, site.line}});
}

}  // namespace simt
