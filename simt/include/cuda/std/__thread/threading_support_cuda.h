#pragma once
// How a thread of libcu++ waits, for an atomic, a latch or a semaphore: it lets others run, who on a GPU
// would run anyway.
#include <cuda/std/chrono>

#include "simt/sync.hpp"

_LIBCUDACXX_BEGIN_NAMESPACE_STD

inline void __cccl_thread_yield() { ::simt::yield(); }
inline void __cccl_thread_sleep_for(chrono::nanoseconds) { ::simt::yield(); }

_LIBCUDACXX_END_NAMESPACE_STD
