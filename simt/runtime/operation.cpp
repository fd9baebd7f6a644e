#include "operation.hpp"

#include <random>
#include <set>
#include <utility>

#include "memory.hpp"
#include "simt/lasting.hpp"
#include "simt/observer.hpp"
#include "simt/runtime.hpp"
#include "state.hpp"
#include "unseen.hpp"

namespace simt {
std::recursive_mutex stream_mutex;

namespace {

/// What the host has waited for. With a lock of its own, for the checker asks at any access of any host
/// thread.
class HostClock {
 public:
  Clock value() {
    UnseenLock lock(mutex_);
    return clock_;
  }
  void add(const Clock& other) {
    UnseenLock lock(mutex_);
    clock_.add(other);
  }
  bool has(unsigned queue, std::uint64_t count) {
    UnseenLock lock(mutex_);
    return clock_.has(queue, count);
  }

 private:
  std::mutex mutex_;
  Clock clock_;
};
[[gnu::init_priority(before_program)]] Lasting<HostClock> host_clock;
HostClock& waited_for = host_clock.object;
const Operation* running = nullptr;

/// Of every queue: its operations so far, and whether its number is taken.
struct Queues {
  std::vector<std::uint64_t> counts;
  std::vector<bool> taken;
};
Queues& queues() {
  static Queues& instance = *new Queues;  // streams of other threads end later than this one's objects
  return instance;
}

void execute(Operation& op) {
  if (op.done) return;
  op.done = true;
  auto work = std::move(op.work);
  op.work = nullptr;
  op.needs.clear();
  if (!work || failure() != cudaSuccess) return;
  if (observer) observer->operation_begins(op);
  const Operation* outer = std::exchange(running, &op);
  work();
  running = outer;
}

}  // namespace

bool host_waited_for(unsigned queue, std::uint64_t count) { return waited_for.has(queue, count); }
void host_is_told() {
  if (running) waited_for.add(running->clock);
}

QueueNumber::QueueNumber() {
  std::lock_guard lock(stream_mutex);
  auto& [counts, taken] = queues();
  number_ = unsigned(std::find(taken.begin(), taken.end(), false) - taken.begin());
  if (number_ == taken.size()) counts.push_back(0), taken.push_back(false);
  taken[number_] = true;
}
QueueNumber::~QueueNumber() {
  std::lock_guard lock(stream_mutex);
  queues().taken[number_] = false;
}

bool works_late() { return schedule().order == Order::random; }

OperationPtr make_operation(unsigned queue, std::function<void()> work) {
  static std::uint64_t numbers = 0;
  auto op = std::make_shared<Operation>();
  op->number = ++numbers;  // 0: what the host does before the first
  op->work = std::move(work);
  if (observer) {
    op->clock = waited_for.value();
    op->queue = queue;
    op->queue_count = ++queues().counts[queue];
    op->clock.add(queue, op->queue_count);
    if (op->work) observer->operation_queued(*op);
  }
  return op;
}

void need(Operation& op, const OperationPtr& other) {
  if (!other) return;
  if (observer) op.clock.add(other->clock);
  if (!other->done) op.needs.push_back(other);
}

void run_for(const std::vector<OperationPtr>& goals) {
  std::set<OperationPtr> pending;
  std::vector<OperationPtr> open = goals;
  while (!open.empty()) {
    OperationPtr op = open.back();
    open.pop_back();
    if (!op || op->done || !pending.insert(op).second) continue;
    open.insert(open.end(), op->needs.begin(), op->needs.end());
  }
  static std::mt19937_64 random;
  static std::uint64_t seed = 0;
  if (seed != schedule().seed) random.seed(seed = schedule().seed);
  while (!pending.empty()) {
    std::vector<OperationPtr> able;
    for (const OperationPtr& op : pending)
      if (std::all_of(op->needs.begin(), op->needs.end(), [](const OperationPtr& n) { return n->done; }))
        able.push_back(op);
    std::sort(able.begin(), able.end(), [](auto& a, auto& b) { return a->number < b->number; });
    const OperationPtr& op = able[random() % able.size()];
    execute(*op);
    pending.erase(op);
  }
}

cudaError_t finish(const std::vector<OperationPtr>& goals) {
  std::lock_guard lock(stream_mutex);
  run_for(goals);
  for (const OperationPtr& goal : goals)
    if (goal) waited_for.add(goal->clock);
  trim_pools();
  return set_error(sticky_error());
}

cudaError_t advance(const OperationPtr& goal) {
  std::lock_guard lock(stream_mutex);
  if (goal && goal->done) waited_for.add(goal->clock);
  if (!goal || goal->done) return set_error(sticky_error());
  OperationPtr op = goal;
  for (bool again = true; again;) {
    again = false;
    for (auto& other : op->needs)
      if (!other->done) {
        op = other;
        again = true;
        break;
      }
  }
  run_for({op});
  return cudaErrorNotReady;
}

}  // namespace simt
