// The summit's kernels one by one: what the plan happens to choose for a shape must not decide what is
// tested.
#include <vector>

#include "bench/buffers.hpp"
#include "bench/device.hpp"
#include "kernels/gemm/sgemm.hpp"
#include "tests/catch.hpp"

namespace {

using bench::check;

bool device_is_here(int major) {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess && count > 0 && bench::compute_capability() >= 10 * major;
}

// Floats on the device, `shift` of them before the first.
class Array {
 public:
  Array(const std::vector<float>& host, int shift = 0) : shift_(shift) {
    check(cudaMalloc(&base_, (host.size() + shift + 1) * sizeof(float)), "cudaMalloc");
    check(cudaMemcpy(data(), host.data(), host.size() * sizeof(float), cudaMemcpyDefault), "cudaMemcpy");
  }
  ~Array() { cudaFree(base_); }
  Array(const Array&) = delete;
  float* data() const { return base_ + shift_; }
  std::vector<float> host(std::size_t count) const {
    std::vector<float> values(count);
    check(cudaMemcpy(values.data(), data(), count * sizeof(float), cudaMemcpyDefault), "cudaMemcpy");
    return values;
  }

 private:
  float* base_ = nullptr;
  int shift_ = 0;
};

// Whole numbers from -4 to 4, so that every sum is exact.
std::vector<float> integers(std::int64_t count, unsigned seed) {
  std::vector<float> values(count);
  for (auto& v : values) {
    seed = seed * 1664525u + 1013904223u;
    v = float(seed >> 16 & 7) - 4 + (seed >> 31);
  }
  return values;
}

struct Case {
  int m, n, k;
  bool ta, tb;
  int shift_a = 0, shift_b = 0, shift_c = 0;  // off a 16-byte boundary, in floats
};

// Runs the plan and counts elements of C, padding included, that are not exactly what they must be.
int wrong(const Case& c, gemm::Plan plan) {
  const std::int64_t lda = c.ta ? (c.m + 3) / 4 * 4 : c.k + 1, ldb = c.tb ? c.k : (c.n + 7) / 4 * 4,
                     ldc = c.n + 3;
  const auto a = integers((c.ta ? c.k : c.m) * lda, 1), b = integers((c.tb ? c.n : c.k) * ldb, 2);
  const auto old = integers(c.m * ldc, 3);
  const Array device_a(a, c.shift_a), device_b(b, c.shift_b), device_c(old, c.shift_c);
  const auto product = gemm::row_major(c.m, c.n, c.k, c.ta, c.tb, 2, device_a.data(), lda, device_b.data(),
                                       ldb, -1, device_c.data(), ldc);
  const Array workspace(std::vector<float>(gemm::sgemm_workspace(product, plan) / sizeof(float), NAN));
  check(gemm::sgemm(product, plan, workspace.data(), nullptr), "sgemm");
  check(cudaDeviceSynchronize(), "sgemm");
  const auto got = device_c.host(old.size());
  int count = 0;
  for (int i = 0; i < c.m; ++i)
    for (int j = 0; j < ldc; ++j) {
      const float before = old[i * ldc + j];
      double sum = 0;
      for (int q = 0; q < c.k && j < c.n; ++q)
        sum += double(a[c.ta ? q * lda + i : i * lda + q]) * b[c.tb ? j * ldb + q : q * ldb + j];
      count += !(got[i * ldc + j] == (j < c.n ? 2 * sum - before : before));
    }
  return count;
}

const int kConfigs = int(gemm::configs().size());
const gemm::Gpu kH200{.sms = 132, .major = 9, .shared_bytes = 227 << 10, .name = "NVIDIA H200"};

gemm::Product sized(int m, int n, int k, int batch = 1) {
  return gemm::row_major(m, n, k, false, false, 1, nullptr, k, nullptr, n, 0, nullptr, n, batch);
}

}  // namespace

