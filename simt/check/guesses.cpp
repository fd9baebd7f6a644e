#include "guesses.hpp"

#include <cstring>
#include <mutex>
#include <set>
#include <utility>

#include "explain.hpp"
#include "simt/lasting.hpp"

namespace simt::checking {
namespace {

// Reads that some thread followed up by an atomic access to the same address: in a loop that may also do
// without, as that of a maximum by atomicCAS, they are guesses wherever they race.
std::mutex known_guesses_mutex;
[[gnu::init_priority(before_program)]] Lasting<std::set<Code>> all_guesses;
auto& known_guesses = all_guesses.object;

void note_guess(Code code) {
  static thread_local Code noted = 0;
  if (code == noted) return;
  noted = code;
  std::lock_guard lock(known_guesses_mutex);
  known_guesses.insert(noted);
}

// Whether the store left what was there. Of the cell its own bytes: others may be another thread's.
bool stored_the_same(const Guess& guess) {
  const std::uint32_t all = ~0u,
                      own = guess.bytes >= 4 ? all : ~(all << 8 * guess.bytes) << guess.address % 4 * 8;
  return ((cell_at(guess.address) ^ guess.before) & own) == 0;
}

void report(const Guess& guess, BlockState& state) {
  if (guess.store ? stored_the_same(guess) : known_guess(guess.code)) return;
  if (guess.store) state.unwritten.erase(guess.address / 4);
  Thread* running = std::exchange(current, &simt::resident(*current).threads[guess.thread]);
  explain_race(guess.writer, guess.writer_code, Action::store, guess.store ? Action::store : Action::load,
               state, guess.address, guess.bytes, guess.code);
  current = running;
}

}  // namespace

std::uint32_t cell_at(std::uintptr_t address) {
  std::uint32_t bytes;
  std::memcpy(&bytes, reinterpret_cast<const void*>(address & ~std::uintptr_t{3}), sizeof bytes);
  return bytes;
}

bool known_guess(Code code) {
  std::lock_guard lock(known_guesses_mutex);
  return known_guesses.count(code) != 0;
}

void note_guess(const LoggedAccess* latest, std::uintptr_t address) {
  if (latest && latest->action == Action::load && latest->address / 8 == address / 8)
    note_guess(latest->code);
}

void settle_guesses(BlockState& state, const Thread& thread, Action action, std::uintptr_t address) {
  std::erase_if(state.guesses, [&](Guess& guess) {
    if (guess.store) return report(guess, state), true;
    if (guess.thread != thread.linear) return false;
    const bool same = guess.address / 8 == address / 8;
    if (same && action == Action::atomic) return note_guess(guess.code), true;
    if (same ? action == Action::load : --guess.patience > 0) return false;
    report(guess, state);
    return true;
  });
}

void report_guesses(BlockState& state) {
  for (const Guess& guess : std::exchange(state.guesses, {})) report(guess, state);
}

void report_unwritten(BlockState& state) {
  if (state.unwritten.empty()) return;
  auto& threads = const_cast<ResidentBlock&>(static_cast<const ResidentBlock&>(*state.block)).threads;
  Thread* running = current;
  for (const auto& [cell, read] : std::exchange(state.unwritten, {})) {
    current = &threads[read.thread];
    explain_uninitialised(cell * 4, read.bytes, read.code);
  }
  current = running;
}

}  // namespace simt::checking
