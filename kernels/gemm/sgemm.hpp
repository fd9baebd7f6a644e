// SGEMM for every shape: picks a tile, a copy engine and a number of slices along k by predicted time, from
// what tuning.inc holds of the GPU. Plain functions: the kernels are compiled once, in the library `kernels`.
#pragma once

#include <span>
#include <string>

#include "kernels/gemm/product.cuh"

namespace gemm {

// C = alpha * op(A) * op(B) + beta * C on `stream`, for any sizes, strides, alignment and batch.
// Deterministic on a given GPU. `workspace` has sgemm_workspace(p) bytes and is 256-byte aligned.
std::size_t sgemm_workspace(const Product& p);
cudaError_t sgemm(const Product& p, void* workspace, cudaStream_t stream);

// --- The choice, for who wants to see or force it ---

// A kernel at one tile size.
struct Config {
  const char* name;
  int tile_m, tile_n, tile_k;
  int blocks;  // on an SM at a time
  int shared_bytes;
  bool tma;  // needs compute capability 9.0, k > 0 and one slice or slices of one sum
  cudaError_t (*launch)(const Product&, cudaStream_t);
};
std::span<const Config> configs();

struct Gpu {
  int sms = 1, major = 0;
  int shared_bytes = 48 << 10;  // that a block may have
  std::string name;
};
// The device that is current at the first call; a process is taken to use one kind.
const Gpu& this_gpu();

struct Plan {
  int config = 0;  // of configs()
  int depth = 0;   // of a slice along k
  int slices = 1;  // along k
  bool pack_a = false, pack_b = false;
  double cycles = 0;  // predicted
};
// The plan with the least predicted time. Depends on sizes and strides, not on pointers.
Plan make_plan(const Product& p, const Gpu& gpu = this_gpu());

// Bytes of workspace that p takes by this plan, and p enqueued by it.
std::size_t sgemm_workspace(const Product& p, const Plan& plan);
cudaError_t sgemm(const Product& p, const Plan& plan, void* workspace, cudaStream_t stream);

}  // namespace gemm
