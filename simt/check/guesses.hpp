// What looks like a defect until later accesses tell: kept in the block's state (Guess, Unwritten).
#pragma once

#include "block_state.hpp"
#include "counts.hpp"

namespace simt::checking {

// The 4 bytes around the address, as they are now.
std::uint32_t cell_at(std::uintptr_t address);

// Whether a read was ever followed up by an atomic access of its thread.
bool known_guess(Code code);
// A thread's atomic access comes: if its latest was a read of the same place, that was a guess.
void note_guess(const LoggedAccess* latest, std::uintptr_t address);

// Who pushes onto a list reads its head, stores the link and only then swaps: a thread's next few accesses
// decide of a read. Of a store does anybody's next.
void settle_guesses(BlockState& state, const Thread& thread, Action action, std::uintptr_t address);

// The block's threads come to a barrier, or to the end: guesses that no atomic has followed were races.
void report_guesses(BlockState& state);
// So do reads of what nobody wrote until now.
void report_unwritten(BlockState& state);

}  // namespace simt::checking
