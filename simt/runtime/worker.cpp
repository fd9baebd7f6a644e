#include <boost/context/detail/fcontext.hpp>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "block.hpp"
#include "context.hpp"
#include "report.hpp"
#include "simt/lasting.hpp"
#include "simt/observer.hpp"
#include "simt/sync.hpp"

constinit thread_local uint3 threadIdx{};
constinit thread_local uint3 blockIdx{};
constinit thread_local dim3 blockDim{};
constinit thread_local dim3 gridDim{};

namespace simt {

constinit thread_local Thread* current = nullptr;
constinit thread_local unsigned AsDevice::living = 0;

std::chrono::seconds hang_limit() {
  static const std::chrono::seconds limit(
      std::getenv("SIMT_HANG_SECONDS") ? std::atoi(std::getenv("SIMT_HANG_SECONDS")) : 10);
  return limit;
}

namespace {

void fiber_main() {
  Worker& worker = this_worker();
  worker.launch->kernel->run();
  void* nowhere;
  switch_context(&nowhere, worker.main_context);
  __builtin_unreachable();
}

}  // namespace

ThreadSet ThreadSet::first(unsigned count) {
  ThreadSet set;
  for (unsigned w = 0; w < count / 64; ++w) set.words[w] = ~std::uint64_t{0};
  if (count % 64) set.words[count / 64] = (std::uint64_t{1} << (count % 64)) - 1;
  return set;
}

Worker& this_worker() { return of_thread<Worker>(); }

void enter(Thread& thread) {
  if (!current || current->block != thread.block) blockIdx = thread.block->index;
  current = &thread;
  threadIdx = thread.index;
}

std::uint64_t Worker::next_random() {  // xorshift64*
  random ^= random >> 12;
  random ^= random << 25;
  random ^= random >> 27;
  return random * 0x2545F4914F6CDD1Dull;
}

uint3 Launch::block_index(std::uint64_t n) const {
  if (schedule.order == Order::reverse) n = block_count - 1 - n;
  if (schedule.order == Order::random)
    n = std::uint64_t((unsigned __int128)(n)*stride % block_count + shift) % block_count;
  const dim3& grid = config.grid;
  return {unsigned(n % grid.x), unsigned(n / grid.x % grid.y), unsigned(n / grid.x / grid.y)};
}

/// Gives the block the launch's shape.
void Worker::fit(ResidentBlock& block) {
  const dim3 shape = launch->config.block;
  block.worker = this;
  block.launch = launch;
  block.active = false;
  if (shape.x == block.shape.x && shape.y == block.shape.y && shape.z == block.shape.z) return;
  block.shape = shape;
  block.async.reset();
  block.size = shape.x * shape.y * shape.z;
  if (block.threads.size() < block.size) block.threads.resize(block.size);
  unsigned i = 0;
  for (unsigned z = 0; z < shape.z; ++z)
    for (unsigned y = 0; y < shape.y; ++y)
      for (unsigned x = 0; x < shape.x; ++x, ++i) {
        block.threads[i] = Thread{};
        block.threads[i].index = {x, y, z};
        block.threads[i].linear = i;
        block.threads[i].block = &block;
      }
}

void Worker::run(Launch& work) {
  catch_faults();
  launch = &work;
  blockDim = work.config.block;
  gridDim = work.config.grid;
  order.clear();
  if (work.schedule.order != Order::forward) {
    order.resize(blockDim.x * blockDim.y * blockDim.z);
    std::iota(order.rbegin(), order.rend(), std::uint16_t{0});
  }
  poll_rounds = idle_rounds = 0;
  resident = 1;
  if (blocks.empty()) blocks.push_back(std::make_unique<ResidentBlock>());
  fit(*blocks[0]);
  starting = begin_block(*blocks[0]);
  if (starting) {
    if (work.config.cooperative) {
      settle(*blocks[0]);
      while (admit()) {
      }
      enter(*starting);
    }
    running_stack = stacks.take();
    const Watchdog watchdog;
    switch_context(&main_context, fresh_context(running_stack, Stacks::usable, fiber_main));
    stacks.reclaim_all();
    if (work.error != cudaSuccess)  // the threads were left in the middle
      for (unsigned i = 0; i < resident; ++i) {
        collect_output(*blocks[i]);
        blocks[i]->shape = {0, 0, 0};
      }
  }
  current = nullptr;
  launch = nullptr;
}

Thread* Worker::begin_block(ResidentBlock& block) {
  if (block.active) {
    finish_block_copies(block);
    collect_output(block);
    if (observer) observer->block_ends(block);
  }
  block.active = false;
  if (launch->error.load(std::memory_order_relaxed) != cudaSuccess) return nullptr;
  std::uint64_t n = launch->next_block.fetch_add(1, std::memory_order_relaxed);
  if (n >= launch->block_count) return nullptr;
  block.index = launch->block_index(n);
  block.position = n;
  block.serial = ++serial;
  block.epoch = 0;
  block.started = 1;
  block.active = true;
  block.parked_any = false;
  block.last_in_order = order.empty() ? reinterpret_cast<std::uint64_t>(&block.threads[block.size - 1]) : 0;
  // What is random in a block depends on the block alone, not on the worker that runs it.
  random = (launch->schedule.seed * 0x9E3779B97F4A7C15ull + launch->number) * 0xBF58476D1CE4E5B9ull + n + 1;
  for (int i = 0; i < 4; ++i) next_random();
  if (launch->schedule.order == Order::random) {
    std::iota(order.begin(), order.end(), std::uint16_t{0});
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[next_random() % i]);
  }
  Thread& first = block.threads[order.empty() ? 0 : order[0]];
  current = nullptr;
  enter(first);
  if (observer) observer->block_begins(block);
  return &first;
}

