// Wait for nothing. Hogwild! (Niu, Recht, Re and Wright 2011): every warp takes a sample, reads the weights
// as they happen to be, and adds its update to them, while all others do the same. No barrier, no lock, no
// second copy:
//
//   warp 0   read w ─ r ─ atomicAdd      read w ─ r ─ atomicAdd …
//   warp 1      read w ─ r ─ atomicAdd     read w ─ r ─ atomicAdd …        w
//   warp 2    read w ─ r ─ atomicAdd    read w ─ r ─ atomicAdd …
//
// Counted: no wait at all, but d + 1 atomic additions a sample to the same few addresses, which the L2 cache
// does one after another: about 1 per clock and address, so 64 updates in flight queue up for a dense model.
// (The paper's models are sparse: two samples rarely share a feature.) A read may miss the updates of every
// other warp, so the rate must shrink as workers are added: experiment 3 finds where it diverges. Two runs
// give different bits, so this rung is judged by the loss it reaches (hogwild.hpp), not by its steps.
#include "hogwild.hpp"
#include "kernels/launch.cuh"
#include "kernels/sgd/warp.cuh"

static __global__ void hogwild(Hogwild::Args p) {
  const int worker = static_cast<int>((blockIdx.x * blockDim.x + threadIdx.x) / 32);
  const int workers = static_cast<int>(gridDim.x * blockDim.x / 32),
            lane = static_cast<int>(threadIdx.x % 32);
  const sgd::Order order(p.n, 1, p.seed);
  // volatile: read where the atomics write, in the L2 cache, and never a copy that this SM kept from earlier.
  const volatile float* w = p.w;
  for (int v = worker; v < p.visits; v += workers) {
    const std::int64_t row = order.sample(v, 0);
    const float* x = p.x + row * p.d;
    float z = 0;
    for (int j = lane; j < p.d; j += 32) z += w[j] * x[j];
    const float step = p.lr * (sgd::Warp().sum(z) + w[p.d] - p.y[row]);
    for (int j = lane; j <= p.d; j += 32) atomicAdd(p.w + j, -step * (j < p.d ? x[j] : 1.0f));
  }
}

// The mean loss over all samples: one block, added up in the order of its warps.
static __global__ void __launch_bounds__(1024) evaluate(Hogwild::Args p) {
  __shared__ float sums[32];
  const int warp = static_cast<int>(threadIdx.x / 32), lane = static_cast<int>(threadIdx.x % 32);
  float loss = 0;
  for (std::int64_t i = warp; i < p.n; i += 32) {
    float z = 0;
    for (int j = lane; j < p.d; j += 32) z += p.w[j] * p.x[i * p.d + j];
    const float r = sgd::Warp().sum(z) + p.w[p.d] - p.y[i];
    loss += 0.5f * r * r;
  }
  if (lane == 0) sums[warp] = loss;
  __syncthreads();
  if (warp > 0) return;
  loss = sgd::Warp().sum(sums[lane]);
  if (lane == 0) *p.loss = loss / static_cast<float>(p.n);
}

static void train(const Hogwild::Args& p, const bench::Context& ctx) {
  constexpr int kThreads = 128;
  // Whole blocks of four warps; fewer workers than four would only leave warps without a sample.
  const unsigned threads = p.workers < 4 ? 32 * static_cast<unsigned>(p.workers) : kThreads;
  const auto blocks = static_cast<unsigned>(std::max(p.workers * 32 / static_cast<int>(threads), 1));
  hogwild<<<blocks, threads, 0, ctx.stream>>>(p);
  evaluate<<<1, 1024, 0, ctx.stream>>>(p);
}

static const bench::Rung<Hogwild> rung({
    .title = "Hogwild!: nobody waits",
    .idea =
        "one sample a warp, atomic additions to shared weights, no barrier; judged by the loss it reaches",
    .run = train,
    .deterministic = false,
});
