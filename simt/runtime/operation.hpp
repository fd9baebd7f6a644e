#pragma once
// Operations, which are the work of streams and graphs: each needs those before it in its stream, and those
// of events waited for.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace simt {

/// Guards operations, streams, what they hold and their captures.
extern std::recursive_mutex stream_mutex;

/// What is ordered before a moment: of each queue so many operations. A queue is a stream, or a branch of a
/// graph that runs through one. Kept for a checker only.
class Clock {
 public:
  bool has(unsigned queue, std::uint64_t count) const {
    return queue < counts_.size() && counts_[queue] >= count;
  }
  void add(unsigned queue, std::uint64_t count) {
    if (counts_.size() <= queue) counts_.resize(queue + 1);
    counts_[queue] = std::max(counts_[queue], count);
  }
  void add(const Clock& other) {
    for (unsigned queue = 0; queue < other.counts_.size(); ++queue) add(queue, other.counts_[queue]);
  }

 private:
  std::vector<std::uint64_t> counts_;
};
/// Whether the host has waited for so many operations of the queue.
bool host_waited_for(unsigned queue, std::uint64_t count);
/// The running operation is a host function, which may tell the program that all before it is done.
void host_is_told();

/// A piece of a stream's work, and those it comes after.
struct Operation {
  std::function<void()> work;  // empty once done
  std::vector<std::shared_ptr<Operation>> needs;
  bool done = false;
  std::uint64_t number = 0;  // in the order of the calls
  unsigned queue = 0;
  std::uint64_t queue_count = 0;  // of the queue's operations, with this one
  Clock clock;                    // itself included
  std::uint32_t place = 0;        // a checker's, of the call that queued it
};
using OperationPtr = std::shared_ptr<Operation>;

/// A queue's number for as long as it lives; later queues use it again.
class QueueNumber {
 public:
  QueueNumber();
  ~QueueNumber();
  QueueNumber(const QueueNumber&) = delete;
  operator unsigned() const { return number_; }

 private:
  unsigned number_;
};

/// Whether operations run at the latest moment that is allowed, not as soon as they are queued.
bool works_late();
/// One more operation of a queue, after those that the host has waited for. What else it needs is `need`'s.
OperationPtr make_operation(unsigned queue, std::function<void()> work);
/// Orders the operation after another one, if there is one.
void need(Operation& op, const OperationPtr& other);
/// Runs what `goals` need, and them, in a random order that respects the needs.
void run_for(const std::vector<OperationPtr>& goals);
/// As run_for, for a host that waits. Returns the error that came up.
cudaError_t finish(const std::vector<OperationPtr>& goals);
/// Runs one more operation for `goal`: cudaErrorNotReady, or what came up once it is done.
cudaError_t advance(const OperationPtr& goal);

}  // namespace simt