TEST_CASE("each kernel multiplies exactly, whole and in slices, whatever is transposed") {
  for (int config = 0; config < kConfigs; ++config) {
    if (!device_is_here(gemm::configs()[config].tma ? 9 : 8)) continue;
    for (const int transposes : {0, 1, 2, 3}) {
      const Case c{.m = 263, .n = 134, .k = 77, .ta = transposes % 2 == 1, .tb = transposes / 2 == 1};
      // Slices of 32, 32 and 13, for which also what lies well is packed: along x then, not along k.
      for (const int slices : {1, 3}) {
        const bool pack = gemm::configs()[config].tma;
        INFO(gemm::configs()[config].name << ", transposes " << transposes << ", slices " << slices);
        CHECK(wrong(c, {.config = config,
                        .depth = slices == 1 ? c.k : 32,
                        .slices = slices,
                        .pack_a = pack && (!c.ta || slices > 1),
                        .pack_b = pack && (c.tb || slices > 1)}) == 0);
      }
    }
  }
}

TEST_CASE("operands off a 16-byte boundary do not reach the copy engine, nor quads") {
  if (!device_is_here(8)) SKIP_TEST("no GPU of compute capability 8.0 or later");
  for (int config = 0; config < kConfigs; ++config) {
    if (!device_is_here(gemm::configs()[config].tma ? 9 : 8)) continue;
    for (const int shifted : {0, 1, 2}) {
      INFO(gemm::configs()[config].name << ", operand " << shifted);
      CHECK(wrong({.m = 70,
                   .n = 65,
                   .k = 35,
                   .ta = true,
                   .tb = false,
                   .shift_a = shifted == 0,
                   .shift_b = shifted == 1,
                   .shift_c = shifted == 2},
                  {.config = config, .depth = 35}) == 0);
    }
  }
}

TEST_CASE("the plan fills an H200") {
  const auto plan = [](const gemm::Product& p) { return gemm::make_plan(p, kH200); };
  const auto name = [&](const gemm::Product& p) { return std::string(gemm::configs()[plan(p).config].name); };
  CHECK(name(sized(8192, 8192, 8192)) == "tma 256x128");
  CHECK(plan(sized(8192, 8192, 8192)).slices == 1);
  CHECK(plan(sized(8192, 8192, 8192)).pack_a);
  CHECK_FALSE(plan(sized(8192, 8192, 8192)).pack_b);
  CHECK(plan(sized(256, 256, 65536)).slices > 16);
  CHECK(plan(sized(256, 256, 65536)).depth % 16 == 0);
}

TEST_CASE("the plan keeps to what the copy engine and batches allow") {
  const auto tma = [](const gemm::Product& p, const gemm::Gpu& gpu) {
    return gemm::configs()[gemm::make_plan(p, gpu).config].tma;
  };
  CHECK(tma(sized(4096, 4096, 4096), kH200));
  CHECK_FALSE(tma(sized(4096, 4096, 4096),
                  {.sms = 108, .major = 8, .shared_bytes = 163 << 10, .name = "NVIDIA A100"}));
  for (const int kib : {48, 64, 99, 227}) {
    const gemm::Gpu gpu{.sms = 100, .major = 9, .shared_bytes = kib << 10, .name = "any"};
    CHECK(gemm::configs()[gemm::make_plan(sized(4096, 4096, 4096), gpu).config].shared_bytes <= kib << 10);
  }
  CHECK_FALSE(tma(sized(4096, 4096, 0), kH200));
  CHECK_FALSE(tma(sized(4096, 4096, 4096, 2), kH200));
  CHECK(gemm::make_plan(sized(64, 64, 8192, 2), kH200).slices == 1);
  CHECK(gemm::make_plan(sized(4096, 4096, 0), kH200).slices == 1);
}

TEST_CASE("slices cover k exactly") {
  for (const int k : {1, 15, 16, 17, 1000, 65536, 2147483647}) {
    const gemm::Plan plan = gemm::make_plan(sized(64, 64, k), kH200);
    CHECK(std::int64_t(plan.depth) * plan.slices >= k);
    CHECK(std::int64_t(plan.depth) * (plan.slices - 1) < k);
  }
}
