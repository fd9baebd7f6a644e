#include "bench/buffers.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "bench/device.hpp"
#include "bench/random.hpp"

namespace bench {
namespace {

constexpr std::size_t kGuard = 1024;  // a multiple of 256, so that data() keeps cudaMalloc's alignment
constexpr std::byte kCanary{0xA5};
constexpr std::byte kPoison{0xFF};

}  // namespace

void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // it is told now: the next launch's check must not find it and blame another rung
  throw DeviceError(std::string(call) + ": " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) +
                    ")");
}

GuardedBuffer::GuardedBuffer(Where where, std::size_t bytes)
    : where_(where), bytes_(bytes), guard_(memory_is_checked() && where == Where::gpu ? 0 : kGuard) {
  // A checker sees a byte outside an allocation, so there the allocation must end where the data does.
  const std::size_t all = std::max<std::size_t>(bytes + 2 * guard_, 1);
  if (where == Where::gpu) {
    void* p = nullptr;
    check(cudaMalloc(&p, all), "cudaMalloc");
    base_ = static_cast<std::byte*>(p);
  } else {
    base_ = static_cast<std::byte*>(::operator new (all, std::align_val_t{256}));
  }
  const std::vector<std::byte> canary(guard_, kCanary);
  copy(base_, canary.data(), guard_);
  copy(base_ + guard_ + bytes_, canary.data(), guard_);
  poison();
}

GuardedBuffer::~GuardedBuffer() {
  if (base_ == nullptr) return;
  if (where_ == Where::gpu)
    cudaFree(base_);
  else
    ::operator delete (base_, std::align_val_t{256});
}

GuardedBuffer::GuardedBuffer(GuardedBuffer&& other) noexcept
    : where_(other.where_),
      bytes_(other.bytes_),
      guard_(other.guard_),
      base_(std::exchange(other.base_, nullptr)) {}

void GuardedBuffer::copy(void* to, const void* from, std::size_t n) const {
  if (n == 0) return;
  if (where_ == Where::gpu)
    check(cudaMemcpy(to, from, n, cudaMemcpyDefault), "cudaMemcpy");
  else
    std::memcpy(to, from, n);
}

void GuardedBuffer::poison() {
  if (bytes_ == 0) return;
  if (where_ == Where::gpu)
    check(cudaMemset(data(), static_cast<int>(kPoison), bytes_), "cudaMemset");
  else
    std::memset(data(), static_cast<int>(kPoison), bytes_);
}

void GuardedBuffer::write(std::span<const std::byte> from) {
  copy(data(), from.data(), std::min(from.size(), bytes_));
}

std::vector<std::byte> GuardedBuffer::read() const {
  std::vector<std::byte> host(bytes_);
  copy(host.data(), data(), bytes_);
  return host;
}

bool GuardedBuffer::canaries_intact() const {
  std::vector<std::byte> guard(2 * guard_);
  copy(guard.data(), base_, guard_);
  copy(guard.data() + guard_, base_ + guard_ + bytes_, guard_);
  return std::ranges::all_of(guard, [](std::byte b) { return b == kCanary; });
}

Operands::Operands(const Problem& problem, Where where, const HostData& inputs)
    : operands_(problem.operands()) {
  for (const Operand& o : operands_) {
    buffers_.emplace_back(where, o.bytes());
    pointers_.push_back(buffers_.back().data());
  }
  for (std::size_t i = 0; i < operands_.size(); ++i)
    if (operands_[i].access != Access::out) buffers_[i].write(inputs[i]);
}

void Operands::reset(const HostData& inputs) {
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    if (operands_[i].access == Access::out) buffers_[i].poison();
    if (operands_[i].access == Access::inout) buffers_[i].write(inputs[i]);
  }
}

HostData make_inputs(const Problem& problem, Fill fill, std::uint64_t seed) {
  HostData data;
  const auto operands = problem.operands();
  // 17 integers at most: enough to catch any mix-up of elements, and exact in every type here.
  const double largest = std::clamp(std::floor(problem.largest_integer()), 1.0, 8.0);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const Operand& o = operands[i];
    auto& bytes = data.emplace_back(o.bytes(), kPoison);
    if (o.access == Access::out) continue;
    const std::uint64_t stream = mix(seed ^ mix(i + 1));
#pragma omp parallel for if (o.count > 100000)
    for (std::int64_t j = 0; j < o.count; ++j) {
      const double u = static_cast<double>(mix(stream + static_cast<std::uint64_t>(j)) >> 11) * 0x1p-53;
      store(o.type, bytes.data(), j,
            fill == Fill::uniform ? 2 * u - 1 : std::floor(u * (2 * largest + 1)) - largest);
    }
  }
  problem.adjust(data);
  return data;
}

}  // namespace bench
