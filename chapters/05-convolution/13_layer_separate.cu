// The layer as networks use it, y = max(0, convolution + bias), in two kernels: the convolution, then a pass
// over y.
//
//   convolution ──► y in memory ──► read, add, max, write ──► y in memory
//
// The second kernel has one addition and one comparison for 8 bytes of traffic. For a 1 x 1 layer from 64 to
// 256 channels of 56 x 56 at N = 256 y is 822 MB: 1.6 GB more, at 4.3 TB/s 0.4 ms, as long as the
// convolution's 26 GFLOP take at the FP32 peak.
#include "kernels/convolution/forward.cuh"
#include "problem.hpp"

static __global__ void add_bias_relu(BiasRelu<>::Args a, int count) {
  const std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const int k = a.nhwc ? i % a.k : i / (a.p * a.q) % a.k;
  a.y[i] = fmaxf(a.y[i] + a.bias[k], 0.0f);
}

static void launch(const BiasRelu<>::Args& a, const bench::Context& ctx) {
  const auto count = static_cast<int>(a.y_count());
  if (count == 0) return;
  constexpr int kThreads = 256;
  conv::forward(a, a.x, a.filter, a.y, conv::Identity{}, ctx.workspace, ctx.stream);
  add_bias_relu<<<(count - 1) / kThreads + 1, kThreads, 0, ctx.stream>>>(a, count);
}

static const bench::Rung<BiasRelu<>> rung({
    .title = "Layer in two kernels",
    .idea = "the convolution as it is, then a pass over y for bias and ReLU: 8 bytes of traffic an output",
    .run = launch,
    .workspace = [](const BiasRelu<>::Args& a) { return conv::forward_workspace(a, true); },
    .min_sm = 80,
});
