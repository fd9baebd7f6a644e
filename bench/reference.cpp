#include "bench/reference.hpp"

#include <algorithm>
#include <cmath>

#include "bench/buffers.hpp"
#include "bench/random.hpp"

namespace bench {

Reference::Reference(const Entry& entry, const Shape& shape, const ReferenceOptions& options)
    : problem_(entry.make(shape)),
      options_(options),
      operands_(problem_->operands()),
      kept_(operands_.size()) {
  stride_ = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(problem_->work().flops / options.oracle_budget)));
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
  return count == 0 ? 0 : (count - 1 + stride_ - 1) / stride_ + 1;
}

std::int64_t Reference::element(std::size_t operand, std::int64_t i) const {
  const std::int64_t first = i * stride_, last = operands_[operand].count - 1;
  if (first >= last) return last;
  // At random, because a stride may share a factor with a leading dimension or with a kernel's tiles, and
  // then never meet what they break.
  const std::uint64_t draw = mix(options_.seed ^ mix(static_cast<std::uint64_t>(i)));
  return first +
         static_cast<std::int64_t>(draw % static_cast<std::uint64_t>(std::min(stride_, last - first)));
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