/// Makes one more block of the launch resident, with no thread started.
bool Worker::admit() {
  if (blocks.size() == resident) blocks.push_back(std::make_unique<ResidentBlock>());
  ResidentBlock& block = *blocks[resident];
  fit(block);
  Thread* first = begin_block(block);
  if (!first) return false;
  ++resident;
  settle(block);
  block.unstarted.add(first->linear);
  return true;
}

/// The block's first thread parks: from here on its threads are kept in sets.
void Worker::settle(ResidentBlock& block) {
  if (order.empty()) block.started = current->linear + 1;
  block.last_in_order = 0;
  block.parked_any = true;
  block.alive = block.ready = block.unstarted = ThreadSet::first(block.size);
  block.polling = ThreadSet{};
  block.converging = block.at_grid_barrier = 0;
  for (unsigned i = 0; i < block.started; ++i) {
    unsigned thread = order.empty() ? i : order[i];
    block.unstarted.remove(thread);
    if (i + 1 == block.started) continue;  // the running one
    block.alive.remove(thread);
    block.ready.remove(thread);
  }
  block.alive_count = block.size - block.started + 1;
  for (unsigned w = 0; w < (block.size + 31) / 32; ++w) {
    block.warps[w].meetings = 0;
    block.warp_epoch[w] = 0;
  }
  block.barriers.fill(Barrier{});
}

/// Nobody can run. Whatever is in flight arrives as late as this.
bool Worker::idle() {
  for (unsigned i = 0; i < resident; ++i) {
    ResidentBlock& block = *blocks[i];
    if (block.active && (answer_active_lanes(block) || deliver_async(block))) return true;
  }
  return poll_again();
}

/// Lets polling threads look again, for what they wait for may come from other blocks.
bool Worker::poll_again() {
  bool any = false;
  for (unsigned i = 0; i < resident; ++i) {
    ResidentBlock& block = *blocks[i];
    if (!block.active || block.polling.empty()) continue;
    any = true;
    const ThreadSet next = next_polling(block);
    block.ready.add(next);
    for (std::size_t w = 0; w < next.words.size(); ++w) block.polling.words[w] &= ~next.words[w];
  }
  if (!any) return false;
  constexpr unsigned patience = 64, patience_with_barriers = 256;
  auto now = std::chrono::steady_clock::now();
  // Asking for one more block counts on past the last.
  std::uint64_t begun = std::min(launch->next_block.load(std::memory_order_relaxed), launch->block_count);
  if (poll_rounds++ == 0 || begun != polling_with) polling_since = now;
  if (idle_rounds++ == 0 || begun != polling_with) idle_since = now;
  polling_with = begun;
  if (poll_rounds % patience == 0 || idle_rounds % patience_with_barriers == 0) {
    if (launch->error.load(std::memory_order_relaxed) != cudaSuccess) abandon(launch->error);
    // As many at a time as keep the rounds of all from growing with the square of the blocks.
    unsigned more = 1 + resident / 8;
    if (!admit()) std::this_thread::yield();
    while (--more > 0 && admit()) {
    }
    constexpr int doubt = 12;  // limits: between its barriers a block may do something all the same
    if (now - polling_since > hang_limit() || now - idle_since > doubt * hang_limit())
      deadlock("a hang: its threads poll for what never comes");
  }
  return true;
}

