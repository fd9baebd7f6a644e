#include "bench/verify.hpp"
#include "chapters/01-first-kernel/problem.hpp"
#include "tests/catch.hpp"

using namespace bench;

namespace {

bool runs_here(const Entry& entry) {
  int count = 0;
  return entry.where == Where::cpu || (cudaGetDeviceCount(&count) == cudaSuccess && count > 0);
}

// Runs an entry on arrays that begin `offsets` floats after a 256-byte boundary, and judges the result.
Verdict run_at(const Entry& entry, const Shape& shape, std::pair<int, int> offsets) {
  const Reference reference(entry, shape, {});
  const HostData& inputs = reference.inputs();
  const std::size_t shift[] = {offsets.first * sizeof(float), offsets.second * sizeof(float)};
  std::vector<GuardedBuffer> buffers;
  std::vector<void*> pointers;
  for (std::size_t i = 0; i < 2; ++i) {
    std::vector<std::byte> shifted(shift[i], std::byte{0});
    shifted.insert(shifted.end(), inputs[i].begin(), inputs[i].end());
    buffers.emplace_back(entry.where, shifted.size());
    buffers.back().write(shifted);
    pointers.push_back(static_cast<std::byte*>(buffers.back().data()) + shift[i]);
  }
  entry.run(reference.problem(), pointers, {});
  if (entry.where == Where::gpu) check(cudaDeviceSynchronize(), "kernel");
  HostData got;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::vector<std::byte> all = buffers[i].read();
    got.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(shift[i]), all.end());
    CHECK(buffers[i].canaries_intact());
  }
  return compare(entry, reference, got);
}

}  // namespace

TEST_CASE("SAXPY and copy take arrays at any address a float may have") {
  int tried = 0;
  for (const Entry& entry : Registry::instance().entries()) {
    if ((entry.problem != "saxpy" && entry.problem != "copy") || !runs_here(entry)) continue;
    ++tried;
    for (const auto& offsets : {std::pair(1, 1), std::pair(1, 2), std::pair(0, 3), std::pair(4, 0)}) {
      INFO(entry.id() << " at +" << offsets.first << ", +" << offsets.second);
      const Verdict verdict = run_at(entry, Shape{{"n", 1027}}, offsets);
      INFO(verdict.message);
      CHECK(verdict.status == Status::pass);
    }
  }
  CHECK(tried >= 2);  // the CPU's run everywhere
}

TEST_CASE("a factor that no float holds is refused") {
  CHECK_THROWS_AS(Saxpy(Shape{{"n", 1}, {"a", 1e300}}.complete(Saxpy::dims())), BadInput);
}

TEST_CASE("a leading dimension shorter than its row is refused") {
  CHECK_THROWS_AS(Transpose(Shape{{"m", 4}, {"n", 5}, {"lda", 4}}.complete(Transpose::dims())), BadInput);
  CHECK_THROWS_AS(Transpose(Shape{{"m", 4}, {"n", 5}, {"ldb", 3}}.complete(Transpose::dims())), BadInput);
  CHECK_NOTHROW(Transpose(Shape{{"m", 4}, {"n", 5}, {"lda", 5}, {"ldb", 4}}.complete(Transpose::dims())));
}
