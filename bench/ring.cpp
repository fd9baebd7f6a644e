#include "bench/ring.hpp"

#include <algorithm>
#include <cstring>

#include "bench/device.hpp"

namespace bench {
namespace {

constexpr std::size_t kAlign = 256;  // cudaMalloc's

std::size_t copy_bytes(const std::vector<Operand>& operands) {
  std::size_t sum = 0;
  for (const Operand& o : operands) sum += (o.bytes() + kAlign - 1) / kAlign * kAlign;
  return std::max(sum, kAlign);
}

std::size_t copies_for(const Problem& problem, Where where, std::size_t bytes, std::size_t copies) {
  const std::size_t each = copy_bytes(problem.operands());
  const auto fit = static_cast<std::size_t>(available_memory(where) / 2) / each;
  const std::size_t wanted = std::max(copies, (bytes + each - 1) / each) | 1;
  return std::min(wanted, fit == 0 ? 1 : (fit - 1) | 1);  // the greatest odd number that fits
}

}  // namespace

Ring::Ring(const Problem& problem, Where where, std::size_t bytes, std::size_t copies)
    : where_(where),
      operands_(problem.operands()),
      stride_(copy_bytes(operands_)),
      memory_(where, stride_ * copies_for(problem, where, bytes, copies)) {
  std::size_t offset = 0;
  for (const Operand& o : operands_) {
    offsets_.push_back(offset);
    offset += (o.bytes() + kAlign - 1) / kAlign * kAlign;
  }
  for (std::size_t start = 0; start < memory_.bytes(); start += stride_) {
    auto& one = pointers_.emplace_back();
    for (const std::size_t o : offsets_) one.push_back(static_cast<std::byte*>(memory_.data()) + start + o);
  }
}

void Ring::fill(const HostData& inputs) {
  auto* const base = static_cast<std::byte*>(memory_.data());
  const auto copy = [&](void* to, const void* from, std::size_t n) {
    if (n == 0) return;
    if (where_ == Where::gpu)
      check(cudaMemcpy(to, from, n, cudaMemcpyDefault), "cudaMemcpy");
    else
      std::memcpy(to, from, n);
  };
  if (where_ == Where::gpu) check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  // make_inputs holds NaN bytes for the operands that are only written.
  for (std::size_t i = 0; i < operands_.size(); ++i)
    copy(base + offsets_[i], inputs[i].data(), inputs[i].size());
  for (std::size_t done = stride_; done < memory_.bytes();) {  // doubling: few copies, even of tiny operands
    const std::size_t n = std::min(done, memory_.bytes() - done);
    copy(base + done, base, n);
    done += n;
  }
  if (where_ == Where::gpu) check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}

HostData Ring::read(std::size_t copy, cudaStream_t stream) const {
  HostData data;
  const auto from = pointers(copy);
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    auto& bytes = data.emplace_back(operands_[i].bytes());
    if (bytes.empty()) continue;
    if (where_ == Where::gpu)
      check(cudaMemcpyAsync(bytes.data(), from[i], bytes.size(), cudaMemcpyDeviceToHost, stream),
            "cudaMemcpyAsync");
    else
      std::memcpy(bytes.data(), from[i], bytes.size());
  }
  if (where_ == Where::gpu) check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  return data;
}

}  // namespace bench
