// Libraries in kernels and around them: CUB's block and warp primitives, Thrust, cuBLAS.
#include <cublas_v2.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
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
  const int sum = Reduce(temp.reduce).Reduce(mine[0], cub::Sum());  // CUB's own until CUDA 13, as is the next
  cub::CTA_SYNC();
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

// Products of halves are summed up in single precision, and rounded once.
template <class Half>
int products_of_halves(cublasHandle_t handle, cudaDataType type) {
  constexpr int m = 17, n = 12, k = 33, batch = 2;
  Half *a, *b, *c;
  REQUIRE(cudaMallocManaged(&a, m * k * batch * sizeof *a) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&b, k * n * batch * sizeof *b) == cudaSuccess);
  REQUIRE(cudaMallocManaged(&c, m * n * batch * sizeof *c) == cudaSuccess);
  for (int i = 0; i < m * k * batch; ++i) a[i] = Half(float(i % 7 - 3) / 4);
  for (int i = 0; i < k * n * batch; ++i) b[i] = Half(float(i % 5 - 2) / 2);
  for (int i = 0; i < m * n * batch; ++i) c[i] = Half(1.0f);
  const float alpha = 2, beta = 1;
  REQUIRE(cublasGemmStridedBatchedEx(handle, CUBLAS_OP_T, CUBLAS_OP_N, m, n, k, &alpha, a, type, k, m * k, b,
                                     type, k, k * n, &beta, c, type, m, m * n, batch, CUBLAS_COMPUTE_32F,
                                     CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  for (int s = 0; s < batch; ++s)
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) {
        float sum = 0;  // of multiples of 1/8: exact
        for (int p = 0; p < k; ++p) sum += float(a[(s * m + i) * k + p]) * float(b[(s * n + j) * k + p]);
        REQUIRE(float(c[(s * n + j) * m + i]) == float(Half(2 * sum + 1)));
      }
  REQUIRE(cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &alpha, a, type, 1, b, CUDA_R_8I, 1, &beta,
                       c, type, 1, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_NOT_SUPPORTED);
  cudaFree(a), cudaFree(b), cudaFree(c);
  return 0;
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

  float sum;
  int place;
  REQUIRE(cublasSasum(handle, m * k, da, 1, &sum) == CUBLAS_STATUS_SUCCESS && sum == 14 * 15 / 2);
  REQUIRE(cublasIsamax(handle, m * k, da, 1, &place) == CUBLAS_STATUS_SUCCESS && place == m * k);
  REQUIRE(cublasIsamin(handle, m * k - 1, da + 1, 1, &place) == CUBLAS_STATUS_SUCCESS && place == 1);
  REQUIRE(cublasScopy(handle, m, da + m, 1, dc, 2) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSswap(handle, m, da, 1, dc, 2) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSger(handle, m, 1, &alpha, dc, 2, da, 1, da, m) == CUBLAS_STATUS_SUCCESS);  // da[0] is 5
  cudaMemcpyAsync(got, da, m * sizeof(float), cudaMemcpyDeviceToHost, stream);
  const float *pairs[] = {da, da + m}, **dpairs;
  float *results[] = {dc, dc + 4}, **dresults;
  cudaMalloc(&dpairs, sizeof pairs), cudaMalloc(&dresults, sizeof results);
  cudaMemcpy(dpairs, pairs, sizeof pairs, cudaMemcpyHostToDevice);
  cudaMemcpy(dresults, results, sizeof results, cudaMemcpyHostToDevice);
  const float none = 0;  // squares of two 2 x 2 matrices
  REQUIRE(cublasSgemmBatched(handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 2, &alpha, dpairs, 2, dpairs, 2, &none,
                             dresults, 2, 2) == CUBLAS_STATUS_SUCCESS);
  float squares[8];
  cudaMemcpyAsync(squares, dc, sizeof squares, cudaMemcpyDeviceToHost, stream);
  cudaStreamSynchronize(stream);
  for (int i = 0; i < m; ++i) REQUIRE(got[i] == 5 + i + 2 * i * 5);
  const float second[] = {5, 6, 7, 8};
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) {
      REQUIRE(squares[j * 2 + i] == 2 * (got[i] * got[j * 2] + got[2 + i] * got[j * 2 + 1]));
      REQUIRE(squares[4 + j * 2 + i] == 2 * (second[i] * second[j * 2] + second[2 + i] * second[j * 2 + 1]));
    }
  cudaFree(dpairs), cudaFree(dresults);
  // A row of a, gathered and scattered by copies that the stream makes.
  REQUIRE(cublasSetMatrixAsync(m, k, sizeof *a, a, m, da, m, stream) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasGetVectorAsync(k, sizeof *a, da + 2, m, got, 1, stream) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasSetVectorAsync(k, sizeof *a, got, 1, dc, 2, stream) == CUBLAS_STATUS_SUCCESS);
  REQUIRE(cublasGetMatrixAsync(1, k, sizeof *a, dc, 2, squares, 1, stream) == CUBLAS_STATUS_SUCCESS);
  cudaStreamSynchronize(stream);
  for (int i = 0; i < k; ++i) REQUIRE(squares[i] == a[i * m + 2]);
  REQUIRE(products_of_halves<__half>(handle, CUDA_R_16F) == 0);
  REQUIRE(products_of_halves<__nv_bfloat16>(handle, CUDA_R_16BF) == 0);
  REQUIRE(cublasDestroy(handle) == CUBLAS_STATUS_SUCCESS);
  cudaStreamDestroy(stream);
  cudaFree(da), cudaFree(db), cudaFree(dc);
  return 0;
}
