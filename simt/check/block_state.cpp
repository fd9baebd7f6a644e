#include "block_state.hpp"

#include <sys/mman.h>

#include <array>
#include <mutex>
#include <new>

#include "../runtime/state.hpp"
#include "simt/lasting.hpp"

namespace simt::checking {
namespace {

constexpr std::size_t max_windows = 1 << 14;
[[gnu::init_priority(before_program)]] Lasting<std::array<std::unique_ptr<BlockState>, max_windows>>
    all_states;
auto& states = all_states.object;  // each made by the worker that needs it
std::atomic<std::size_t> windows_used{0};
std::atomic<std::uint32_t> segments{0};
std::mutex mutex;  // guards the next
[[gnu::init_priority(before_program)]] Lasting<std::unordered_map<std::uint32_t, std::uint32_t>> publications;
auto& published_until = publications.object;  // block to segment

// By segment: of which block. Address space for all that there can be.
std::uint32_t* segment_blocks() {
  static auto* const blocks = [] {
    void* p = mmap(nullptr, (std::size_t{1} << 32) * sizeof(std::uint32_t), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    return static_cast<std::uint32_t*>(p);
  }();
  return blocks;
}

}  // namespace

std::uint32_t first_segment = 1;

BlockState& state_of(const Block& block) {
  const std::size_t window =
      (reinterpret_cast<std::uintptr_t>(block.shared_base) - shared_region.begin) / shared_window;
  auto& state = states.at(window);
  if (!state) {
    state = std::make_unique<BlockState>();
    state->worker = static_cast<const ResidentBlock&>(block).worker;
    for (std::size_t used = windows_used;
         used <= window && !windows_used.compare_exchange_weak(used, window + 1);) {
    }
  }
  return *state;
}

void for_block_states(const std::function<void(BlockState&)>& f) {
  for (std::size_t i = 0; i < windows_used; ++i)
    if (BlockState* state = states[i].get()) f(*state);
}

void order_segments() {
  first_segment = segments + 1;
  std::lock_guard lock(mutex);
  published_until.clear();
}

std::uint32_t next_segment(std::uint32_t block) {
  const std::uint32_t segment = ++segments;
  segment_blocks()[segment] = block;
  return segment;
}

std::uint32_t block_of_segment(std::uint32_t segment) { return segment_blocks()[segment]; }

bool published(std::uint32_t linear, std::uint32_t segment) {
  std::lock_guard lock(mutex);
  const auto found = published_until.find(linear);
  return found != published_until.end() && found->second >= segment;
}

void publish(const BlockState& state) {
  std::lock_guard lock(mutex);
  published_until[state.linear] = state.segment;
}

}  // namespace simt::checking
