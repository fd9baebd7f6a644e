#include "explain.hpp"

#include "../runtime/async.hpp"
#include "../runtime/memory.hpp"
#include "findings.hpp"
#include "owners.hpp"
#include "streams.hpp"

namespace simt::checking {
namespace {

std::string verb(Action action) {
  return action == Action::load    ? "reads"
         : action == Action::store ? "writes"
         : action == Action::free  ? "frees"
                                   : "updates atomically";
}
std::string verb_past(Action action) {
  return action == Action::load ? "read" : action == Action::store ? "wrote" : "updated atomically";
}

std::string space_of(std::uintptr_t address) { return in_shared(address) ? "shared" : "global"; }

std::string bytes_text(std::size_t bytes) {
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

uint3 thread_index(std::uint32_t linear) {
  return {linear % blockDim.x, linear / blockDim.x % blockDim.y, linear / blockDim.x / blockDim.y};
}
uint3 block_index(std::uint32_t linear) {
  return {linear % gridDim.x, linear / gridDim.x % gridDim.y, linear / gridDim.x / gridDim.y};
}

constexpr const char* wrong_size =
    "a size that counts elements where it is to count bytes, or the other way round, or an "
    "allocation that is too small";

}  // namespace

void explain_past_pinned(Action action, std::uintptr_t address, std::size_t bytes, Code code) {
  found("out-of-bounds", code, 0, address, [&](Finding& f) {
    f.message =
        verb(action) + " " + bytes_text(bytes) + " of pinned memory, and not so many are allocated there";
    f.cause = wrong_size;
  });
}

void explain_out_of_bounds(const Cell& cell, Action action, std::uintptr_t address, unsigned bytes,
                           Code code) {
  const bool variable = shadows[static_cast<int>(Space::variables)].contains(address);
  const bool freed = cell.special && !variable && !beside_live(address);
  const bool by_host = !current;
  found(freed ? "use-after-free" : "out-of-bounds", code, 0, address, [&](Finding& f) {
    f.message = verb(action) + " " + bytes_text(bytes) + " of " + space_of(address) + " memory" +
                (freed     ? " that was freed"
                 : by_host ? ", and not so many are allocated there"
                           : " that nobody allocated");
    f.cause = freed     ? "cudaFree before the last kernel or copy that uses the memory"
              : by_host ? wrong_size
                        : "a missing or off-by-one guard (i < n, not i <= n), or an index computed with a "
                          "wrong row length";
  });
}

void explain_misaligned(Action action, std::uintptr_t address, unsigned bytes, Code code) {
  found("misaligned", code, 0, address, [&](Finding& f) {
    f.message = verb(action) + " " + bytes_text(bytes) + " at an address that is no multiple of " +
                std::to_string(bytes) + " (a GPU stops with \"misaligned address\")";
    f.cause = "a pointer cast to a wider type whose offset or row length is no multiple of its width";
  });
}

void explain_uninitialised(std::uintptr_t address, unsigned bytes, Code code) {
  found("uninitialised", code, 0, address, [&](Finding& f) {
    f.message = "reads " + bytes_text(bytes) + " of " + space_of(address) + " memory that nobody wrote" +
                (in_shared(address) ? " in this block" : "");
    f.cause = in_shared(address) ? "an element that the loading loop skips, or a guard that leaves out the "
                                   "load without storing zero"
                                 : "cudaMalloc does not clear memory: a cudaMemset or a copy is missing";
  });
}

// The cp.async that is to bring the bytes, if one is.
static const AsyncCopies::Copy* copy_to(std::uintptr_t address, const AsyncCopies& issued) {
  const std::uintptr_t at = address - reinterpret_cast<std::uintptr_t>(current->block->shared_base);
  for (const AsyncCopies::Copy& copy : issued.copies)
    if (at - copy.to < copy.size) return &copy;
  return nullptr;
}

// The usual cause of an access to bytes on their way. `by_others`: of a copy that has come since the latest
// barrier.
static std::string cause_in_flight(std::uintptr_t address, bool by_others) {
  const std::string wait = "a missing or too weak wait (cp.async.wait_group, an mbarrier's phase)";
  if (current->copies && copy_to(address, *current->copies)) return wait + " before the access";
  const ResidentBlock& block = resident(*current);
  if (block.async)
    for (const auto& issued : block.async->threads)
      if (const AsyncCopies::Copy* copy = issued ? copy_to(address, *issued) : nullptr)
        return copy->epoch == block.epoch
                   ? "a missing __syncthreads(), behind the wait of the thread that copies, or before it "
                     "copies into what "
                     "others still read"
                   : wait + ", or a missing __syncthreads() between it and the access of another thread";
  return by_others ? "a copy into what other threads still read, for want of a __syncthreads(), or a missing "
                     "wait for the copy"
                   : "a missing or too weak wait for an mbarrier's phase before the access";
}

void explain_in_flight(const Cell& cell, Action action, std::uintptr_t address, unsigned bytes, Code code) {
  // Since the latest barrier of the block.
  const bool by_others = cell.landing && cell.writer.thread != current->linear &&
                         cell.writer.segment == state_of(*current->block).segment;
  found("async", code, 0, address, [&](Finding& f) {
    f.message = verb(action) + " " + bytes_text(bytes) +
                (cell.landing ? " that an asynchronous copy has not yet delivered"
                              : " that an asynchronous copy has yet to read");
    f.cause = cell.landing ? cause_in_flight(address, by_others)
                           : "a buffer reused before the copy out of it was waited for";
  });
}

void explain_race(const Access& earlier, Code earlier_code, Action earlier_action, Action action,
                  const BlockState& state, std::uintptr_t address, unsigned bytes, Code code) {
  if (!in_shared(address) && unordered(earlier.segment))
    return explain_unordered(earlier.segment, earlier_code, earlier_action, action, address, bytes, code);
  const auto describe = [&](Finding& f) {
    const bool same_block = earlier.segment == state.segment || in_shared(address);
    const bool same_warp = same_block && earlier.thread / lanes_per_warp == current->warp();
    f.message =
        verb(action) + " " + bytes_text(bytes) + " of " + space_of(address) + " memory that " +
        (same_block && earlier.thread == current->linear  // of many readers, the record names the latest
             ? "another thread"
             : "thread " + text_of(thread_index(earlier.thread))) +
        " of " +
        (same_block ? "the same block" : "block " + text_of(block_index(block_of_segment(earlier.segment)))) +
        " " + verb_past(earlier_action) + ", and nothing orders the two";
    const Place here = place_of(code), there = place_of(earlier_code);
    const bool same_line = here.line == there.line && here.file == there.file;
    const bool same_index = !in_shared(address) || (action == Action::store && earlier_action == action);
    const bool update = same_line && (action == Action::load || earlier_action == Action::load);
    const std::string barrier = "a missing __syncthreads() ";
    if (!same_block)
      f.cause = std::string("blocks of one launch run in any order: use atomics, or a second launch") +
                (state.acquired && earlier_action == Action::store
                     ? "; where an atomic tells of the store, a __threadfence() in front of it"
                     : "");
    else if (same_line && same_index)
      f.cause = std::string("threads that come to the same index (is a dimension left out?), ") +
                (update ? "an update that is to be atomic (atomicAdd), or " : "or ") + barrier +
                "between the steps of a loop";
    else if (update)
      f.cause = barrier + "between the steps of a loop, or an update that is to be atomic (atomicAdd)";
    else
      f.cause = barrier + "before or after the exchange" +
                (same_warp ? " (__syncwarp() where it stays within a warp)" : "") +
                (same_index && action != earlier_action
                     ? "; atomics or volatile, where a thread may find either value"
                     : "");
  };
  const bool may_be_guess = earlier_action == Action::load && action == Action::atomic;
  found("race", code, earlier_code, address, describe, may_be_guess ? earlier_code : 0);
}

void explain_block_scope(const Access& earlier, Code earlier_code, std::uintptr_t address, unsigned bytes,
                         Code code) {
  found("race", code, earlier_code, address, [&](Finding& f) {
    f.message = "updates atomically within its block " + bytes_text(bytes) +
                " of global memory that thread " + text_of(thread_index(earlier.thread)) + " of block " +
                text_of(block_index(block_of_segment(earlier.segment))) + " updated as well";
    f.cause =
        "an atomic that ends in _block orders only within one block: across blocks it takes the plain one";
  });
}

void explain_mbarrier(const Access& init, Code init_code, std::uintptr_t address, Code code) {
  found("race", code, init_code, address, [&](Finding& f) {
    f.message = "uses an mbarrier that thread " + text_of(thread_index(init.thread)) +
                " of the same block initialised, and nothing orders the two";
    f.cause = "a missing __syncthreads() behind the mbarrier's initialisation";
  });
}

void explain_proxy(Code writer, bool writes, std::uintptr_t address, std::size_t bytes, Code code) {
  found("proxy", code, writer, address, [&](Finding& f) {
    f.message = std::string("a bulk copy ") + (writes ? "into " : "out of ") + bytes_text(bytes) +
                " of shared memory that ordinary stores wrote, with no proxy fence between";
    f.cause = "a missing fence.proxy.async between the stores and the barrier before the copy";
  });
}

void explain_unordered(std::uint32_t segment, Code earlier_code, Action earlier_action, Action action,
                       std::uintptr_t address, std::size_t bytes, Code code) {
  const bool host = by_host(segment);
  const bool freed = action == Action::free;
  found(host    ? "async"
        : freed ? "use-after-free"
                : "race",
        code, earlier_code, address, [&](Finding& f) {
          f.message = verb(action) + " " + bytes_text(bytes) + " of " + (host ? "managed" : "global") +
                      " memory that " + describe_operation(segment) + (host ? " " : ", in another stream, ") +
                      verb_past(earlier_action) + ", and nothing orders the two";
          f.cause =
              host ? "a missing cudaDeviceSynchronize between the kernel and the host's use of its memory"
                   : "a missing cudaStreamWaitEvent between the streams, or a synchronisation that waits for "
                     "another one";
        });
}

void explain_managed(std::uint32_t segment, Action earlier_action, Action action, std::uintptr_t address,
                     unsigned bytes, Code code, Code earlier_code) {
  found("async", code, earlier_code, address, [&](Finding& f) {
    f.message = "host code " + verb(action) + " " + bytes_text(bytes) + " of managed memory that " +
                describe_operation(segment) + " " + verb_past(earlier_action) +
                ", and that was not waited for";
    f.cause = "a missing cudaDeviceSynchronize between the kernel and the host's use of its result";
  });
}

void explain_host_pointer(Action action, std::uintptr_t address, unsigned bytes, Code code) {
  // The kernel's arguments live on the heap too, and the executor's own headers read what is the executor's.
  const Kernel* kernel = current->block->launch->kernel.get();
  if (address - reinterpret_cast<std::uintptr_t>(kernel) < kernel->size() || !in_users_code(code) ||
      registered(reinterpret_cast<const void*>(address)))
    return;
  if (beside_live(address)) {  // pinned
    if (!find_allocation(reinterpret_cast<const void*>(address)) ||
        !find_allocation(reinterpret_cast<const void*>(address + bytes - 1)))
      explain_out_of_bounds({}, action, address, bytes, code);
    return;
  }
  found("host-pointer", code, 0, 0, [&](Finding& f) {
    f.message = "a kernel " + verb(action) + " " + bytes_text(bytes) +
                " of the host's memory (a GPU stops with \"illegal memory access\")";
    f.cause = "a host pointer given to the kernel, or a lambda that captures by reference";
  });
}

void explain_kernel_heap(bool freed, Action action, std::size_t bytes, Code code) {
  found(freed ? "use-after-free" : "out-of-bounds", code, 0, 0, [&](Finding& f) {
    f.message = verb(action) + " " + bytes_text(bytes) + " of the kernels' heap that " +
                (freed ? "were freed" : "no malloc or new gave");
    f.cause = freed ? "a pointer used after free or delete, perhaps by another thread"
                    : "a size in elements where malloc counts bytes, or a loop that goes one element too far";
  });
}

void explain_host_access(Action action, std::uintptr_t address, std::size_t bytes,
                         const void* return_address) {
  found("host-access", to_code(return_address), 0, address, [&](Finding& f) {
    f.message = "host code " + verb(action) + " " + bytes_text(bytes) +
                " of device memory (a program on a GPU stops here with a segmentation fault)";
    f.cause = "a device pointer used on the host: copy with cudaMemcpy first";
  });
}

}  // namespace simt::checking
