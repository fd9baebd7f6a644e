// cuBLAS's own choice of kernel for SGEMM. "Pedantic" rules out TF32 and every other shortened arithmetic.
//
// cuBLAS is column-major and sees each of our matrices transposed: it computes C^T = op(B)^T * op(A)^T, which
// is the same call with A and B exchanged.
#include "baselines/cublas.hpp"
#include "chapters/03-gemm/problem.hpp"

static void prepare(const Sgemm::Args&, const bench::Context& ctx) { cublas_on(ctx.stream); }

static void run(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0) return;
  const auto op = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const cublasHandle_t handle = cublas_on(ctx.stream);
  if (p.batch == 1)
    check_cublas(cublasGemmEx_64(handle, op(p.tb), op(p.ta), p.n, p.m, p.k, &p.alpha, p.b, CUDA_R_32F, p.ldb,
                                 p.a, CUDA_R_32F, p.lda, &p.beta, p.c, CUDA_R_32F, p.ldc,
                                 CUBLAS_COMPUTE_32F_PEDANTIC, CUBLAS_GEMM_DEFAULT),
                 "cublasGemmEx");
  else
    check_cublas(cublasGemmStridedBatchedEx_64(handle, op(p.tb), op(p.ta), p.n, p.m, p.k, &p.alpha, p.b,
                                               CUDA_R_32F, p.ldb, p.stride_b, p.a, CUDA_R_32F, p.lda,
                                               p.stride_a, &p.beta, p.c, CUDA_R_32F, p.ldc, p.stride_c,
                                               p.batch, CUBLAS_COMPUTE_32F_PEDANTIC, CUBLAS_GEMM_DEFAULT),
                 "cublasGemmStridedBatchedEx");
}

static const bench::Rung<Sgemm> rung({
    .title = "cuBLAS GemmEx, FP32 pedantic",
    .idea = "NVIDIA's library, its default choice",
    .run = run,
    .prepare = prepare,
});
