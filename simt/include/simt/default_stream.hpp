#pragma once
// --default-stream per-thread: each thread of the host has a default stream of its own. CUDA's headers give
// calls other names then; here the calls ask which it is. So it holds for a whole program, where one of its
// files says so.
#if defined CUDA_API_PER_THREAD_DEFAULT_STREAM
#undef CUDA_API_PER_THREAD_DEFAULT_STREAM
#include <cuda_runtime_api.h>
#define CUDA_API_PER_THREAD_DEFAULT_STREAM 1
extern "C" {
[[gnu::weak, gnu::used]] extern const bool simt_per_thread_default_stream = true;
}
#endif
