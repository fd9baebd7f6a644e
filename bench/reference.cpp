#include "bench/reference.hpp"

#include <algorithm>

#include "bench/buffers.hpp"

namespace bench {

Reference::Reference(const Entry& entry, const Shape& shape, const ReferenceOptions& options)
    : problem_(entry.make(shape)),
      options_(options),
      operands_(problem_->operands()),
      kept_(operands_.size()) {
  // Each output costs about flops / count. An odd stride meets every residue of the power-of-two tiles that
  // kernels are made of.
  const double cost = std::max(1.0, problem_->work().flops) / options.oracle_budget;
  stride_ = cost <= 1 ? 1 : static_cast<std::int64_t>(cost) * 2 + 1;
}

const HostData& Reference::inputs() const {
  if (inputs_.empty()) {
    inputs_ = make_inputs(*problem_, options_.fill, options_.seed);
    problem_->prepare(inputs_);
  }
  return inputs_;
}

std::int64_t Reference::compared(std::size_t operand) const {
  const std::int64_t count = operands_[operand].count;
  if (count == 0) return 0;
  const std::int64_t last = count - 1;
  return last / stride_ + 1 + (last % stride_ != 0);
}

std::int64_t Reference::element(std::size_t operand, std::int64_t i) const {
  return std::min(i * stride_, operands_[operand].count - 1);
}

std::optional<Truth> Reference::truth(std::size_t operand, std::int64_t i) const {
  return kept_[operand].empty() ? problem_->truth(operand, element(operand, i)) : kept_[operand][i];
}

void Reference::keep(std::size_t operand) const {
  inputs();
  const std::int64_t n = compared(operand);
  // An oracle with few operations an element is as fast as reading its answer.
  if (!kept_[operand].empty() || n > 1 << 22) return;
  std::vector<std::optional<Truth>> all(static_cast<std::size_t>(n));
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < n; ++i) all[i] = problem_->truth(operand, element(operand, i));
  kept_[operand] = std::move(all);
}

}  // namespace bench
