// cuRAND's generators for the host's calls (curand.h), over those for kernels (curand_kernel.h): each
// generator is one sequence of theirs, so that a GPU's numbers come in another order. Sobol's and Mersenne's
// are not here.
#if __has_include(<curand.h>)
#include "simt/cuda.hpp"
//
#include <curand.h>
#include <curand_kernel.h>

#include <variant>

#include "simt/observer.hpp"
#include "stream.hpp"

struct curandGenerator_st {
  std::variant<curandStateXORWOW_t, curandStatePhilox4_32_10_t, curandStateMRG32k3a_t> state;
  bool on_host = false;  // writes the host's memory, at once
  unsigned long long seed = 0, offset = 0;
  bool started = false;
  cudaStream_t stream = nullptr;
};

namespace {

curandStatus_t create(curandGenerator_t* generator, curandRngType_t type, bool on_host) {
  if (!generator) return CURAND_STATUS_NOT_INITIALIZED;
  curandGenerator_st made;
  switch (type) {
    case CURAND_RNG_PSEUDO_DEFAULT:
    case CURAND_RNG_PSEUDO_XORWOW: made.state = curandStateXORWOW_t{}; break;
    case CURAND_RNG_PSEUDO_PHILOX4_32_10: made.state = curandStatePhilox4_32_10_t{}; break;
    case CURAND_RNG_PSEUDO_MRG32K3A: made.state = curandStateMRG32k3a_t{}; break;
    default: return CURAND_STATUS_TYPE_ERROR;
  }
  made.on_host = on_host;
  *generator = new curandGenerator_st(made);
  return CURAND_STATUS_SUCCESS;
}

curandStatus_t wait_for(curandGenerator_t g) {
  if (!g) return CURAND_STATUS_NOT_INITIALIZED;
  return cudaStreamSynchronize(g->stream) == cudaSuccess ? CURAND_STATUS_SUCCESS
                                                         : CURAND_STATUS_PREEXISTING_FAILURE;
}

/// Fills `out` with what `draw` makes of the generator's state, as work of its stream.
template <class T, class Draw>
curandStatus_t generate(curandGenerator_t g, T* out, size_t n, Draw draw) {
  if (!g) return CURAND_STATUS_NOT_INITIALIZED;
  auto work = [=] {
    std::visit(
        [&](auto& state) {
          if (!g->started) curand_init(g->seed, 0, g->offset, &state);
          for (size_t i = 0; i < n; ++i) out[i] = draw(&state);
        },
        g->state);
    g->started = true;
    if (simt::observer && !g->on_host) simt::observer->runtime_writes(out, n * sizeof(T), {});
  };
  if (g->on_host) return work(), CURAND_STATUS_SUCCESS;
  const cudaError_t error = simt::enqueue(g->stream, work, cudaGraphNodeTypeHost);
  return error == cudaSuccess ? CURAND_STATUS_SUCCESS : CURAND_STATUS_LAUNCH_FAILURE;
}

/// Of those that come in pairs.
template <class T, class Draw>
curandStatus_t generate_pairs(curandGenerator_t g, T* out, size_t n, Draw draw) {
  return n % 2 ? CURAND_STATUS_LENGTH_NOT_MULTIPLE : generate(g, out, n, draw);
}

}  // namespace

curandStatus_t curandCreateGenerator(curandGenerator_t* generator, curandRngType_t type) {
  return create(generator, type, false);
}
curandStatus_t curandCreateGeneratorHost(curandGenerator_t* generator, curandRngType_t type) {
  return create(generator, type, true);
}
curandStatus_t curandDestroyGenerator(curandGenerator_t g) {
  const curandStatus_t status = wait_for(g);
  delete g;
  return status;
}
curandStatus_t curandGetVersion(int* version) {
  *version = CURAND_VERSION;
  return CURAND_STATUS_SUCCESS;
}
curandStatus_t curandSetStream(curandGenerator_t g, cudaStream_t stream) {
  const curandStatus_t status = wait_for(g);
  if (g) g->stream = stream;
  return status;
}
curandStatus_t curandSetPseudoRandomGeneratorSeed(curandGenerator_t g, unsigned long long seed) {
  const curandStatus_t status = wait_for(g);
  if (g) g->seed = seed, g->started = false;
  return status;
}
curandStatus_t curandSetGeneratorOffset(curandGenerator_t g, unsigned long long offset) {
  const curandStatus_t status = wait_for(g);
  if (g) g->offset = offset, g->started = false;
  return status;
}
curandStatus_t curandSetGeneratorOrdering(curandGenerator_t g, curandOrdering_t) { return wait_for(g); }
curandStatus_t curandGenerateSeeds(curandGenerator_t g) { return wait_for(g); }

curandStatus_t curandGenerate(curandGenerator_t g, unsigned* out, size_t n) {
  return generate(g, out, n, [](auto* state) { return curand(state); });
}
curandStatus_t curandGenerateUniform(curandGenerator_t g, float* out, size_t n) {
  return generate(g, out, n, [](auto* state) { return curand_uniform(state); });
}
curandStatus_t curandGenerateUniformDouble(curandGenerator_t g, double* out, size_t n) {
  return generate(g, out, n, [](auto* state) { return curand_uniform_double(state); });
}
curandStatus_t curandGenerateNormal(curandGenerator_t g, float* out, size_t n, float mean, float deviation) {
  return generate_pairs(g, out, n, [=](auto* state) { return mean + deviation * curand_normal(state); });
}
curandStatus_t curandGenerateNormalDouble(curandGenerator_t g, double* out, size_t n, double mean,
                                          double deviation) {
  return generate_pairs(g, out, n,
                        [=](auto* state) { return mean + deviation * curand_normal_double(state); });
}
curandStatus_t curandGenerateLogNormal(curandGenerator_t g, float* out, size_t n, float mean,
                                       float deviation) {
  return generate_pairs(g, out, n, [=](auto* state) { return curand_log_normal(state, mean, deviation); });
}
curandStatus_t curandGenerateLogNormalDouble(curandGenerator_t g, double* out, size_t n, double mean,
                                             double deviation) {
  return generate_pairs(g, out, n,
                        [=](auto* state) { return curand_log_normal_double(state, mean, deviation); });
}
curandStatus_t curandGeneratePoisson(curandGenerator_t g, unsigned* out, size_t n, double lambda) {
  return generate(g, out, n, [=](auto* state) { return curand_poisson(state, lambda); });
}
#endif
