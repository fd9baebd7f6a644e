// The peaks verb: what this GPU can do at best, measured, for the ceilings that results are held against.
#pragma once

#include <cuda_runtime.h>
#include <library_types.h>

#include <iosfwd>
#include <string>
#include <vector>

namespace bench {

// Measures and writes a result file of kind "peaks". Prints "plan", "case" and "end" lines. Throws BadInput
// where there is no GPU, and on simt.
int peaks_all(const std::string& out_path, const std::vector<std::string>& argv, std::ostream& out);

// What is timed (peaks.cu). All of it is enqueued on the stream, and returns at once.
namespace probe {

void copy(cudaStream_t stream, void* to, const void* from, std::size_t bytes);  // bytes: a multiple of 16
// Fused multiply-adds in registers, on every lane of every SM: returns how many FLOPs. `sink` takes a float.
double fma32(cudaStream_t stream, float* sink);
void empty(cudaStream_t stream);
// One block on every SM: the whole grid meets `times` times. Throws DeviceError.
void grid_sync(cudaStream_t stream, int times);
// U[-1, 1) in the type that cudaDataType names: R_64F, R_32F, R_16F, R_16BF, R_8F_E4M3, or R_8I (whole, -100
// to 100).
void fill_random(cudaStream_t stream, void* data, std::size_t count, cudaDataType type);

}  // namespace probe
}  // namespace bench
