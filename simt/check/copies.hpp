// Copies by hardware of its own: cp.async, bulk and tensor copies. Between issue and landing, neither end may
// be touched.
#pragma once

#include "../runtime/block.hpp"
#include "places.hpp"

namespace simt::checking {

// The running thread issues a copy of `bytes` to `to`, of which `source_bytes` come from `from` and the rest
// are zeros. `bulk`: through the async proxy, which sees ordinary stores to shared memory only past a fence.
void copy_issued(std::uintptr_t to, std::uintptr_t from, std::size_t bytes, std::size_t source_bytes,
                 bool bulk, Code code);
// It has landed, as a write of `owner`'s; null: of whoever waits for it.
void copy_landed(std::uintptr_t to, std::uintptr_t from, std::size_t bytes, const Thread* owner);
// A bulk copy of the running thread out of shared memory writes there; `atomically`: as a reduction.
void bulk_write_issued(std::uintptr_t to, std::size_t bytes, bool atomically, Code code);
void bulk_write_landed(std::uintptr_t to, std::size_t bytes, bool atomically, Code code);
// The running thread executes fence.proxy.async.
void proxy_fenced();

}  // namespace simt::checking
