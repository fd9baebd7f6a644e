// Transposes that look fast without being it: what the harness must not believe.
#pragma once

#include "chapters/01-first-kernel/problem.hpp"

void honest(const Transpose::Args& p, const bench::Context& ctx);
void on_the_default_stream(const Transpose::Args& p, const bench::Context& ctx);  // by mistake, usually
void on_a_side_stream(const Transpose::Args& p, const bench::Context& ctx);       // on purpose
void same_pointers_same_result(const Transpose::Args& p,
                               const bench::Context& ctx);  // skips operands it has met
void kept_result(const Transpose::Args& p,
                 const bench::Context& ctx);  // copies what the first call of this size gave
void lazy_when_timed(const Transpose::Args& p,
                     const bench::Context& ctx);  // leaves the output alone after three calls
void breaks_the_device(const Transpose::Args& p, const bench::Context& ctx);  // no cheat, but as bad
void forget();                                                                // what they know