/// Leaves the running fiber, which is `self`'s, for `next`.
void Worker::switch_to(Thread* next, Thread* self) {
  self->stack = running_stack;
  enter(*next);
  ResidentBlock& block = simt::resident(*next);
  if (block.unstarted.has(next->linear)) {
    block.unstarted.remove(next->linear);
    starting = next;
    running_stack = stacks.take();
    switch_context(&self->context, fresh_context(running_stack, Stacks::usable, fiber_main));
  } else {
    running_stack = next->stack;
    prefetch_after(block, next);
    switch_context(&self->context, next->context);
  }
}

void Worker::deadlock(const char* what, Thread* culprit) {
  if (current && !simt::resident(*current).parked_any) settle(simt::resident(*current));
  for (unsigned i = 0; i < resident; ++i) {
    ResidentBlock& block = *blocks[i];
    if (!block.active || (i + 1 < resident && current && &block != current->block)) continue;
    report(launch->site, std::string(what) + ", in block " + describe(block.index));
    print_places(block);
    if (!observer) break;
    // Without a culprit, the finding is the first thread's that polls, or else waits.
    Thread* stuck = culprit;
    for (Thread& thread : block.threads)
      if (!culprit && thread.linear < block.size && block.alive.has(thread.linear) &&
          !block.unstarted.has(thread.linear) &&
          (!stuck || (stuck->wait != Wait::none && thread.wait == Wait::none)))
        stuck = &thread;
    if (stuck) current = stuck;
    observer->defect(
        "deadlock", (std::string(what) + ": " + count_places(block)).c_str(),
        culprit
            ? "a loop whose end never comes, or that polls by plain reads, which the compiler makes once: "
              "poll through volatile or atomics"
            : "some threads never reach what the others wait for",
        stuck && stuck->wait != Wait::none ? stuck->site : Site{});
    break;
  }
  abandon(cudaErrorLaunchTimeout);
}

namespace {
constexpr const char* stuck = "a deadlock: none of its threads can run";
}

/// Lets others run until somebody makes `self` ready.
void Worker::park(Thread* self, bool own_warp_first) {
  ResidentBlock& block = simt::resident(*self);
  for (;;) {
    Thread* next = pick_anywhere(block, self->linear, own_warp_first);
    if (next == self) return enter(*self);  // idle() may have entered a block that it admitted
    if (next) return switch_to(next, self);
    if (!idle()) deadlock(stuck);
  }
}

/// The thread returned from the kernel. Returns the next one for this fiber to start, or null if the
/// launch has no more for this worker.
Thread* Worker::finished(Thread* thread) {
  ResidentBlock& block = simt::resident(*thread);
  if (!block.parked_any) {
    if (block.started < block.size && !order.empty()) {
      Thread& next = block.threads[order[block.started++]];
      enter(next);
      return &next;
    }
    if (Thread* next = begin_block(block)) return next;
  } else {
    poll_rounds = idle_rounds = 0;
    if (thread->copies) finish_copies(*thread);
    block.alive.remove(thread->linear);
    block.ready.remove(thread->linear);
    --block.alive_count;
    after_exit(block, thread->warp());
    if (block.alive_count == 0)
      if (Thread* next = begin_block(block)) return next;
  }
  for (;;) {
    Thread* next = pick_anywhere(block, thread->linear, true);
    if (!next) {
      bool any_active = false;
      for (unsigned i = 0; i < resident; ++i) any_active |= blocks[i]->active;
      if (!any_active) return nullptr;
      if (!idle()) deadlock(stuck);
      continue;
    }
    ResidentBlock& home = simt::resident(*next);
    if (home.unstarted.has(next->linear)) {
      home.unstarted.remove(next->linear);
      enter(*next);
      return next;
    }
    // This fiber ends here: nobody jumps back to it, and its stack serves the next fiber.
    void* nowhere;
    stacks.give_back(running_stack);
    running_stack = next->stack;
    enter(*next);
    switch_context(&nowhere, next->context);
    __builtin_unreachable();
  }
}

void Worker::abandon(cudaError_t error) {
  cudaError_t none = cudaSuccess;
  launch->error.compare_exchange_strong(none, error);
  void* nowhere;
  switch_context(&nowhere, main_context);
  __builtin_unreachable();
}

namespace detail {
Thread* Starter::first() { return this_worker().starting; }
Thread* Starter::advance(Thread* finished) { return simt::resident(*finished).worker->finished(finished); }
}  // namespace detail

void yield() {
  Thread* self = current;
  if (!self) return std::this_thread::yield();
  ResidentBlock& block = resident(*self);
  if (!block.parked_any) block.worker->settle(block);
  block.ready.remove(self->linear);
  block.polling.add(self->linear);
  block.polled.add(self->linear);
  block.worker->park(self, false);
}

}  // namespace simt
