// Split-K whose slices write their sums side by side; a second kernel adds them in order of slices.
//
//   slice 0: partial[0][…]  ┐
//   slice 1: partial[1][…]  ├─ one thread for each weight adds them, always in this order
//   …                       ┘
//
// The same bits every time, on every GPU, because the number of slices depends on the sizes alone. It costs
// one write and one read of each slice's sums: 9 * 64 * 64 weights * 56 slices * 8 bytes = 17 MB for a 64 to
// 64 channel layer where x and dy are 411 MB at N = 256, and no atomics, no zeroing.
#include "kernels/convolution/backward_filter.cuh"
#include "problem.hpp"

struct StorePartial {
  float* to;
  std::int64_t count;
  __device__ void operator()(int slice, int index, float value) const { to[slice * count + index] = value; }
};

static __global__ void add_slices(const float* partial, int slices, int count, float* out) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  float sum = 0;
  for (int slice = 0; slice < slices; ++slice) sum += partial[std::int64_t(slice) * count + i];
  out[i] = sum;
}

static void launch(const BackwardFilter<>::Args& a, const bench::Context& ctx) {
  const conv::Slices slices = conv::slices_for(a, 512);
  float* const partial = static_cast<float*>(ctx.workspace);
  const auto count = static_cast<int>(a.filter_count());
  conv::correlate(a, a.x, a.dy, slices, StorePartial{partial, count}, ctx.stream);
  constexpr int kThreads = 256;
  add_slices<<<(count - 1) / kThreads + 1, kThreads, 0, ctx.stream>>>(partial, slices.count, count,
                                                                      a.dfilter);
}

static const bench::Rung<BackwardFilter<>> rung({
    .title = "Gradient by the filter, deterministic split-K",
    .idea = "slices are stored and added in a fixed order: the same bits every time, for a few per cent more "
            "bytes",
    .run = launch,
    .workspace =
        [](const BackwardFilter<>::Args& a) {
          return conv::slices_for(a, 512).count * a.filter_count() * sizeof(float);
        },
});
