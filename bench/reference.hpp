// What is right: a problem at one shape, its inputs, and the oracle's answers, shared by all the rungs held
// to them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "bench/registry.hpp"

namespace bench {

struct ReferenceOptions {
  Fill fill = Fill::uniform;
  std::uint64_t seed = 1;
  double oracle_budget = 4e9;  // FP64 operations; above it only some of the elements are compared one by one
};

class Reference {
 public:
  // `entry` may be any of the problem's. Throws BadInput for a shape that makes no sense. Nothing big is
  // allocated before the first use of inputs().
  Reference(const Entry& entry, const Shape& shape, const ReferenceOptions& options);

  const Problem& problem() const { return *problem_; }
  const ReferenceOptions& options() const { return options_; }
  const HostData& inputs() const;

  // The elements of an operand that are compared one by one: all of them, or a random one of each `stride`
  // neighbours, and the last.
  std::int64_t compared(std::size_t operand) const;
  std::int64_t element(std::size_t operand, std::int64_t i) const;        // the index of the i-th of them
  std::optional<Truth> truth(std::size_t operand, std::int64_t i) const;  // of the i-th of them
  bool samples() const { return stride_ > 1; }
  // Answers truth() from memory for an operand from here on, where that fits. Not to be called in parallel.
  void keep(std::size_t operand) const;

 private:
  std::unique_ptr<Problem> problem_;
  ReferenceOptions options_;
  std::vector<Operand> operands_;
  std::int64_t stride_;
  mutable HostData inputs_;
  mutable std::vector<std::vector<std::optional<Truth>>> kept_;
};

}  // namespace bench
