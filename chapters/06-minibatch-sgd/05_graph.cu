// The same two kernels, launched by the hundred: an epoch's launches are recorded once as a CUDA graph, and
// each epoch is one launch of it. A node still costs the GPU about 1.3 us between dependent kernels, but the
// host is out of the way: it spends one call an epoch instead of two a step.
//
//   queued:   f b f b f b … f b f b f b …          2 calls a step, each 2.5 us of the host's time
//   graph:    [f→b→f→b→ … →f→b] [same] [same]      1 call an epoch
//
// A recorded kernel has its arguments frozen. What changes from epoch to epoch, the number of the step,
// therefore lives in memory on the GPU, and the last node of the graph moves it on. Counted: host calls per
// epoch fall from 2 * steps to 1; recording costs about as much as launching an epoch once, so it pays from
// the second epoch on.
#include "glm.hpp"
#include "kernels/launch.cuh"

static __global__ void forward(sgd::Step p, const int* done, int step) {
  sgd::forward(p, *done + step, blockIdx.x, gridDim.x);
}
static __global__ void backward(sgd::Step p, const int* done, int step) {
  sgd::backward(p, *done + step, blockIdx.x, gridDim.x);
}
static __global__ void advance(int* done, int steps) { *done += steps; }

static void train(const Sgd::Args& p, const bench::Context& ctx) {
  const sgd::Step step = make_step(p, ctx);
  auto* done = reinterpret_cast<int*>(step.sample_losses + p.batch);  // steps of the epochs that are over
  constexpr int kThreads = 256;
  const auto samples = static_cast<unsigned>(ceil_div(p.batch, kThreads / 32));
  const auto weights = static_cast<unsigned>(ceil_div(std::int64_t(p.k) * (p.d + 1), kThreads));
  const auto enqueue = [&](cudaStream_t stream, int steps) {
    for (int t = 0; t < steps; ++t) {
      forward<<<samples, kThreads, 0, stream>>>(step, done, t);
      backward<<<weights, kThreads, 0, stream>>>(step, done, t);
    }
  };
  cudaMemsetAsync(done, 0, sizeof *done, ctx.stream);
  const int epoch = step.order.steps_per_epoch();
  if (p.steps > epoch) {
    // Recorded on a stream of its own: the harness may hand out the default stream, which cannot record.
    cudaStream_t recording;
    cudaGraph_t graph;
    cudaGraphExec_t run;
    cudaStreamCreateWithFlags(&recording, cudaStreamNonBlocking);
    cudaStreamBeginCapture(recording, cudaStreamCaptureModeThreadLocal);
    enqueue(recording, epoch);
    advance<<<1, 1, 0, recording>>>(done, epoch);
    cudaStreamEndCapture(recording, &graph);
    cudaGraphInstantiate(&run, graph, 0);
    for (int e = 0; e < p.steps / epoch; ++e) cudaGraphLaunch(run, ctx.stream);
    cudaGraphExecDestroy(run);  // once what is queued has run
    cudaGraphDestroy(graph);
    cudaStreamDestroy(recording);
    enqueue(ctx.stream, p.steps % epoch);
  } else {
    enqueue(ctx.stream, p.steps);  // less than an epoch: nothing would be launched twice
  }
}

static const bench::Rung<Sgd> rung({
    .title = "CUDA graph, an epoch a launch",
    .idea = "the host's 2 calls a step become 1 an epoch",
    .run = train,
    .workspace = [](const Sgd::Args& p) { return step_workspace(p) + sizeof(int); },
});
