// cuRAND's generators for the host's calls: pi by darts, moments, seeds, offsets, streams.
#include <curand.h>

#include <cmath>
#include <cstdio>
#include <vector>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }
#define MUST(call) REQUIRE((call) == CURAND_STATUS_SUCCESS)

__global__ void hits(const float* x, const float* y, int n, unsigned* inside) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const bool hit = i < n && x[i] * x[i] + y[i] * y[i] <= 1;
  const unsigned votes = __ballot_sync(~0u, hit);
  if (threadIdx.x % 32 == 0) atomicAdd(inside, __popc(votes));
}

// The mean of n numbers of this deviation is within 5 of its own deviations of `mean`.
template <class T>
bool has_mean(const std::vector<T>& x, double mean, double deviation) {
  double sum = 0;
  for (T value : x) sum += value;
  return std::fabs(sum / x.size() - mean) < 5 * deviation / std::sqrt(x.size());
}

int main() {
  const int n = 20000;
  float* x;
  unsigned *inside, counted;
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  cudaMalloc(&x, 2 * n * sizeof(float));
  cudaMalloc(&inside, sizeof(unsigned));
  std::vector<float> host(n), again(n);
  for (curandRngType_t type :
       {CURAND_RNG_PSEUDO_DEFAULT, CURAND_RNG_PSEUDO_PHILOX4_32_10, CURAND_RNG_PSEUDO_MRG32K3A}) {
    curandGenerator_t generator, on_host;
    MUST(curandCreateGenerator(&generator, type));
    MUST(curandSetStream(generator, stream));
    MUST(curandSetPseudoRandomGeneratorSeed(generator, 1234ULL));
    cudaMemsetAsync(inside, 0, sizeof(unsigned), stream);
    MUST(curandGenerateUniform(generator, x, n));
    MUST(curandGenerateUniform(generator, x + n, n));
    hits<<<(n + 255) / 256, 256, 0, stream>>>(x, x + n, n, inside);
    cudaMemcpyAsync(&counted, inside, sizeof counted, cudaMemcpyDeviceToHost, stream);
    cudaMemcpyAsync(host.data(), x, n * sizeof(float), cudaMemcpyDeviceToHost, stream);
    REQUIRE(cudaStreamSynchronize(stream) == cudaSuccess);
    const double p = std::acos(-1.0) / 4;
    REQUIRE(std::fabs(double(counted) / n - p) < 5 * std::sqrt(p * (1 - p) / n));
    REQUIRE(has_mean(host, 0.5, std::sqrt(1 / 12.0)));

    MUST(curandCreateGeneratorHost(&on_host, type));  // the same sequence, from its 100th on
    MUST(curandSetPseudoRandomGeneratorSeed(on_host, 1234ULL));
    MUST(curandSetGeneratorOffset(on_host, 100));
    MUST(curandGenerateUniform(on_host, again.data(), n));
    REQUIRE(again[0] == host[100] && again[50] == host[150] && again[0] != host[0]);

    MUST(curandGenerateNormal(on_host, again.data(), n, 3, 2));
    REQUIRE(has_mean(again, 3, 2));
    for (float& value : again) value = (value - 3) * (value - 3);
    REQUIRE(has_mean(again, 4, 4 * std::sqrt(2.0)));
    REQUIRE(curandGenerateNormal(on_host, again.data(), n - 1, 0, 1) == CURAND_STATUS_LENGTH_NOT_MULTIPLE);
    std::vector<double> doubles(n);
    MUST(curandGenerateLogNormalDouble(on_host, doubles.data(), n, 0, 0.5));
    const double spread = std::exp(0.25);
    REQUIRE(has_mean(doubles, std::sqrt(spread), std::sqrt((spread - 1) * spread) * std::exp(0)));
    std::vector<unsigned> counts(n);
    MUST(curandGeneratePoisson(on_host, counts.data(), n, 4));
    REQUIRE(has_mean(counts, 4, 2));
    MUST(curandDestroyGenerator(on_host));
    MUST(curandDestroyGenerator(generator));
  }
  curandGenerator_t none;
  REQUIRE(curandCreateGenerator(&none, CURAND_RNG_QUASI_SOBOL32) == CURAND_STATUS_TYPE_ERROR);
  cudaFree(x), cudaFree(inside);
  cudaStreamDestroy(stream);
  return 0;
}
