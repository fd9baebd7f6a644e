// Libraries in kernels and around them: CUB's block and warp primitives, Thrust, cuBLAS.
#include <cublas_v2.h>
#include <thrust/device_vector.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sort.h>
#include <thrust/transform.h>

#include <cstdio>
#include <cub/block/block_radix_sort.cuh>
#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>

#define REQUIRE(condition)                              \
  if (!(condition)) {                                   \
    std::printf("line %d: %s\n", __LINE__, #condition); \
    return 1;                                           \
  }

template <int threads, int items>
__global__ void sort_block(int* keys, int* total) {
  using Sort = cub::BlockRadixSort<int, threads, items>;
  using Reduce = cub::BlockReduce<int, threads>;
  using Scan = cub::BlockScan<int, threads>;
  __shared__ union {
    typename Sort::TempStorage sort;
    typename Reduce::TempStorage reduce;
    typename Scan::TempStorage scan;
  } temp;
  int mine[items], before;
  for (int i = 0; i < items; ++i) mine[i] = keys[threadIdx.x * items + i];
  Sort(temp.sort).Sort(mine);
  __syncthreads();
  for (int i = 0; i < items; ++i) keys[threadIdx.x * items + i] = mine[i];
  const int sum = Reduce(temp.reduce).Sum(mine[0]);
  __syncthreads();
  Scan(temp.scan).ExclusiveSum(1, before);
  if (threadIdx.x == threads - 1) total[0] = before;
  if (threadIdx.x == 0) total[1] = sum;
}

struct Axpy {
  float a;
  __host__ __device__ float operator()(float x, float y) const { return a * x + y; }
};
__global__ void increment(float* x, int n) {
  if (threadIdx.x < n) x[threadIdx.x] += 1;
}

int main() {
  int *keys, *total;
  cudaMallocManaged(&keys, 256 * sizeof(int));
  cudaMallocManaged(&total, 2 * sizeof(int));
  for (int i = 0; i < 256; ++i) keys[i] = i * 101 % 256 - 128;
  sort_block<64, 4><<<1, 64>>>(keys, total);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int i = 0; i < 256; ++i) REQUIRE(keys[i] == i - 128);
  REQUIRE(total[0] == 63 && total[1] == 4 * (63 * 64 / 2) - 128 * 64);
  cudaFree(keys);
  cudaFree(total);

  thrust::device_vector<float> x(64), y(64, 1.f);
  for (int i = 0; i < 64; ++i) x[i] = i * 37 % 64;
  thrust::sort(x.begin(), x.end());
  thrust::transform(x.begin(), x.end(), y.begin(), y.begin(), Axpy{2});
  increment<<<1, 64>>>(thrust::raw_pointer_cast(y.data()), 64);
  cudaDeviceSynchronize();
  REQUIRE(y[10] == 22 && thrust::reduce(y.begin(), y.end()) == 2 * 64 + 63 * 64);
  thrust::inclusive_scan(x.begin(), x.end(), x.begin());
  REQUIRE(x[63] == 2016);

  cublasHandle_t handle;
  cudaStream_t stream;
  const int m = 5, n = 4, k = 3;
  float alpha = 2, beta = 1, a[m * k], b[k * n], c[m * n], dot, *da, *db, *dc;
  for (int i = 0; i < m * k; ++i) a[i] = i;
  for (int i = 0; i < k * n; ++i) b[i] = 2 * i + 1;
  for (int i = 0; i < m * n; ++i) c[i] = -i;
  cudaMalloc(&da, sizeof a);
  cudaMalloc(&db, sizeof b);
  cudaMalloc(&dc, sizeof c);
  cudaStreamCreate(&stream);
  REQUIRE(cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSetStream(handle, stream) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSetMatrix(m, k, sizeof *a, a, m, da, m) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSetMatrix(n, k, sizeof *b, b, n, db, n) == CUBLAS_STATUS_SUCCESS);
  cudaMemcpyAsync(dc, c, sizeof c, cudaMemcpyHostToDevice, stream);
  REQUIRE(cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_T, m, n, k, &alpha, da, m, db, n, &beta, dc, m) == 0);
  REQUIRE(cublasSscal(handle, m * n, &alpha, dc, 1) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSaxpy(handle, k, &alpha, da, 1, db, 1) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSdot(handle, k, db, 1, db, 1, &dot) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(dot == 1 * 1 + 5 * 5 + 9 * 9);
  REQUIRE(cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, m, n, k, &alpha, da, m - 1, db, k, &beta, dc, m) ==
          CUBLAS_STATUS_INVALID_VALUE);
  REQUIRE(cublasSetStream(nullptr, stream) == CUBLAS_STATUS_NOT_INITIALIZED);
  float got[m * n];
  cudaMemcpyAsync(got, dc, sizeof got, cudaMemcpyDeviceToHost, stream);
  cudaStreamSynchronize(stream);
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < m; ++i) {
      float sum = 0;
      for (int l = 0; l < k; ++l) sum += a[l * m + i] * b[l * n + j];
      REQUIRE(got[j * m + i] == 2 * (2 * sum + c[j * m + i]));
    }
  REQUIRE(cublasDestroy(handle) == CUBLAS_STATUS_SUCCESS);
  cudaStreamDestroy(stream);
  cudaFree(da), cudaFree(db), cudaFree(dc);
  return 0;
}
