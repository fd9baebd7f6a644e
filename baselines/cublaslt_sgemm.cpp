// cublasLt's SGEMM twice: with the algorithm its heuristic ranks first, and with the fastest of all that the
// heuristic offers, as the harness times them. FP32 arithmetic (CUBLAS_COMPUTE_32F: no TF32), 32 MiB of
// workspace, which is what NVIDIA recommends on Hopper. Matrices are exchanged as in cublas_sgemm.cpp.
#include <cublasLt.h>

#include <array>
#include <map>
#include <vector>

#include "baselines/cublas.hpp"
#include "chapters/03-gemm/problem.hpp"

namespace {

constexpr std::size_t kWorkspace = std::size_t(32) << 20;

// One shape's call: descriptors, and the algorithms to choose from. Lives until the process ends.
struct Call {
  cublasLtMatmulDesc_t operation;
  cublasLtMatrixLayout_t a, b, c;
  std::vector<cublasLtMatmulAlgo_t> algos;
  std::size_t chosen;
};

cublasLtHandle_t handle() {
  static const cublasLtHandle_t handle = [] {
    cublasLtHandle_t h = nullptr;
    check_cublas(cublasLtCreate(&h), "cublasLtCreate");
    return h;
  }();
  return handle;
}

cublasLtMatrixLayout_t layout(std::int64_t rows, std::int64_t columns, std::int64_t ld, int batch,
                              std::int64_t stride) {
  cublasLtMatrixLayout_t l = nullptr;
  check_cublas(cublasLtMatrixLayoutCreate(&l, CUDA_R_32F, rows, columns, ld), "cublasLtMatrixLayoutCreate");
  cublasLtMatrixLayoutSetAttribute(l, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch, sizeof batch);
  cublasLtMatrixLayoutSetAttribute(l, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride);
  return l;
}

Call describe(const Sgemm::Args& p) {
  Call call{};
  check_cublas(cublasLtMatmulDescCreate(&call.operation, CUBLAS_COMPUTE_32F, CUDA_R_32F),
               "cublasLtMatmulDescCreate");
  const cublasOperation_t op_a = p.tb ? CUBLAS_OP_T : CUBLAS_OP_N, op_b = p.ta ? CUBLAS_OP_T : CUBLAS_OP_N;
  cublasLtMatmulDescSetAttribute(call.operation, CUBLASLT_MATMUL_DESC_TRANSA, &op_a, sizeof op_a);
  cublasLtMatmulDescSetAttribute(call.operation, CUBLASLT_MATMUL_DESC_TRANSB, &op_b, sizeof op_b);
  call.a = layout(p.tb ? p.k : p.n, p.tb ? p.n : p.k, p.ldb, p.batch, p.stride_b);
  call.b = layout(p.ta ? p.m : p.k, p.ta ? p.k : p.m, p.lda, p.batch, p.stride_a);
  call.c = layout(p.n, p.m, p.ldc, p.batch, p.stride_c);
  return call;
}

cublasStatus_t enqueue(const Call& call, const Sgemm::Args& p, const bench::Context& ctx) {
  return cublasLtMatmul(handle(), call.operation, &p.alpha, p.b, call.a, p.a, call.b, &p.beta, p.c, call.c,
                        p.c, call.c, &call.algos[call.chosen], ctx.workspace, kWorkspace, ctx.stream);
}

std::vector<cublasLtMatmulHeuristicResult_t> candidates(const Call& call, int most) {
  cublasLtMatmulPreference_t preference = nullptr;
  check_cublas(cublasLtMatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
  cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &kWorkspace,
                                       sizeof kWorkspace);
  // Pointers are taken to be aligned to 256 bytes, which is cublasLt's default and what the harness gives.
  std::vector<cublasLtMatmulHeuristicResult_t> found(most);
  int count = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
      handle(), call.operation, call.a, call.b, call.c, call.c, preference, most, found.data(), &count);
  cublasLtMatmulPreferenceDestroy(preference);
  check_cublas(status, "cublasLtMatmulAlgoGetHeuristic");
  found.resize(count);
  std::erase_if(found, [](const auto& f) { return f.state != CUBLAS_STATUS_SUCCESS; });
  if (found.empty()) throw bench::DeviceError("cublasLt has no algorithm for this shape");
  return found;
}

// The calls that were prepared, by everything a choice depends on.
template <bool kTuned>
Call& prepared(const Sgemm::Args& p) {
  static std::map<std::array<std::int64_t, 13>, Call> calls;
  return calls[{p.m, p.n, p.k, p.ta, p.tb, p.beta == 0, p.lda, p.ldb, p.ldc, p.batch, p.stride_a, p.stride_b,
                p.stride_c}];
}

template <bool kTuned>
void prepare(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0 || p.batch == 0) return;
  Call& call = prepared<kTuned>(p);
  if (!call.algos.empty()) return;
  Call fresh = describe(p);
  for (const auto& candidate : candidates(fresh, kTuned ? 256 : 1)) fresh.algos.push_back(candidate.algo);
  while (enqueue(fresh, p, ctx) != CUBLAS_STATUS_SUCCESS)  // the first that runs
    if (++fresh.chosen == fresh.algos.size())
      throw bench::DeviceError("cublasLtMatmul: no algorithm runs this shape");
  call = fresh;
}

int ways(const Sgemm::Args& p) { return static_cast<int>(prepared<true>(p).algos.size()); }
void choose(const Sgemm::Args& p, int way) { prepared<true>(p).chosen = static_cast<std::size_t>(way); }

template <bool kTuned>
void run(const Sgemm::Args& p, const bench::Context& ctx) {
  if (p.m == 0 || p.n == 0 || p.batch == 0) return;
  check_cublas(enqueue(prepared<kTuned>(p), p, ctx), "cublasLtMatmul");
}

template <bool kTuned>
std::string detail(const Sgemm::Args& p) {
  const Call& call = prepared<kTuned>(p);
  if (call.algos.empty()) return "";
  const auto value = [&](cublasLtMatmulAlgoConfigAttributes_t attribute) {
    std::uint32_t v = 0;  // every attribute asked for is 32 bits or fewer
    cublasLtMatmulAlgoConfigGetAttribute(&call.algos[call.chosen], attribute, &v, sizeof v, nullptr);
    return std::to_string(v);
  };
  return "algorithm " + value(CUBLASLT_ALGO_CONFIG_ID) + ", tile " + value(CUBLASLT_ALGO_CONFIG_TILE_ID) +
         ", stages " + value(CUBLASLT_ALGO_CONFIG_STAGES_ID) + ", split-k " +
         value(CUBLASLT_ALGO_CONFIG_SPLITK_NUM) + ", swizzle " + value(CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING) +
         " (cublasLt's numbers)";
}

std::string needs(const Sgemm::Args& p) { return p.k == 0 ? "needs k > 0" : ""; }
std::size_t workspace(const Sgemm::Args&) { return kWorkspace; }

const bench::Rung<Sgemm> heuristic({
    .title = "cublasLt, heuristic",
    .idea = "the algorithm that NVIDIA's heuristic ranks first",
    .run = run<false>,
    .needs = needs,
    .workspace = workspace,
    .prepare = prepare<false>,
    .detail = detail<false>,
    .name = "heuristic",
});

const bench::Rung<Sgemm> tuned({
    .title = "cublasLt, autotuned",
    .idea = "the fastest of up to 256 algorithms, each timed beforehand as rungs are",
    .run = run<true>,
    .needs = needs,
    .workspace = workspace,
    .prepare = prepare<true>,
    .ways = ways,
    .choose = choose,
    .detail = detail<true>,
    .name = "tuned",
});

}  // namespace
